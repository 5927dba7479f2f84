"""The feed of a real service: what a page is told, and what it is never told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

Event = tuple[str, Any]


def events(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@contextmanager
def listening(api: httpx.Client, **query: str) -> Iterator[Iterator[Event]]:
    with api.stream("GET", "/events", params=query) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield events(answer.iter_lines())


def until(feed: Iterator[Event], kind: str, **wanted: Any) -> Any:
    """The data of the first event of this name that has these values; fails at the client's timeout."""
    for event, data in feed:
        if event == kind and all(data.get(key) == value for key, value in wanted.items()):
            return data
    raise AssertionError("the feed has ended")


def test_first_the_list_then_each_change_until_it_is_gone(ann: Person) -> None:
    ann.launch(tile="quick", name="first")
    ann.wait_for("first", "running")
    with listening(ann.api) as feed:
        name, rows = next(feed)
        assert (name, [row["name"] for row in rows]) == ("runtimes", ["first"])
        assert next(feed) == ("notices", [])
        ann.launch(tile="gated", name="second")
        moving = until(feed, "runtime", name="second", phase="pulling")
        assert moving["progress"]["percent"] == 50.0
        assert (moving["state"], moving["actions"]) == ("starting", ["delete", "stop"])
        ann.open_gate()
        running = until(feed, "runtime", name="second", state="running")
        assert running["since"] == running["started_at"]
        ann.api.post("/runtimes/second/stop")
        stopped = until(feed, "runtime", name="second", state="stopped")
        assert stopped["since"]
        assert stopped["actions"] == ["delete", "start"]
        ann.api.patch("/runtimes/second", json={"title": "Mine"})
        until(feed, "runtime", name="second", title="Mine")
        ann.api.delete("/runtimes/second")
        assert until(feed, "gone") == {"user": ann.name, "name": "second"}


def test_what_the_hub_does_by_itself_is_seen_too(ann: Person, service: ServiceHub) -> None:
    with listening(ann.api) as feed:
        assert next(feed) == ("runtimes", [])
        service.hub.api("POST", f"/users/{ann.name}/server", {"user_options": {"tile": "quick"}})
        until(feed, "runtime", name="default", state="running")
        service.hub.api("DELETE", f"/users/{ann.name}/server")
        until(feed, "runtime", name="default", state="stopped")


def test_a_failed_launch_arrives_with_its_reason(ann: Person) -> None:
    with listening(ann.api) as feed:
        ann.launch(tile="broken", name="b")
        failed = until(feed, "runtime", name="b", state="failed")
        assert failed["last_error"]["code"] == "image_not_found"


def test_nobody_is_told_of_anybody_elses(ann: Person, bob: Person) -> None:
    with listening(ann.api) as feed:
        bob.launch(tile="quick", name="his")
        bob.wait_for("his", "running")
        ann.launch(tile="quick", name="hers")
        seen = []
        for name, data in feed:
            seen.append((name, data))
            if name == "runtime" and data["state"] == "running":
                break
        assert "his" not in json.dumps(seen)
        assert bob.name not in json.dumps(seen)


@pytest.mark.parametrize("query", [{"user": "somebody"}, {"all": "1"}])
def test_a_stranger_may_not_listen(ann: Person, query: dict[str, str]) -> None:
    answer = ann.api.get("/events", params=query)
    assert answer.status_code in (403, 404)
    assert "error" in answer.json()


def test_a_token_that_may_not_read_servers_may_not_listen(ann: Person) -> None:
    with ann.limited("access:services!service=runtiles") as api:
        assert api.get("/events").status_code == 403


def test_an_admin_follows_one_user_or_everybody(ann: Person, bob: Person, admin: Person) -> None:
    with listening(admin.api, user=ann.name) as hers, listening(admin.api, all="1") as all_of_them:
        bob.launch(tile="quick", name="his")
        until(all_of_them, "runtime", user=bob.name, state="running")
        ann.launch(tile="quick", name="mine")
        assert until(hers, "runtime")["user"] == ann.name
        until(all_of_them, "runtime", user=ann.name, state="running")
        ann.api.delete("/runtimes/mine")
        assert until(all_of_them, "gone") == {"user": ann.name, "name": "mine"}


def test_many_pages_of_one_person_are_told_the_same(ann: Person, service: ServiceHub) -> None:
    with (
        listening(ann.api) as one,
        listening(ann.api) as two,
        service.client(service.hub.user(ann.name)) as elsewhere,
        listening(elsewhere) as three,
    ):
        ann.launch(tile="quick", name="x")
        for feed in (one, two, three):
            until(feed, "runtime", name="x", state="running")


def test_who_does_not_read_holds_up_nobody(ann: Person) -> None:
    with ann.api.stream("GET", "/events") as slow, listening(ann.api) as feed:
        assert slow.status_code == 200
        for title in map(str, range(20)):
            if title == "0":
                ann.launch(tile="quick", name="x")
                until(feed, "runtime", name="x", state="running")
            ann.api.patch("/runtimes/x", json={"title": title})
            until(feed, "runtime", title=title)


def test_a_notice_arrives_and_goes_when_it_is_dismissed(
    ann: Person, bob: Person, service: ServiceHub
) -> None:
    with listening(ann.api) as feed:
        assert [next(feed)[0], next(feed)] == ["runtimes", ("notices", [])]
        service.store.notices.send([ann.name, bob.name], "Going down at <b>5</b>", author="root")
        name, (notice,) = next(feed)
        assert (name, notice["text"], notice["author"]) == (
            "notices",
            "Going down at <b>5</b>",
            "root",
        )
        assert ann.api.get("/notices").json() == [notice]
        assert bob.api.delete(f"/notices/{notice['id']}").status_code == 404
        assert ann.api.delete(f"/notices/{notice['id']}").status_code == 204
        assert next(feed) == ("notices", [])
    assert len(bob.api.get("/notices").json()) == 1
    for wrong in ("x", "0", "-1", "9" * 30):
        assert ann.api.delete(f"/notices/{wrong}").status_code == 404


def test_after_a_revoked_token_the_feed_ends(ann: Person, service: ServiceHub) -> None:
    token = service.hub.api("POST", f"/users/{ann.name}/tokens", {}).json()
    with service.client(token["token"]) as api, listening(api) as feed:
        next(feed)
        service.hub.api("DELETE", f"/users/{ann.name}/tokens/{token['id']}")
        ann.launch(tile="quick", name="x")
        assert all(name != "runtime" for name, _ in feed)


def test_a_hub_that_is_gone_leaves_the_list_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The service outlives its Hub by a moment only: a restart of both is what a page sees."""
    with (
        running_service(tmp_path_factory.mktemp("restart")) as service,
        person(service, "ann") as ann,
    ):
        ann.launch(tile="quick", name="x")
        ann.wait_for("x", "running")
        with listening(ann.api) as feed:
            next(feed)
            service.hub.restart()
            with pytest.raises((httpx.TransportError, AssertionError)):
                until(feed, "never")
        service.hub.wait_for("/services/runtiles/api")
        with listening(ann.api) as feed:
            name, rows = next(feed)
            assert (name, [row["name"] for row in rows]) == ("runtimes", ["x"])
