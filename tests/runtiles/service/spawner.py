"""A spawner for tests of the service: it does to the store what a real one does, in a real Hub.

The server is a few lines in the Hub's own process; the "container" is a process of the ProcessEngine
that prints. A tile's slug says how its launch goes; gates are files that a test creates.
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jupyterhub import __version__ as hub_version
from jupyterhub.spawner import Spawner
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from runtiles.catalogue import builtin_paths, load_catalogue
from runtiles.contract.errors import ImageNotFound, InvalidRequest, RuntilesError
from runtiles.contract.events import LaunchEvent, encode_line
from runtiles.engines.process import ProcessEngine
from runtiles.options import to_user_options, validate
from runtiles.plan import plan
from runtiles.policy import SitePolicy
from runtiles.spawners.burial import end_interrupted
from runtiles.spawners.failures import failed_event, spawn_exception
from runtiles.store import KeyFile, Store
from runtiles.values.loglines import Output
from tests.runtiles.service.runtime import ScriptedRuntime

FOLDER = Path(os.environ["SERVICE_TEST_DIR"])
CATALOGUE = load_catalogue([*builtin_paths(), FOLDER / "tiles.yaml"])
POLICY = SitePolicy(default_tile="quick")
STORE = Store(os.environ["SERVICE_TEST_STORE"], KeyFile(FOLDER / "key"))
ENGINE = ProcessEngine(FOLDER / "running")

_PRINT = """
import time
print("first line", flush=True)
print({event!r}, flush=True)
print("second line", flush=True)
time.sleep(600)
"""


class Answer(RequestHandler):
    def get(self) -> None:
        self.set_header("X-JupyterHub-Version", hub_version)
        self.write({"version": "1"})


class StoreSpawner(Spawner):
    """`tokens/USER-SERVER` has the server's token, for the tests to act as the runtime."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.server_in_hub: HTTPServer | None = None
        self.container = self.launch_id = ""
        self.apply_user_options = StoreSpawner._admit

    async def _admit(self, options: Mapping[str, Any]) -> None:
        if options.get("description") == "refused by the Hub":
            raise spawn_exception(InvalidRequest({"description": "not this one"}))
        self.request = validate(options, catalogue=CATALOGUE, policy=POLICY)

    async def start(self) -> Any:
        self.launch_id = secrets.token_hex(8)
        tile = self.request.tile
        (FOLDER / "tokens" / f"{self.user.name}-{self.name}").write_text(self.api_token)
        if tile == "silent":
            raise RuntimeError("an unforeseen defect")
        await asyncio.to_thread(self._record)
        try:
            await self._launch(tile)
        except BaseException as error:
            reason = error if isinstance(error, RuntilesError) else RuntilesError("Cancelled.")
            await self._say(failed_event("creating", reason))
            STORE.launches.finish(self.launch_id, "failed", error=reason.to_dict())
            raise spawn_exception(reason) from error
        await self._say(LaunchEvent("ready", "ready"))
        return await self._serve()

    def _record(self) -> None:
        machine = CATALOGUE.machine(self.request.machine)
        planned = plan(self.request, CATALOGUE.tile(self.request.tile), machine, POLICY)
        STORE.launches.record(
            self.user.name,
            self.name,
            self.launch_id,
            options=to_user_options(self.request),
            spec=planned.spec().to_dict(),
            tile=self.request.tile,
            machine=machine.slug,
            image=str(planned.image),
            price_per_hour=machine.price_per_hour,
            token="" if self.request.description == "no token recorded" else self.api_token,
        )

    async def _launch(self, tile: str) -> None:
        await self._say(LaunchEvent("creating", "phase"))
        if tile == "broken":
            raise ImageNotFound("There is no such image.", hint="Try another one.")
        if tile == "gated":
            await self._say(LaunchEvent("pulling", "progress", done=5, total=10, percent=50.0))
            await self._say(LaunchEvent("pulling", "log", "layer one"))
            gate = FOLDER / "gates" / self.user.name
            while not gate.exists():  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.02)
        await self._print()

    async def _print(self) -> None:
        self.container = self.launch_id
        await ENGINE.create(self.container)
        script = _PRINT.format(event=encode_line(LaunchEvent("workspace", "phase")))
        argv = [sys.executable, "-c", script]
        await ENGINE.launch(self.container, argv, env={}, cwd=FOLDER, labels={})
        STORE.launches.update(self.launch_id, container_id=self.container)
        STORE.launches.update(self.launch_id, state="running", started_at=time.time())

    async def _may_stop(self) -> None:
        gate = FOLDER / "gates" / f"{self.user.name}-stop"
        while self.request.description == "stops slowly" and not gate.exists():  # noqa: ASYNC110 - it is a file
            await asyncio.sleep(0.02)

    async def _serve(self) -> tuple[str, int]:
        sockets = bind_sockets(0, "127.0.0.1")
        key = await asyncio.to_thread(STORE.state_keys.control_key, self.user.name, self.launch_id)
        self.runtime = ScriptedRuntime(
            key, self.request.description, FOLDER / "gates", self.user.name
        )
        self.server_in_hub = HTTPServer(Application([*self.runtime.routes(), (r".*", Answer)]))
        self.server_in_hub.add_sockets(sockets)
        port = sockets[0].getsockname()[1]
        address = f"http://127.0.0.1:{port}{self.server.base_url}"
        storage = {"image": "", "source": str(FOLDER / "storage" / self.user.name)}
        record = partial(STORE.launches.update, self.launch_id, address=address, storage=storage)
        await asyncio.to_thread(record)
        return "127.0.0.1", port

    async def _say(self, event: LaunchEvent) -> None:
        append = partial(STORE.events.append, self.user.name, self.name, self.launch_id)
        await asyncio.to_thread(append, event)

    def delete_forever(self) -> None:
        super().delete_forever()
        STORE.launches.forget(self.user.name, self.name)

    async def poll(self) -> int | None:
        if not self.launch_id:
            # Of a Hub that has just begun: it looks after what the last one left.
            end_interrupted(STORE, self.user.name, self.name)
        return None if self.server_in_hub else 0

    async def stop(self, now: bool = False) -> None:  # noqa: ARG002 - the Hub names it
        if self.server_in_hub:
            self.server_in_hub.stop()
            await self._may_stop()
        self.server_in_hub = None
        if self.container:
            output, printed = Output(), await ENGINE.lines(self.container)
            lines = [line for one in printed for line in output.lines(one)]
            STORE.logs.save(self.user.name, self.name, self.launch_id, lines)
            await ENGINE.stop(self.container, grace=0)
            await ENGINE.remove(self.container)
            STORE.launches.finish(self.launch_id, "stopped")
