"""Between the snapshot and the end of the runtime: a Hub that is away, slow or refuses, a runtime that is
silent or goes on. Hub and runtime answer over real HTTP what a test tells them to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from runtiles.policy import SitePolicy
from runtiles.service.hub import Hub
from runtiles.service.runtimes.freezing import Freezer
from runtiles.service.runtimes.gateway import Gateway
from runtiles.service.runtimes.pausing.worker import PauseWorker
from runtiles.service.snapshots.files import SnapshotFiles
from runtiles.service.snapshots.tidy import Tidy
from runtiles.store import KeyFile, LaunchRecord, PauseRecord, Store

RELEASED = {"code": "released", "message": "It was interrupted.", "details": {}}


@dataclass
class Site:
    """`hub` and `runtime` are the status codes that these answer with; `stop` the Hub's to a stop."""

    store: Store
    worker: PauseWorker
    hub: int = 200
    runtime: int = 200
    stop: int = 204
    server: dict[str, Any] = field(default_factory=lambda: {"ready": True, "pending": None})
    state: str = "saved"
    stops: int = 0
    released: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    on_stop: Callable[[], None] = lambda: None

    def status(self) -> dict[str, Any]:
        error = RELEASED if self.state == "released" else None
        found = {"state": self.state, "snapshot": "s1", "error": error}
        return {**found, "result": {"bytes": 1, "kernels": []}}

    def stopped(self) -> None:
        self.store.launches.finish("l1", "stopped")
        self.server = {"stopped": True}

    @property
    def launch(self) -> LaunchRecord:
        return self.store.launches.get("l1")

    @property
    def pause(self) -> PauseRecord | None:
        return self.store.pauses.of_runtime("ada", "lab")

    async def pauses(self) -> None:
        await self.begins()
        await self.ends()

    async def begins(self) -> None:
        await self.worker.take_up("ada", "lab")

    async def ends(self) -> None:
        await asyncio.wait_for(asyncio.gather(*self.worker._tasks.values()), 60)

    async def until(self, true: Callable[[], bool]) -> None:
        async def look() -> None:
            while not true():  # noqa: ASYNC110 - it is any condition
                await asyncio.sleep(0.01)

        await asyncio.wait_for(look(), 60)

    def failed_with(self, text: str) -> None:
        """The runtime goes on, is no paused one, and everybody is told why."""
        assert self.pause is not None
        assert self.pause.error is not None
        assert text in self.pause.error["message"]
        assert self.launch.snapshot == ""
        assert self.released == ["1"], "the snapshot stays in the list, and on the storage"
        assert [one.id for one in self.store.snapshots.of_user("ada")] == ["s1"]

    def is_paused(self) -> None:
        assert self.pause is None
        assert (self.launch.snapshot, self.launch.state) == ("s1", "stopped")


class _Answer(RequestHandler):
    def initialize(self, site: Site) -> None:
        self.site = site

    def say(self, status: int, found: Any = None) -> None:
        self.set_status(status)
        if status != 204:
            self.finish(json.dumps(found if status < 300 else {"message": "No."}))


class _User(_Answer):
    def get(self) -> None:
        self.say(self.site.hub, {"name": "ada", "servers": {"lab": self.site.server}})


class _Server(_Answer):
    def delete(self) -> None:
        self.site.stops += 1
        if self.site.stop < 300:
            self.site.on_stop()
        self.say(self.site.stop, {})


class _Pause(_Answer):
    def get(self) -> None:
        self.site.asked.set()
        self.say(self.site.runtime, self.site.status())

    def delete(self) -> None:
        self.site.released.append(self.get_argument("keep"))
        self.say(200, {})


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite", KeyFile(tmp_path / "key"))
    socket, port = bind_unused_port()
    here = f"http://127.0.0.1:{port}"
    gateway, hub = Gateway(store), Hub(here)
    nobody = cast(Any, None)
    files = SnapshotFiles.of(None, gateway, store)
    worker = PauseWorker(
        store,
        gateway,
        hub,
        Freezer(store, nobody, None),
        Tidy(store, files, SitePolicy()),
        "token",
        interval=0.01,
        silent=20.0,
    )
    found = Site(store, worker)
    found.on_stop = found.stopped
    routes = [
        (r"/users/ada", _User, {"site": found}),
        (r"/users/ada/servers/lab", _Server, {"site": found}),
        (r"/runtiles/api/pause", _Pause, {"site": found}),
    ]
    server = HTTPServer(Application(cast(Any, routes)))
    server.add_socket(socket)
    store.launches.record("ada", "lab", "l1", options={}, spec={})
    store.launches.update("l1", address=here, state="running", started_at=1.0)
    assert store.pauses.begin("ada", "lab", "l1", "s1", "ada")
    yield found
    await worker.close()
    hub.close()
    gateway.close()
    server.stop()
    await server.close_all_connections()
    store.close()


async def test_all_is_well(site: Site) -> None:
    await site.pauses()
    site.is_paused()
    assert site.stops == 1


async def test_kernels_that_go_on_while_the_hub_is_away_are_not_stopped(site: Site) -> None:
    site.stop = 503
    await site.begins()
    await site.until(lambda: site.stops > 0)
    site.state, site.stop = "released", 204
    stops = site.stops
    await site.ends()
    site.failed_with("interrupted")
    # One may have been on its way; the Hub's answer to it was that it is away.
    assert site.stops <= stops + 1
    assert site.launch.ended_at is None


async def test_a_hub_that_does_not_answer_at_all_is_waited_for(site: Site) -> None:
    site.hub = 503
    site.worker.patience = 0.0
    await site.begins()
    await site.until(lambda: site.launch.snapshot == "s1")
    site.hub = 200
    await site.ends()
    site.is_paused()


async def test_a_silent_runtime_is_asked_again_before_it_is_stopped(site: Site) -> None:
    site.store.launches.update("l1", snapshot="s1")
    site.runtime = 503
    await site.begins()
    await asyncio.wait_for(site.asked.wait(), 60)
    assert site.stops == 0
    site.runtime = 200
    await site.ends()
    site.is_paused()


async def test_one_that_stays_silent_goes_on(site: Site) -> None:
    site.on_stop = lambda: None
    await site.begins()
    await site.until(lambda: site.stops > 0)
    site.worker.silent, site.runtime = 0.0, 503
    await site.ends()
    site.failed_with("does not tell")


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_hub_that_refuses_is_told_of(site: Site, status: int) -> None:
    site.stop = status
    await site.pauses()
    site.failed_with("the Hub does not stop the runtime")
    assert site.launch.ended_at is None


async def test_a_hub_that_takes_long_is_waited_for(site: Site) -> None:
    def begin() -> None:
        site.server = {"ready": True, "pending": "stop"}

    site.on_stop = begin
    await site.begins()
    await site.until(lambda: site.server["pending"] == "stop")
    # Its kernels are being ended: nobody answers, or tells that they were let go.
    site.runtime, site.worker.patience, site.worker.silent = 503, 0.0, 0.0
    assert site.pause is not None
    assert site.pause.active
    site.stopped()
    await site.ends()
    site.is_paused()


async def test_what_ends_by_itself_after_its_save_is_paused(site: Site) -> None:
    site.stop = 503
    await site.begins()
    await site.until(lambda: site.stops > 0)
    site.runtime = 503
    site.stopped()
    await site.ends()
    site.is_paused()
