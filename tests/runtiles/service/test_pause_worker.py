"""A pause when the Hub, the runtime or the service itself does what none of them should."""

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

from runtiles.contract.protocol import SERVICE_NAME
from runtiles.contract.state import SNAPSHOTS_DIR
from runtiles.engines.base import ContainerFile, Storage
from runtiles.engines.container_files import archive
from runtiles.engines.memory import MemoryEngine
from runtiles.engines.storage_program import signed
from runtiles.policy import SitePolicy
from runtiles.service.hub import Hub
from runtiles.service.runtimes.freezing import Freezer
from runtiles.service.runtimes.gateway import Gateway
from runtiles.service.runtimes.pausing.decide import WouldLose
from runtiles.service.runtimes.pausing.pauser import Pauser
from runtiles.service.runtimes.pausing.request import PauseRequest
from runtiles.service.runtimes.pausing.worker import PauseWorker
from runtiles.service.snapshots import rescue
from runtiles.service.snapshots.files import SnapshotFiles
from runtiles.service.snapshots.tidy import Tidy
from runtiles.store import KeyFile, SnapshotRecord, Store
from tests.runtiles.service.runtime import KERNEL, ScriptedRuntime

POLICY = SitePolicy(keep_snapshots=1)
Change = Callable[[dict[str, Any]], Any]
STORAGE = {"image": "i1", "source": "of-ann"}


class HubAnswers(RequestHandler):
    """Of the user ann with one server."""

    def initialize(self, scene: "Scene") -> None:
        self.scene = scene

    def get(self, _path: str) -> None:
        server = {"name": "", "ready": True, "stopped": self.scene.stopped}
        self.finish(json.dumps({"name": "ann", "servers": {"": server}}))

    async def delete(self, _path: str) -> None:
        status = self.scene.refusals.pop(0) if self.scene.refusals else 204
        self.set_status(status)
        if status != 204:
            self.finish(json.dumps({"message": "Not today."}))
            return
        self.scene.stopped = True
        await asyncio.to_thread(self.scene.store.launches.finish, "l1", "stopped")


@dataclass
class Scene:
    """A worker with a real store, and over HTTP a Hub and a runtime that follow a script."""

    folder: Path
    store: Store
    runtime: ScriptedRuntime
    refusals: list[int] = field(default_factory=list)
    stopped: bool = False
    servers: list[HTTPServer] = field(default_factory=list)
    closing: list[Any] = field(default_factory=list)
    hub_url: str = ""
    engine: MemoryEngine = field(default_factory=MemoryEngine)

    def serve(self, routes: list[Any]) -> str:
        socket, port = bind_unused_port()
        server = HTTPServer(Application(routes))
        server.add_socket(socket)
        self.servers.append(server)
        return f"http://127.0.0.1:{port}"

    async def open(self) -> None:
        self.hub_url = self.serve([(r"(.*)", HubAnswers, {"scene": self})])
        address = self.serve(self.runtime.routes()) + "/user/ann/"
        self.store.launches.record("ann", "", "l1", options={"tile": "quick"}, spec={})
        self.store.launches.update("l1", address=address, state="running", started_at=1.0)
        self.store.launches.update("l1", storage=STORAGE)

    def worker(self) -> PauseWorker:
        gateway, hub = Gateway(self.store), Hub(self.hub_url)
        self.closing += [gateway, hub]
        tidy = Tidy(self.store, SnapshotFiles.of(self.engine, gateway, self.store), POLICY)
        freezer = Freezer(self.store, cast(Any, None), None)
        return PauseWorker(self.store, gateway, hub, freezer, tidy, "t", interval=0.01, silent=1.0)

    async def begin(self, worker: PauseWorker, actor: str = "ann", **asked: Any) -> None:
        assert self.store.pauses.begin("ann", "", "l1", "s1", actor, **asked)
        launch = self.store.launches.get("l1")
        await worker.ask(launch, "s1", interrupt=asked.get("interrupt", False))
        await worker.take_up("ann", "")

    async def pause(self, **asked: Any) -> None:
        """To its end, whatever that is."""
        worker = self.worker()
        await self.begin(worker, **asked)
        await self.ends()

    async def store_snapshot(self, change: Change, place: str = "s1") -> None:
        """As the runtime does it, which then may tell of it or not."""
        self.runtime.snapshot = "s1"
        key = bytes.fromhex(self.store.state_keys.snapshot_key("ann"))
        plain = json.dumps({"format": 1, "signature": "", "snapshot": self.runtime.result()})
        told = change(json.loads(signed("snapshot.json", plain.encode(), key)))
        files = archive([ContainerFile("snapshot.json", json.dumps(told).encode(), 0o600)])

        async def chunks() -> AsyncIterator[bytes]:
            yield files

        where = Storage.of(STORAGE)
        assert where is not None
        await self.engine.storage_write(where, f"{SNAPSHOTS_DIR}/{place}", chunks())

    async def ends(self) -> None:

        def over() -> bool:
            pause = self.store.pauses.of_runtime("ann", "")
            return pause is None or not pause.active

        await until(over)

    @property
    def error(self) -> dict[str, Any]:
        pause = self.store.pauses.of_runtime("ann", "")
        assert pause is not None
        return dict(pause.error or {})

    @property
    def paused_on(self) -> str:
        return self.store.launches.get("l1").snapshot

    async def close(self) -> None:
        for server in self.servers:
            server.stop()
            await server.close_all_connections()
        for one in self.closing:
            one.close()
        self.store.close()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "gates").mkdir()
    store = Store(f"sqlite:///{tmp_path}/store.sqlite", KeyFile(str(tmp_path / "key")))
    key = store.state_keys.control_key("ann", "l1")
    found = Scene(tmp_path, store, ScriptedRuntime(key, "", tmp_path / "gates", "ann"))
    await found.open()
    yield found
    await found.close()


