from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from runtiles.contract.errors import InvalidRequest, NotFound, ServiceUnavailable
from runtiles.store import Store

CANARY = "canary-3f9c1b"


def test_a_secret_comes_back_to_its_owner_only(store: Store) -> None:
    store.secrets.put("ann", "git", CANARY)
    assert store.secrets.get("ann", "git") == CANARY
    with pytest.raises(NotFound):
        store.secrets.get("bob", "git")
    with pytest.raises(NotFound):
        store.secrets.get("ann", "git", kind="team")


def test_resolve_replaces_references_and_nothing_else(store: Store) -> None:
    store.secrets.put("ann", "git", CANARY)
    assert store.secrets.resolve("ann", "secret:git") == CANARY
    assert store.secrets.resolve("ann", "plain") == "plain"
    assert store.secrets.resolve("ann", "") == ""
    with pytest.raises(NotFound, match="'other'"):
        store.secrets.resolve("ann", "secret:other")


def test_a_persons_own_wins_over_the_teams_and_teams_go_by_name(store: Store) -> None:
    resolve = store.secrets.resolve
    store.secrets.put("zoo", "git", "of zoo", kind="team")
    store.secrets.put("bees", "git", "of bees", kind="team")
    store.secrets.put("ants", "git", "of ants", kind="team")
    teams = ("zoo", "bees", "nobody")
    assert resolve("ann", "secret:git", teams=teams) == "of bees"
    assert resolve("ann", "secret:git", teams=reversed(teams)) == "of bees"
    store.secrets.put("ann", "git", "mine")
    assert resolve("ann", "secret:git", teams=teams) == "mine"
    store.secrets.put("ann", "empty", "")
    store.secrets.put("bees", "empty", "theirs", kind="team")
    assert resolve("ann", "secret:empty", teams=teams) == ""
    with pytest.raises(NotFound, match=r"'other', neither yours nor of bees, zoo\."):
        resolve("ann", "secret:other", teams=("zoo", "bees"))


def test_a_team_is_no_user_of_the_same_name(store: Store) -> None:
    store.secrets.put("ann", "git", CANARY, kind="team")
    with pytest.raises(NotFound):
        store.secrets.resolve("ann", "secret:git")
    assert store.secrets.list("ann") == []


def test_what_may_be_used_is_listed_with_its_owner(store: Store) -> None:
    store.secrets.put("bees", "b", "x", kind="team")
    store.secrets.put("ants", "a", "x", kind="team")
    store.secrets.put("ann", "z", "x")
    found = store.secrets.usable("ann", ["bees"])
    assert [(i.kind, i.owner, i.name) for i in found] == [
        ("user", "ann", "z"),
        ("team", "bees", "b"),
    ]
    assert store.secrets.available("ann", ["ants"]) == {"z", "a"}
    assert [i.owner for i in store.secrets.all()] == ["ann", "ants", "bees"]


def test_a_secret_can_be_replaced_listed_and_deleted(store: Store) -> None:
    store.secrets.put("ann", "b", "one")
    store.secrets.put("ann", "b", "two")
    store.secrets.put("ann", "a", "x")
    store.secrets.put("bob", "c", "x")
    assert store.secrets.get("ann", "b") == "two"
    first, second = store.secrets.list("ann")
    assert (first.name, second.name) == ("a", "b")
    assert second.updated >= second.created
    store.secrets.delete("ann", "b")
    assert [info.name for info in store.secrets.list("ann")] == ["a"]
    with pytest.raises(NotFound):
        store.secrets.delete("ann", "b")


def test_no_value_is_on_disk_or_in_a_repr(store: Store, tmp_path: Path) -> None:
    store.secrets.put("ann", "git", CANARY)
    assert CANARY not in repr(store.secrets.list("ann")) + repr(store.secrets) + repr(store)
    store.close()
    written = [path.read_bytes() for path in tmp_path.iterdir()]
    assert written
    assert not any(CANARY.encode() in content for content in written)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x\n", "é", "a" * 129])
def test_a_bad_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidRequest, match="name"):
        store.secrets.put("ann", name, "x")


def test_a_huge_value_is_refused_without_repeating_it(store: Store) -> None:
    with pytest.raises(InvalidRequest) as caught:
        store.secrets.put("ann", "x", "é" * 40_000)
    assert "é" not in str(caught.value)


def test_without_a_key_secrets_are_unavailable_and_the_rest_works(url: str) -> None:
    store = Store(url)
    with pytest.raises(ServiceUnavailable):
        store.secrets.put("ann", "x", "y")
    store.facts.publish("a", [1])
    store.close()


def test_a_foreign_key_is_explained(url: str) -> None:
    store = Store(url, Fernet.generate_key())
    store.secrets.put("ann", "x", CANARY)
    store.close()
    other = Store(url, Fernet.generate_key())
    with pytest.raises(ServiceUnavailable, match="not in the key file"):
        other.secrets.get("ann", "x")
    other.close()
