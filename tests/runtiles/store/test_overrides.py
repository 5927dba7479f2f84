from typing import Any

from runtiles.store import Store
from runtiles.store.overrides import Kind


def test_several_edits_are_made_at_once(store: Store) -> None:
    store.overrides.put("machine", "a", {"default": True}, author="ann")
    before = store.overrides.stamp()
    edits: dict[tuple[Kind, str], dict[str, Any]] = {
        ("machine", "a"): {},
        ("machine", "b"): {"default": True},
    }
    store.overrides.replace(edits, author="bob")
    (only,) = store.overrides.all()
    assert (only.slug, only.data, only.author) == ("b", {"default": True}, "bob")
    assert store.overrides.stamp() != before


def test_an_override_is_replaced_and_removed(store: Store) -> None:
    store.overrides.put("tile", "a", {"title": "A"}, author="ann")
    store.overrides.put("tile", "a", {"icon": "gpu"}, author="ann")
    assert [override.data for override in store.overrides.all()] == [{"icon": "gpu"}]
    assert store.overrides.delete("tile", "a")
    assert not store.overrides.delete("tile", "a")
    assert store.overrides.stamp() == (0, 0.0)
