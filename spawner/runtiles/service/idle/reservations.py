"""Extend a reservation, keep an idle runtime for a while: under the site's caps."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runtiles.catalogue import LiveCatalogue
from runtiles.contract.errors import Conflict
from runtiles.lifecycle import State
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.runtimes.manager import RuntimeManager
from runtiles.store import LaunchRecord, Store

from .asking import Moment, extended, held
from .rooms import latest_end

#: Also while it is being paused: who answers then keeps it, if its snapshot is not whole yet.
_ALIVE = (State.RUNNING, State.FROZEN, State.PAUSING)


@dataclass(frozen=True)
class Reservations:
    """Who may start a runtime may keep it; for others it is one of their own only within its caps."""

    store: Store
    runtimes: RuntimeManager
    catalogue: LiveCatalogue
    policy: SitePolicy
    #: Told at once of a launch that has another end now: an answer to a warning counts when it is given.
    changed: Callable[[LaunchRecord], None] = field(default=lambda _: None, repr=False)

    async def extend(
        self, caller: Caller, owner: str, name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The runtime, with a later end. Raises InvalidRequest, LimitReached, Conflict, NotFound,
        NotAllowed."""
        wish, launch = Moment.of(body), await self._launch(caller, owner, name)
        ends = launch.ends_at
        if ends is None:
            raise Conflict(
                "This runtime has no time limit.", hint="To keep it though it is idle, hold it."
            )
        latest = latest_end(launch, self.catalogue.current, self.policy)
        end = extended(wish, ends, latest, time.time())
        await self._change(launch, expires_at=end)
        return await self.runtimes.show(caller, owner, name)

    async def hold(
        self, caller: Caller, owner: str, name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The runtime, kept though it is idle; `until` or `seconds` of null: kept no longer. Raises as
        `extend` does."""
        wish, launch = Moment.of(body, or_none=True), await self._launch(caller, owner, name)
        longest = self.policy.limit("max_hold", launch.teams)
        until = held(wish, longest.seconds if longest else None, time.time())
        await self._change(launch, held_until=until)
        return await self.runtimes.show(caller, owner, name)

    async def _launch(self, caller: Caller, owner: str, name: str) -> LaunchRecord:
        found = await self.runtimes.facts(caller, owner, name)
        caller.require("start:servers", owner)
        too_late = found.pausing and found.pause is not None and found.pause.phase == "stopping"
        if found.state not in _ALIVE or found.launch is None or too_late:
            raise Conflict(
                f"Only a running runtime has an end; this one is {found.state}.",
                details={"state": str(found.state)},
            )
        return found.launch

    async def _change(self, launch: LaunchRecord, **change: float | None) -> None:
        await asyncio.to_thread(self.store.launches.update, launch.id, **change)
        self.changed(await asyncio.to_thread(self.store.launches.get, launch.id))
