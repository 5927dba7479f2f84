"""A pause from when the runtime has begun to save, to its end; also that of a service that was killed.

What is decided is written down before it is done. So whoever takes up the work of another one finds in
the database, in the runtime and in the Hub all that is needed.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.contract.protocol import SERVICE_NAME
from runtiles.service.hub import Hub
from runtiles.service.runtimes.freezing import Freezer
from runtiles.service.runtimes.gateway import Gateway, RuntimeUnreachable
from runtiles.service.snapshots import rescue
from runtiles.service.snapshots.tidy import Tidy
from runtiles.store import LaunchRecord, PauseRecord, Store

from .decide import (
    CalledOff,
    Failed,
    Going,
    PauseFailed,
    Saved,
    Step,
    losses,
    step_of,
    worth_telling,
    would_lose,
)
from .records import Records
from .stopping import Standing, Stopper
from .terminals import jobs

_log = logging.getLogger(__name__)
#: Seconds between two questions: each may be a row in the feed of changes.
_INTERVAL_S = 0.5
#: How long a runtime may keep silent. Its hold on the kernels ends after 60 s without a question.
_SILENT_S = 45.0
#: How long the Hub may take to stop a server.
_STOP_S = 300.0
#: At the end of a reservation a kernel has so long to heed its interrupt: the others wait for it.
_HURRY_S = 60.0


@dataclass
class PauseWorker:
    """`token` is the service's own: that of whoever asked may end before the pause does."""

    store: Store
    gateway: Gateway
    hub: Hub
    freezer: Freezer
    tidy: Tidy
    token: str = field(repr=False)
    interval: float = _INTERVAL_S
    silent: float = _SILENT_S
    patience: float = _STOP_S
    #: Told of each pause that failed, after everything else.
    failed: Callable[[PauseRecord, RuntilesError], Awaitable[None]] | None = None
    #: By launch.
    _tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict, repr=False)
    _called_off: set[str] = field(default_factory=set, repr=False)
    _too_late: set[str] = field(default_factory=set, repr=False)

    @property
    def _records(self) -> Records:
        return Records(self.store)

    @property
    def _stopper(self) -> Stopper:
        times = (self.interval, self.silent, self.patience)
        return Stopper(self.store, self.gateway, self.hub, self.token, *times)

    async def ask(
        self,
        launch: LaunchRecord,
        snapshot: str,
        *,
        interrupt: bool = False,
        kernels: Sequence[str] | None = None,
        actor: str = "",
    ) -> None:
        """Lets the runtime begin; its kernels stand still when they are saved."""
        body = {
            "hold": True,
            "wait": False,
            "interrupt": interrupt,
            "kernels": None if kernels is None else list(kernels),
            "patience": _HURRY_S if interrupt and actor == SERVICE_NAME else None,
            "snapshot": snapshot,
            "parent": await asyncio.to_thread(self._records.parent, launch),
        }
        await self.gateway.ask(launch, "POST", "pause", body)

    async def take_up(self, user: str, server: str) -> None:
        """Goes on with this pause, in the background, if nobody here does."""
        pause = await asyncio.to_thread(self.store.pauses.of_runtime, user, server)
        if pause is None or not pause.active or pause.launch_id in self._tasks:
            return
        key = pause.launch_id
        if pause.phase == "stopping":
            self._too_late.add(key)
        task = self._tasks[key] = asyncio.create_task(self._run(pause))
        task.add_done_callback(lambda _: self._over(key))

    async def call_off(self, launch_id: str) -> bool:
        """Returns when the kernels go on and nothing is left of the snapshot. False when there is no pause,
        or its snapshot is whole: then it goes to its end."""
        task = self._tasks.get(launch_id)
        if task is None or launch_id in self._too_late:
            return False
        self._called_off.add(launch_id)
        await asyncio.wait({task})
        return True

    def _over(self, launch_id: str) -> None:
        del self._tasks[launch_id]
        self._called_off.discard(launch_id)
        self._too_late.discard(launch_id)

    async def take_up_all(self) -> None:
        """Of a service that has just begun: what the last one left."""
        for user, server in await asyncio.to_thread(self.store.pauses.all):
            await self.take_up(user, server)

    async def close(self) -> None:
        """Nobody goes on; the next one takes it up."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- one pause --------------------------------------------------------------------------------

    async def _run(self, pause: PauseRecord) -> None:
        try:
            launch = await asyncio.to_thread(self.store.launches.get, pause.launch_id)
        except NotFound:
            return  # it was deleted, with all that was written of it
        try:
            await self._carry_out(pause, launch)
        except CalledOff:
            await self._let_be(pause, launch)
        except RuntilesError as error:
            await self._fail(pause, launch, error)
        except Exception:  # noqa: BLE001, RUF100 - any: nobody awaits this
            _log.exception("Pausing a runtime of %s failed", pause.user)
            text = "Something went wrong in the Runtiles service; its log has the reason."
            await self._fail(pause, launch, PauseFailed(text))

    async def _carry_out(self, pause: PauseRecord, launch: LaunchRecord) -> None:
        if pause.phase != "stopping":
            result = await self._until_saved(pause, launch)
            lost = losses(result.get("kernels") or [])
            ending = jobs(result, unattended=pause.actor == SERVICE_NAME)
            if (lost or ending) and not pause.accepted:
                await self._release(launch, keep=False)
                raise would_lose(lost, ending)
            await asyncio.to_thread(self._records.add, pause, launch, result)
        await self._stopper.stop(pause, launch)
        await self._succeeded(pause)

    async def _succeeded(self, pause: PauseRecord) -> None:
        await asyncio.to_thread(self.store.pauses.clear, pause.user, pause.server, pause.launch_id)
        await self.tidy.after_pause(pause.user, pause.server)

    async def _until_saved(self, pause: PauseRecord, launch: LaunchRecord) -> Mapping[str, Any]:
        last: Going | None = None
        asked_again = False
        while True:
            step = await self._step(pause, launch)
            if launch.id in self._called_off:
                raise CalledOff("The pause was called off.")
            if isinstance(step, Saved):
                self._too_late.add(launch.id)
                return step.result
            if isinstance(step, Failed):
                raise step.error
            if isinstance(step, Going):
                if worth_telling(last, step):
                    await asyncio.to_thread(self._records.tell, pause, **vars(step))
                    last = step
            elif asked_again:
                raise PauseFailed("The runtime's server was started anew during the pause.")
            else:
                await self.ask(
                    launch,
                    pause.snapshot,
                    interrupt=pause.interrupt,
                    kernels=pause.kernels,
                    actor=pause.actor,
                )
                asked_again = True
            await asyncio.sleep(self.interval)

    async def _step(self, pause: PauseRecord, launch: LaunchRecord) -> Step:
        """Patient with a runtime that is silent, as long as it is there."""
        deadline = time.monotonic() + self.silent
        while True:
            try:
                status = await self.gateway.ask(launch, "GET", "pause", timeout=self.silent / 2)
            except RuntimeUnreachable as error:
                if await self._stopper.has_ended(launch):
                    raise PauseFailed("The runtime ended before its snapshot was whole.") from error
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(self.interval)
            else:
                return step_of(status, pause.snapshot)

    async def _let_be(self, pause: PauseRecord, launch: LaunchRecord) -> None:
        """As if it had never been asked for."""
        await self._release(launch, keep=False)
        if pause.thawed:
            await self.freezer.as_it_was(launch)
        try:
            clear = self.store.pauses.clear
            await asyncio.to_thread(clear, pause.user, pause.server, launch.id)
        except RuntilesError as error:
            _log.error("A pause of %s was called off, and is not forgotten: %s", pause.user, error)

    async def _fail(self, pause: PauseRecord, launch: LaunchRecord, error: RuntilesError) -> None:
        """The runtime goes on as if nothing had been; a snapshot that is whole stays in the list."""
        _log.info("Pausing a runtime of %s failed: %s", pause.user, error)
        try:
            standing = await self._stopper.standing(launch)
            kept = await asyncio.to_thread(self._records.has, pause)
            if standing is Standing.ENDED and not kept and await self._rescued(pause, launch):
                return
            # Of one that ends by now, a snapshot that is whole is what it is resumed from.
            if standing not in (Standing.ENDED, Standing.STOPPING):
                await asyncio.to_thread(self.store.launches.update, launch.id, snapshot="")
                await self._release(launch, keep=kept)
                if pause.thawed:
                    await self.freezer.as_it_was(launch)
            mine = (pause.user, pause.server, pause.launch_id)
            await asyncio.to_thread(self.store.pauses.fail, *mine, error.to_dict())
            if self.failed is not None:
                await self.failed(pause, error)
        except RuntilesError as second:
            _log.error("The failed pause of %s is not written down: %s", pause.user, second)

    async def _rescued(self, pause: PauseRecord, launch: LaunchRecord) -> bool:
        """Was its snapshot whole when it ended, though it could not tell any more? Then that is somebody's
        work, and all that is left of it: the runtime is paused on it, whatever it lacks."""
        files = self.tidy.files
        result = await rescue.whole(files, pause.user, pause.snapshot, launch.storage)
        if result is None:
            return False
        _log.info("A runtime of %s ended with its snapshot whole: it is kept", pause.user)
        await asyncio.to_thread(self._records.add, pause, launch, result)
        await self._succeeded(pause)
        return True

    async def _release(self, launch: LaunchRecord, *, keep: bool) -> None:
        """Fine where nobody answers: the runtime lets go by itself when it is asked no more."""
        try:
            await self.gateway.ask(launch, "DELETE", f"pause?keep={int(keep)}")
        except RuntilesError as error:
            _log.info("The kernels of %s are released by themselves: %s", launch.user, error)
