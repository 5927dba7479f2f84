"""The progress of a runtime's launch, from its first event to its end, also when nobody tells the end.

A Hub that was killed in the middle of a launch never writes the last event. So after a silence the Hub
is asked how the launch stands, and its answer becomes the last event.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from runtiles import names
from runtiles.contract.errors import Interrupted, NotFound, RuntilesError
from runtiles.contract.events import LaunchEvent
from runtiles.service.access import Caller
from runtiles.store import LaunchRecord, Store

from .manager import RuntimeManager
from .progress import EventTail
from .view import Facts

_ENDS = ("ready", "failed")
_PULSE_S = 15.0
_INTERVAL_S = 0.1
#: How long the Hub and the spawner's records may disagree before the Hub is believed.
_SETTLE_S = 1.0
_RECORDED_S = 5.0
_READY_S = 5.0


@dataclass(frozen=True)
class Step:
    """An event to pass on; `id` is None for one that was never stored."""

    event: LaunchEvent
    id: int | None = None


@dataclass(frozen=True)
class Follower:
    """`caller` must be able to see the runtime: each question to the Hub carries its token."""

    runtimes: RuntimeManager
    store: Store
    tail: EventTail
    pulse: float = _PULSE_S

    async def launch(self, caller: Caller, owner: str, name: str) -> LaunchRecord:
        """The launch to follow: the newest, or the one that the Hub has just begun. Raises NotFound."""
        deadline = time.monotonic() + _RECORDED_S
        while True:
            facts = await self.runtimes.facts(caller, owner, name)
            if facts.launch and not _is_old(facts):
                return facts.launch
            if time.monotonic() > deadline or not _pending(facts):
                break
            await asyncio.sleep(_INTERVAL_S)
        if facts.launch is None:
            raise NotFound(f"The runtime {name!r} was never launched.")
        return facts.launch

    async def is_over(self, launch: LaunchRecord, last_id: int) -> bool:
        """Has somebody who saw event `last_id` seen the end?"""
        last = await asyncio.to_thread(self.store.events.last, launch.id)
        return last is not None and last.event.kind in _ENDS and last.id <= last_id

    async def steps(
        self, caller: Caller, launch: LaunchRecord, last_id: int = 0
    ) -> AsyncGenerator[Step | None, None]:
        """Events after `last_id` until the launch ends; None now and then, to show that we live."""
        end = await self._verdict(caller, launch)
        pulse = self.pulse if end is None else 0.0
        async with aclosing(self.tail.listen(launch.id, last_id, pulse=pulse)) as events:
            async for stored in events:
                if stored is None:
                    if end := end or await self._verdict(caller, launch):
                        yield Step(end)
                        return
                    yield None
                    continue
                if stored.event.kind == "ready":
                    await self._until_ready(caller, launch)
                yield Step(stored.event, stored.id)
                if stored.event.kind in _ENDS:
                    return

    async def _verdict(self, caller: Caller, launch: LaunchRecord) -> LaunchEvent | None:
        """How the launch ended, where our records leave it open. None while it goes on."""
        deadline = time.monotonic() + _SETTLE_S
        while True:
            last = await asyncio.to_thread(self.store.events.last, launch.id)
            if last is not None and last.event.kind in _ENDS:
                return None
            phase = last.event.phase if last else "creating"
            try:
                facts = await self._facts(caller, launch)
            except NotFound:
                return _failed(phase, "The runtime was deleted.")
            except RuntilesError:
                return None  # the Hub is away: nobody knows, so wait
            if facts.launch is None or facts.launch.id != launch.id:
                return _failed(phase, "Another launch took this one's place.")
            if _pending(facts):
                return None
            if time.monotonic() > deadline:
                return _ended(facts, phase)
            await asyncio.sleep(_SETTLE_S / 4)

    async def _until_ready(self, caller: Caller, launch: LaunchRecord) -> None:
        """The server answers before the Hub has added it to the proxy: ready is when both are."""
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            try:
                server = (await self._facts(caller, launch)).server or {}
            except RuntilesError:
                return
            if server.get("ready") or not server.get("pending"):
                return
            await asyncio.sleep(_INTERVAL_S)

    async def _facts(self, caller: Caller, launch: LaunchRecord) -> Facts:
        name = names.runtime_name(launch.server)
        return await self.runtimes.facts(caller, launch.user, name)


def _pending(facts: Facts) -> bool:
    return bool(facts.server and facts.server.get("pending") == "spawn")


def _is_old(facts: Facts) -> bool:
    """Is a newer launch on its way, of which there is no record yet?"""
    return _pending(facts) and facts.last is not None and facts.last.kind in _ENDS


def _ended(facts: Facts, phase: str) -> LaunchEvent:
    if facts.server and facts.server.get("ready"):
        return LaunchEvent("ready", "ready", "The runtime is ready.")
    return _failed(phase, "The launch was interrupted.")


def _failed(phase: str, message: str) -> LaunchEvent:
    details = {"code": Interrupted.code, "hint": "Start the runtime again."}
    return LaunchEvent(phase, "failed", message, details=details)
