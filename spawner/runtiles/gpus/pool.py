"""The ledger with waiting: what the spawners of one Hub ask for GPUs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from runtiles.contract.events import LaunchEvent

from .inventory import Gpu, read_gpus
from .ledger import Ledger, Wish

Report = Callable[[LaunchEvent], None]
Held = Callable[[], Awaitable[Mapping[str, Sequence[str]]]]
Inventory = Callable[[], Sequence[Gpu]]


async def _nothing_held() -> Mapping[str, Sequence[str]]:
    return {}


class GpuPool:
    """One per Hub. The inventory and the leases that exist already are read at the first question.

    `only`: the UUIDs to hand out, all for None. `held`: who holds what on the host right now.
    """

    def __init__(
        self,
        only: Sequence[str] | None = None,
        *,
        held: Held = _nothing_held,
        inventory: Inventory = read_gpus,
    ) -> None:
        self._only = only
        self._held = held
        self._inventory = inventory
        self._ledger: Ledger | None = None
        self._opening = asyncio.Lock()
        self._waiting: dict[str, asyncio.Future[tuple[str, ...]]] = {}
        self._reports: dict[str, Report] = {}

    async def acquire(
        self, holder: str, count: int, *, models: tuple[str, ...] = (), report: Report
    ) -> tuple[str, ...]:
        """The UUIDs of the lease; waits for its turn and reports each change of its place.

        Raises NoGpu when the host can never grant it. A cancelled wait leaves the queue.
        """
        ledger = await self._open()
        ledger.enqueue(Wish(holder, count, models))
        turn: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        self._waiting[holder], self._reports[holder] = turn, report
        try:
            self._grant(ledger)
            return await turn
        except asyncio.CancelledError:
            # Perhaps granted a moment ago: then the next one gets it.
            self.release(holder)
            raise
        finally:
            self._waiting.pop(holder, None)
            self._reports.pop(holder, None)

    def release(self, holder: str) -> None:
        """Gives back whatever the holder has; fine if that is nothing."""
        if self._ledger is not None:
            self._ledger.release(holder)
            self._grant(self._ledger)

    async def count(self, models: tuple[str, ...] = ()) -> tuple[int, int]:
        """(free, all) GPUs of these models."""
        return (await self._open()).count(models)

    async def leases(self) -> Mapping[str, tuple[str, ...]]:
        """holder -> UUIDs."""
        return (await self._open()).leases

    async def snapshot(self) -> dict[str, Any]:
        """Inventory, leases and queue as they are now, JSON-able."""
        ledger = await self._open()
        return {
            "gpus": [asdict(gpu) for gpu in ledger.gpus],
            "leases": {holder: list(uuids) for holder, uuids in ledger.leases.items()},
            "queue": [asdict(wish) for wish in ledger.queue],
        }

    async def _open(self) -> Ledger:
        async with self._opening:
            if self._ledger is None:
                self._ledger = Ledger(await self._gpus(), await self._held())
            return self._ledger

    async def _gpus(self) -> list[Gpu]:
        found = await asyncio.to_thread(self._inventory)
        if self._only is None:
            return list(found)
        # Named by the admin: handed out also where the driver's tool is missing.
        known = {gpu.uuid: gpu for gpu in found}
        return [known.get(uuid, Gpu(uuid)) for uuid in self._only]

    def _grant(self, ledger: Ledger) -> None:
        for holder, uuids in ledger.grant().items():
            turn = self._waiting.get(holder)
            if turn is not None and not turn.done():
                turn.set_result(uuids)
        for holder, report in list(self._reports.items()):
            place = ledger.position(holder)
            if place is not None:
                report(_queued(place))


def _queued(place: int) -> LaunchEvent:
    ahead = "you are next" if place == 1 else f"{place - 1} before you"
    message = f"Waiting for a free GPU: {ahead}."
    return LaunchEvent("queued", "progress", message, details={"position": place})
