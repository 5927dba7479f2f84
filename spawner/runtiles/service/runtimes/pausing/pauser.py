"""The beginning of a pause: what is asked, looked at and refused while somebody waits for the answer."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles.contract.errors import Conflict
from runtiles.contract.protocol import SERVICE_NAME
from runtiles.lifecycle import State
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.runtimes.freezing import Freezer
from runtiles.service.runtimes.gateway import Gateway
from runtiles.service.runtimes.manager import RuntimeManager, being_paused
from runtiles.service.snapshots.retention import after_pause, staying
from runtiles.store import LaunchRecord, Store

from .decide import check_quota, losses, would_lose
from .request import PauseRequest
from .terminals import jobs, terminals
from .worker import PauseWorker

#: Seconds that the runtime may look into its kernels.
_LOOK_S = 600.0


@dataclass(frozen=True)
class Pauser:
    """Who may stop a runtime may pause it, and is told what its kernels hold."""

    store: Store
    runtimes: RuntimeManager
    gateway: Gateway
    freezer: Freezer
    worker: PauseWorker
    policy: SitePolicy

    async def look(self, caller: Caller, owner: str, name: str, wish: PauseRequest) -> Any:
        """What a pause would save and lose; changes nothing. Raises as `pause` does."""
        launch = await self._launch(caller, owner, name)
        if launch.frozen_at is not None:
            raise Conflict("This runtime is frozen, and cannot be asked.", hint="Thaw it first.")
        return await self._ask(launch, wish)

    async def pause(
        self, caller: Caller, owner: str, name: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The runtime, being paused; or with `dry_run` what a pause would do.

        Raises InvalidRequest, NotFound, NotAllowed, Conflict, WouldLose, QuotaReached, and what the
        runtime refuses; nothing has changed then.
        """
        wish = PauseRequest.of(options)
        if wish.dry_run:
            looked: dict[str, Any] = await self.look(caller, owner, name, wish)
            return looked
        launch = await self._launch(caller, owner, name)
        await self.freezer.wake(launch)
        try:
            await self._check(launch, wish, unattended=caller.name == SERVICE_NAME)
            await self._begin(caller, launch, name, wish)
        except BaseException:
            if launch.frozen_at is not None:
                await asyncio.shield(self.freezer.as_it_was(launch))
            raise
        return await self.runtimes.show(caller, owner, name)

    async def call_off(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """The runtime, running on. Raises NotFound, NotAllowed, and Conflict where no pause is under way,
        or its snapshot is whole and the runtime is being stopped."""
        caller.require("delete:servers", owner)
        found = await self.runtimes.facts(caller, owner, name)
        if found.state is not State.PAUSING or found.launch is None:
            raise Conflict(
                f"The runtime {name!r} is not being paused.", details={"state": str(found.state)}
            )
        if not await self.worker.call_off(found.launch.id):
            raise Conflict(
                "The snapshot is whole, and the runtime is being stopped.",
                hint="Wait until it is paused, and resume it.",
                details={"state": str(State.PAUSING)},
            )
        return await self.runtimes.show(caller, owner, name)

    async def _check(self, launch: LaunchRecord, wish: PauseRequest, *, unattended: bool) -> None:
        found = await self._ask(launch, wish)
        lost, ending = losses(found.get("kernels") or []), jobs(found, unattended=unattended)
        if (lost or ending) and not wish.accept_loss:
            raise would_lose(lost, ending, changed=False)
        await asyncio.to_thread(self._check_quota, launch, int(found.get("bytes") or 0))

    async def _launch(self, caller: Caller, owner: str, name: str) -> LaunchRecord:
        caller.require("delete:servers", owner)
        found = await self.runtimes.facts(caller, owner, name)
        if found.state is State.PAUSING:
            raise being_paused(name)
        if found.state not in (State.RUNNING, State.FROZEN) or found.launch is None:
            raise Conflict(
                f"Only a running runtime can be paused; this one is {found.state}.",
                details={"state": str(found.state)},
            )
        return found.launch

    async def _ask(self, launch: LaunchRecord, wish: PauseRequest) -> dict[str, Any]:
        body = {"dry_run": True, "kernels": wish.kernels}
        found: dict[str, Any] = await self.gateway.ask(
            launch, "POST", "pause", body, timeout=_LOOK_S
        )
        if wish.kernels is not None:
            there = await self.gateway.ask(launch, "GET", "kernels")
            left = [one for one in there if one["id"] not in wish.kernels]
            found["kernels"] = [*found["kernels"], *map(_left_out, left)]
        return {**found, "terminals": terminals(found)}

    def _check_quota(self, launch: LaunchRecord, wanted: int) -> None:
        records = self.store.snapshots.of_user(launch.user)
        stays = staying(records, after_pause(records, launch.server, self.policy))
        check_quota(self.policy.max_snapshots_size, sum(one.size for one in stays), wanted)

    async def _begin(
        self, caller: Caller, launch: LaunchRecord, name: str, wish: PauseRequest
    ) -> None:
        snapshot = secrets.token_hex(8)
        begun = await asyncio.to_thread(
            self.store.pauses.begin,
            launch.user,
            launch.server,
            launch.id,
            snapshot,
            caller.name,
            accepted=wish.accept_loss,
            interrupt=wish.interrupt,
            kernels=wish.kernels,
            thawed=launch.frozen_at is not None,
        )
        if not begun:
            raise being_paused(name)
        try:
            await self.worker.ask(
                launch,
                snapshot,
                interrupt=wish.interrupt,
                kernels=wish.kernels,
                actor=caller.name,
            )
        except BaseException:
            await asyncio.to_thread(self.store.pauses.clear, launch.user, launch.server, launch.id)
            raise
        await self.worker.take_up(launch.user, launch.server)


def _left_out(kernel: Mapping[str, Any]) -> dict[str, Any]:
    about = {key: kernel.get(key) for key in ("id", "name", "language", "path", "busy_seconds")}
    return {
        **about,
        "status": "not_carried",
        "bytes": 0,
        "variables": 0,
        "losses": [],
        "notes": [],
        "reason": "It was left out.",
    }
