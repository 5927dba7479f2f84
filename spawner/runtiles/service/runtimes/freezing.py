"""A runtime whose clock stands still: it keeps its memory and its GPUs, and uses no processor."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from runtiles import names
from runtiles.contract.errors import Conflict, NotFound, RuntilesError
from runtiles.engines.base import Engine
from runtiles.lifecycle import State
from runtiles.service.access import Caller
from runtiles.store import LaunchRecord, Store

from .manager import RuntimeManager

_log = logging.getLogger(__name__)
_INTERVAL_S = 10.0


@dataclass(frozen=True)
class Freezer:
    """`engine` is None where the service sees none. It knows who is frozen; the launch records it."""

    store: Store
    runtimes: RuntimeManager
    engine: Engine | None

    async def freeze(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """The runtime, frozen; fine if it is. Raises NotFound, NotAllowed, Conflict, EngineUnavailable."""
        state, launch = await self._asked(caller, owner, name)
        if state is State.RUNNING:
            await self._turn(launch, freeze=True)
        elif state is not State.FROZEN:
            raise Conflict(
                f"Only a running runtime can be frozen; this one is {state}.",
                details={"state": str(state)},
            )
        return await self.runtimes.show(caller, owner, name)

    async def thaw(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """The runtime, running on where it was; fine if it runs. Raises as `freeze` does."""
        state, launch = await self._asked(caller, owner, name)
        if state is State.FROZEN:
            await self._turn(launch, freeze=False)
        elif state is not State.RUNNING:
            raise Conflict(
                f"Only a frozen runtime can be thawed; this one is {state}.",
                details={"state": str(state)},
            )
        return await self.runtimes.show(caller, owner, name)

    async def wake(self, launch: LaunchRecord) -> None:
        """For whoever is about to ask something of the runtime itself: fine if it is not frozen."""
        if launch.frozen_at is not None:
            await self._turn(launch, freeze=False)

    async def as_it_was(self, launch: LaunchRecord) -> None:
        """Frozen again, for whoever woke it and got nothing done. Never raises."""
        try:
            await self._turn(launch, freeze=True)
        except RuntilesError as error:
            _log.warning("A runtime of %s that was frozen goes on: %s", launch.user, error)

    async def look_for_ever(self) -> None:
        """Every now and then: somebody may have frozen or thawed one past us, or a killed process half."""
        while self.engine is not None:
            try:
                await self.look()
            except RuntilesError as error:
                _log.warning("Cannot tell which runtimes are frozen: %s", error)
            await asyncio.sleep(_INTERVAL_S)

    async def look(self) -> None:
        """Records what the engine says. Raises EngineUnavailable."""
        if self.engine is None:
            return
        for launch in await asyncio.to_thread(self.store.launches.runtimes):
            if launch.ended_at is not None or not launch.container_id:
                continue
            status = await self.engine.status(launch.container_id)
            if status is None or not status.alive:
                continue
            frozen = status.state == "paused"
            if frozen is not (launch.frozen_at is not None):
                await self._record(launch, frozen=frozen)

    async def _asked(self, caller: Caller, owner: str, name: str) -> tuple[State, LaunchRecord]:
        caller.require("delete:servers", owner)
        found = await self.runtimes.facts(caller, owner, name)
        server = names.server_name(name)
        return found.state, found.launch or LaunchRecord("", owner, server, 0.0)

    async def _turn(self, launch: LaunchRecord, *, freeze: bool) -> None:
        if self.engine is None or not launch.container_id:
            raise Conflict(
                "The service does not see the engine that this runtime is on.",
                hint="Ask an admin to set `engine` in the configuration of the service.",
            )
        try:
            turn = self.engine.freeze if freeze else self.engine.thaw
            await turn(launch.container_id)
        except NotFound:
            raise Conflict("This runtime has just ended.") from None
        await self._record(launch, frozen=freeze)

    async def _record(self, launch: LaunchRecord, *, frozen: bool) -> None:
        at = time.time() if frozen else None
        await asyncio.to_thread(self.store.launches.update, launch.id, frozen_at=at)