async def until(condition: Callable[[], Any]) -> None:
    async def met() -> None:
        while not condition():  # noqa: ASYNC110 - it is in a database, or in a list
            await asyncio.sleep(0.01)

    await asyncio.wait_for(met(), 60)


async def test_a_hub_that_refuses_the_stop_leaves_it_running(scene: Scene) -> None:
    scene.refusals = [403]
    await scene.pause()
    assert scene.error["code"] == "pause_failed"
    assert "the Hub does not stop the runtime" in scene.error["message"]
    assert scene.paused_on == ""
    # What was saved is whole, and stays.
    assert [one.id for one in scene.store.snapshots.of_user("ann")] == ["s1"]
    assert scene.runtime.calls[-1] == "DELETE /user/ann/runtiles/api/pause"
    assert scene.runtime.state == "released"


async def test_a_hub_that_is_away_is_waited_for(scene: Scene) -> None:
    scene.refusals = [503]
    await scene.pause()
    assert scene.store.pauses.of_runtime("ann", "") is None
    assert scene.paused_on == "s1"
    assert scene.stopped


async def test_a_runtime_that_falls_silent_goes_on(scene: Scene) -> None:
    scene.runtime.script = "is busy"
    worker = scene.worker()
    await scene.begin(worker)
    silent = scene.servers[1]
    silent.stop()
    await silent.close_all_connections()
    await scene.ends()
    assert scene.error["code"] == "runtime_unreachable"
    assert (scene.paused_on, scene.stopped) == ("", False)
    assert scene.store.snapshots.of_user("ann") == []


async def test_a_runtime_that_ends_in_the_middle(scene: Scene) -> None:
    scene.runtime.script = "is busy"
    worker = scene.worker()
    await scene.begin(worker)
    scene.stopped = True
    scene.store.launches.finish("l1", "failed", error={"code": "out_of_memory", "message": "."})
    scene.servers[1].stop()
    await scene.servers[1].close_all_connections()
    await scene.ends()
    assert scene.error["message"] == "The runtime ended before its snapshot was whole."
    assert scene.paused_on == ""
    assert scene.store.snapshots.of_user("ann") == []


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda told: told, True),
        (lambda told: {**told, "signature": "0" * 64}, False),
        (lambda told: {**told, "signature": None}, False),
        (lambda told: {**told, "snapshot": {**told["snapshot"], "bytes": 1}}, False),
        (lambda told: [told], False),
    ],
    ids=["whole", "foreign", "unsigned", "altered", "odd"],
)
async def test_a_runtime_that_ends_before_it_can_tell_of_its_snapshot_is_paused_on_it(
    scene: Scene, change: Change, kept: bool
) -> None:
    scene.runtime.script = "is busy, loses things"
    worker = scene.worker()
    await scene.begin(worker)
    await scene.store_snapshot(change)
    scene.stopped = True
    scene.store.launches.finish("l1", "failed", error={"code": "out_of_memory", "message": "."})
    scene.servers[1].stop()
    await scene.servers[1].close_all_connections()
    await scene.ends()
    assert [one.id for one in scene.store.snapshots.of_user("ann")] == ["s1"] * kept
    assert scene.paused_on == ("s1" if kept else "")
    if kept:
        assert scene.store.pauses.of_runtime("ann", "") is None
    else:
        assert scene.error["message"] == "The runtime ended before its snapshot was whole."


async def test_a_snapshot_of_another_name_is_not_taken_for_this_one(scene: Scene) -> None:
    files = SnapshotFiles.of(scene.engine, cast(Any, None), scene.store)
    await scene.store_snapshot(lambda told: told, place="s2")
    assert await rescue.whole(files, "ann", "s2", STORAGE) is None
    await scene.store_snapshot(lambda told: told)
    assert (await rescue.whole(files, "ann", "s1", STORAGE) or {})["id"] == "s1"
    assert await rescue.whole(files, "bea", "s1", STORAGE) is None
    assert await rescue.whole(files, "ann", "s1", None) is None


