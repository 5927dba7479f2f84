"""Who has gone for good, and who only looks so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runtiles.catalogue import LiveCatalogue
from runtiles.contract.errors import NotFound, RuntilesError, ServiceUnavailable
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.errors import HubRefused
from runtiles.service.hub import Hub
from runtiles.service.idle import leavers as module
from runtiles.service.idle.leavers import Leavers, leavers, removable
from runtiles.service.runtimes.directory import Directory
from runtiles.service.runtimes.manager import RuntimeManager
from runtiles.service.runtimes.records import Records
from runtiles.store import LaunchRecord, SnapshotRecord, Store

NOW = 1_800_000_000.0
DAY = 86400.0


def user(**changes: Any) -> dict[str, Any]:
    """Gone a hundred days before."""
    there = {"name": "ann", "admin": False, "server": None, "servers": {}, "pending": None}
    return {**there, "last_activity": "2026-10-07T08:00:00Z", **changes}


@pytest.mark.parametrize(
    ("changes", "admins", "gone"),
    [
        ({}, False, True),
        ({"last_activity": "2027-01-10T08:00:00Z"}, False, False),
        ({"last_activity": None, "created": "2026-01-01T00:00:00+00:00"}, False, True),
        ({"last_activity": None}, False, False),
        ({"servers": {"lab": {}}}, False, False),
        ({"server": "/user/ann/"}, False, False),
        ({"pending": "spawn"}, False, False),
        ({"admin": True}, False, False),
        ({"admin": True}, True, True),
        ({"admin": None}, False, False),
    ],
)
def test_users(changes: dict[str, Any], admins: bool, gone: bool) -> None:
    found, _ = leavers([user(**changes)], 30 * DAY, NOW, admins=admins)
    assert found == (["ann"] if gone else [])


def test_when_to_look_again() -> None:
    nobody, soonest = leavers([], 30 * DAY, NOW, admins=False)
    assert (nobody, soonest) == ([], NOW + 30 * DAY)
    recent = user(last_activity="2027-01-10T08:00:00Z")
    _, soonest = leavers([recent, user()], 30 * DAY, NOW, admins=False)
    assert soonest == NOW + 25 * DAY


@pytest.mark.parametrize(
    ("changes", "removed"),
    [
        ({"ended_at": NOW - 8 * DAY}, True),
        ({"ended_at": NOW - 6 * DAY}, False),
        ({"ended_at": None}, False),
        ({"ended_at": NOW - 8 * DAY, "snapshot": "s1"}, False),
        ({"ended_at": NOW - 8 * DAY, "server": ""}, False),
    ],
)
def test_named_runtimes(changes: dict[str, Any], removed: bool) -> None:
    there = {"id": "l1", "user": "ann", "server": "lab", "created": NOW - 99 * DAY}
    launch = LaunchRecord(**{**there, **changes})
    assert removable([launch], 7 * DAY, NOW) == ([launch] if removed else [])


class PretendHub(Hub):
    """Its users are in memory. `on` is called before it does what it is asked; it may refuse."""

    def __init__(self) -> None:
        super().__init__("http://hub.invalid")
        self.there: dict[str, dict[str, Any]] = {}
        self.on: Callable[[str, str], None] = lambda _method, _path: None

    def add(self, name: str, **servers: dict[str, Any]) -> None:
        self.there[name] = user(name=name, servers=servers)

    async def _call(
        self,
        token: str,  # noqa: ARG002
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        self.on(method, path)
        if path.startswith("/users?"):
            return [] if "offset=0" not in path else [*map(self._active, self.there)]
        name, *rest = path.partition("?")[0].removeprefix("/users/").split("/")
        if name not in self.there:
            raise NotFound("No such user.")
        if method == "GET":
            stopped = "include_stopped_servers" in path
            return dict(self.there[name]) if stopped else self._active(name)
        if rest:
            del self.there[name]["servers"][rest[-1]]
        else:
            del self.there[name]
        return None

    def _active(self, name: str) -> dict[str, Any]:
        servers = self.there[name]["servers"].items()
        running = {server: model for server, model in servers if not model.get("stopped")}
        return {**self.there[name], "servers": running}


STOPPED = {"stopped": True, "pending": None, "user_options": {"tile": "py"}}


class World:
    def __init__(self, folder: Path) -> None:
        self.store, self.hub = Store(f"sqlite:///{folder}/s.sqlite"), PretendHub()
        directory = Directory(self.hub, self.store.changes)
        catalogue = LiveCatalogue()
        self.runtimes = RuntimeManager(
            self.hub, self.store, catalogue, directory, Records(self.store)
        )

    def leavers(self, **policy: Any) -> Leavers:
        terms = SitePolicy(remove_named_servers=DAY, cull_users=True, **policy)
        scopes = frozenset({"list:users", "read:servers", "delete:servers"})
        caller = Caller("runtiles", "service", scopes, "t0ken")
        return Leavers(self.store, self.runtimes, terms, caller)

    def ended(self, server: str, at: float = NOW - 2 * DAY) -> None:
        self.store.launches.record("ann", server, f"{server}1", options={}, spec={})
        self.store.launches.update(f"{server}1", state="stopped", ended_at=at)

    def audited(self) -> list[tuple[str, str]]:
        return [(entry.action, entry.target) for entry in self.store.audit.page()[1]]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    found = World(tmp_path)
    yield found
    found.hub.close()
    found.store.close()


def launches(world: World) -> set[str]:
    return {launch.server for launch in world.store.launches.runtimes("ann")}


@pytest.mark.parametrize("seen_by", ["store", "hub"])
async def test_what_was_started_meanwhile_is_left_running(world: World, seen_by: str) -> None:
    """While `a` is removed its owner starts `b`, which had ended as long ago when the list was read."""
    world.ended("b")
    world.ended("a")
    world.hub.add("ann", a=STOPPED, b=STOPPED)

    def starts(method: str, _path: str) -> None:
        if method != "DELETE":
            return
        if seen_by == "store":
            world.store.launches.record("ann", "b", "b2", options={}, spec={})
        else:
            world.hub.there["ann"]["servers"]["b"] = {**STOPPED, "pending": "spawn"}

    world.hub.on = starts
    await world.leavers().servers(DAY, NOW)
    assert launches(world) == {"b"}
    assert set(world.hub.there["ann"]["servers"]) == {"b"}
    assert world.audited() == [("idle.remove", "runtime:ann/a")]


async def test_nobody_starts_it_between_the_last_look_and_its_end(world: World) -> None:
    """Whoever wants to waits for their turn, and finds it gone."""
    world.ended("a")
    world.hub.add("ann", a=STOPPED)
    turns: list[bool] = []
    world.hub.on = lambda method, _: turns.append(
        method != "DELETE" or world.runtimes.turns.of("ann").locked()
    )
    await world.leavers().servers(DAY, NOW)
    assert all(turns)
    assert launches(world) == set()


@pytest.mark.parametrize("error", [HubRefused("No."), ServiceUnavailable("Later.")], ids=type)
async def test_one_that_cannot_be_removed_keeps_no_other(
    world: World, error: RuntilesError
) -> None:
    for name in ("ann", "bob", "eve"):
        world.hub.add(name)

    def refuses(method: str, path: str) -> None:
        if (method, path) == ("DELETE", "/users/ann"):
            raise error

    world.hub.on = refuses
    parts = world.leavers()
    assert await parts.users(NOW) == NOW + 3600.0
    await parts.users(NOW)
    assert set(world.hub.there) == {"ann"}
    # Once, however often it is tried.
    assert world.audited().count(("idle.remove_user", "user:ann")) == 1
    world.hub.on = lambda _method, _path: None
    await parts.users(NOW)
    world.hub.add("ann")
    await parts.users(NOW)
    assert world.audited().count(("idle.remove_user", "user:ann")) == 2


@pytest.mark.parametrize("what", ["paused", "back", "started"])
async def test_who_has_not_gone_after_all(world: World, what: str) -> None:
    world.hub.add("ann")
    if what == "paused":
        world.store.snapshots.add(SnapshotRecord("s1", "ann", "lab", NOW, 1), {})

    def comes_back(_method: str, path: str) -> None:
        if path == "/users/ann" and what == "back":
            world.hub.there["ann"]["last_activity"] = "2999-01-01T00:00:00Z"
        if path == "/users/ann" and what == "started":
            world.hub.there["ann"]["servers"]["lab"] = {"ready": True, "stopped": False}

    world.hub.on = comes_back
    await world.leavers().users(NOW)
    assert set(world.hub.there) == {"ann"}
    assert world.audited() == []


async def test_a_dry_run_is_written_down_once(world: World) -> None:
    world.ended("a")
    world.hub.add("ann", a=STOPPED)
    world.hub.add("bob")
    parts = world.leavers(idle_dry_run=True)
    for _ in range(2):
        await parts.servers(DAY, NOW)
        await parts.users(NOW)
    assert set(world.hub.there) == {"ann", "bob"}
    done = [("idle.remove_user", "user:bob"), ("idle.remove", "runtime:ann/a")]
    assert [one for one in world.audited() if one[1] != "user:ann"] == done
    assert launches(world) == {"a"}


async def test_a_database_that_is_away_for_a_moment_ends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AWAY_S", 0.01)
    world.ended("a", DAY)
    world.hub.add("ann", a=STOPPED)
    real, failures = world.store.launches.runtimes, [ServiceUnavailable("Busy.")] * 2

    def fails_first(*args: Any) -> list[LaunchRecord]:
        if failures:
            raise failures.pop()
        return real(*args)

    monkeypatch.setattr(world.store.launches, "runtimes", fails_first)
    gone = asyncio.Event()
    world.hub.on = lambda method, _: gone.set() if method == "DELETE" else None
    _, servers = world.leavers().parts
    task = asyncio.ensure_future(servers())
    try:
        await asyncio.wait_for(gone.wait(), 60)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert failures == []
