"""The usage of a period, by user, team, tile, machine or runtime."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from runtiles import names
from runtiles.contract.errors import NotAllowed
from runtiles.service.access import Caller
from runtiles.service.runtimes.directory import Directory
from runtiles.store import Span, Store, Use

from .closing import Closing
from .metrics import as_metrics
from .report import Row, summed
from .totals import Totals


def _unused(span: Span) -> Use:
    return Use(
        launch_id=span.launch_id,
        user=span.user,
        server=span.server,
        tile="",
        machine=span.machine,
        gpus=0,
        price_per_hour=span.price_per_hour,
        started=span.started,
        ended=span.started,
    )


@dataclass(frozen=True)
class UsageManager:
    """`currency` is what the site writes before its prices."""

    store: Store
    directory: Directory
    closing: Closing
    totals: Totals
    currency: str

    async def rows(self, caller: Caller, start: float, end: float, by: str) -> list[Row]:
        """From `start` to `end`, seconds since the epoch; what is to come counts nothing.

        Raises NotAllowed for teams with a token that may not read them.
        """
        await self.closing.recently()
        keys = await self._keys(caller, by)
        end = min(end, time.time())
        uses = await asyncio.to_thread(self.store.usage.within, start, end)
        waits = await asyncio.to_thread(self._waits, start, end)
        return await asyncio.to_thread(summed, uses, start, end, keys, waits)

    async def metrics(self) -> str:
        """Everything since the beginning, in Prometheus' text format."""
        await self.closing.recently()
        return as_metrics(await asyncio.to_thread(self.totals.read))

    def _waits(self, start: float, end: float) -> list[tuple[Span, Use]]:
        """Each with the use that it is summed up with: one that never ran has none of its own."""
        spans = self.store.spans.within(start, end)
        known = self.store.usage.of(span.launch_id for span in spans)
        return [(span, known.get(span.launch_id) or _unused(span)) for span in spans]

    async def _keys(self, caller: Caller, by: str) -> Callable[[Use], Collection[str]]:
        if by == "runtime":
            return lambda use: (f"{use.user}/{names.runtime_name(use.server)}",)
        if by != "team":
            return lambda use: (getattr(use, by),)
        teams = await self._teams(caller)
        # "" is for those in no team, and for those whom the Hub does not know any more.
        return lambda use: teams.get(use.user) or ("",)

    async def _teams(self, caller: Caller) -> dict[str, tuple[str, ...]]:
        users = await self.directory.users(caller.token)
        if any(user.groups is None for user in users):
            raise NotAllowed(
                "This token may not read the teams.",
                hint="It needs the scope read:users:groups; log in again for a new one.",
                details={"scope": "read:users:groups"},
            )
        return {user.name: user.groups or () for user in users}