async def test_a_server_that_was_started_anew_is_asked_again_for_the_same(scene: Scene) -> None:
    scene.runtime.script = "is busy"
    worker = scene.worker()
    await scene.begin(worker, interrupt=True, kernels=[KERNEL], accepted=True)
    scene.runtime.state, scene.runtime.snapshot, scene.runtime.asked = "none", None, {}
    await until(lambda: scene.runtime.asked)
    asked = scene.runtime.asked
    assert (asked["snapshot"], asked["interrupt"], asked["kernels"]) == ("s1", True, [KERNEL])
    # Twice is no accident.
    scene.runtime.state, scene.runtime.snapshot = "none", None
    await scene.ends()
    assert "started anew" in scene.error["message"]
    assert scene.paused_on == ""


@pytest.mark.parametrize("phase", ["waiting", "saved", "stopping"])
async def test_another_service_goes_on_where_one_was_killed(scene: Scene, phase: str) -> None:
    """Wherever that was: the row, the runtime and the Hub are all that the next one has."""
    scene.runtime.script = "is busy"
    first = scene.worker()
    await scene.begin(first)
    await first.close()
    if phase != "waiting":
        scene.runtime.state = "saved"
    if phase == "stopping":
        pause, launch = scene.store.pauses.of_runtime("ann", ""), scene.store.launches.get("l1")
        assert pause is not None
        first._records.add(pause, launch, scene.runtime.status()["result"])
    (scene.folder / "gates" / "ann-save").touch()
    await scene.worker().take_up_all()
    await scene.ends()
    assert scene.store.pauses.of_runtime("ann", "") is None
    assert (scene.paused_on, scene.stopped) == ("s1", True)
    assert scene.store.launches.get("l1").state == "stopped"
    assert [one.id for one in scene.store.snapshots.of_user("ann")] == ["s1"]


async def test_what_only_shows_when_it_is_saved_is_not_lost_without_a_word(scene: Scene) -> None:
    scene.runtime.script = "loses things"
    await scene.pause()
    assert scene.error["code"] == "would_lose"
    assert scene.error["details"]["kernels"][0]["id"] == KERNEL
    assert (scene.paused_on, scene.stopped) == ("", False)
    assert scene.runtime.state == "released"
    assert scene.store.snapshots.of_user("ann") == []


async def test_a_background_job_is_asked_about_where_somebody_can_answer(scene: Scene) -> None:
    worker, launch = scene.worker(), scene.store.launches.get("l1")
    parts = (worker.gateway, worker.freezer, worker, POLICY)
    pauser = Pauser(scene.store, cast(Any, None), *parts)
    scene.runtime.script = "serves in the background"
    with pytest.raises(WouldLose, match="python in terminal 1"):
        await pauser._check(launch, PauseRequest(), unattended=False)
    await pauser._check(launch, PauseRequest(accept_loss=True), unattended=False)
    await pauser._check(launch, PauseRequest(), unattended=True)
    scene.runtime.script = "trains in a terminal"
    with pytest.raises(WouldLose):
        await pauser._check(launch, PauseRequest(), unattended=True)


@pytest.mark.parametrize(
    ("script", "actor", "ends"),
    [
        ("trains in a terminal", "ann", False),
        ("serves in the background", "ann", False),
        # Nobody is there to be asked: what does not count as work for idleness does not hold it up.
        ("trains in a terminal", SERVICE_NAME, False),
        ("serves in the background", SERVICE_NAME, True),
    ],
)
async def test_a_job_that_a_terminal_has_begun_since_is_not_ended_without_a_word(
    scene: Scene, script: str, actor: str, ends: bool
) -> None:
    scene.runtime.script = script
    await scene.pause(actor=actor)
    assert (scene.paused_on == "s1") is ends
    if not ends:
        assert scene.error["details"]["terminals"][0]["job"] == "python"
        assert scene.runtime.state == "released"


async def test_a_new_snapshot_takes_the_place_of_an_old_one(scene: Scene) -> None:
    for old, name in (("s0", ""), ("mine", "Mine")):
        scene.store.snapshots.add(SnapshotRecord(old, "ann", "", 1.0, 10, name=name), {})
    await scene.pause()
    await until(lambda: len(scene.store.snapshots.of_user("ann")) == 2)
    assert [one.id for one in scene.store.snapshots.of_user("ann")] == ["s1", "mine"]


async def test_a_pause_is_called_off_until_its_snapshot_is_whole(scene: Scene) -> None:
    scene.runtime.script = "is busy"
    worker = scene.worker()
    await scene.begin(worker)
    assert await worker.call_off("l1")
    assert scene.store.pauses.of_runtime("ann", "") is None
    assert scene.runtime.state == "released"
    assert not await worker.call_off("l1")
    # Once the runtime is being stopped it is too late.
    scene.refusals = [503]
    (scene.folder / "gates" / "ann-save").touch()
    await scene.begin(worker)
    await until(lambda: not scene.refusals)
    assert not await worker.call_off("l1")
    await scene.ends()
    assert scene.paused_on == "s1"
