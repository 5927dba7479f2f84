"""Ends what nobody recorded the end of: after a crash a runtime would be charged for ever."""

import asyncio
import time
from dataclasses import dataclass, field

from runtiles.contract.errors import EngineUnavailable, NotFound
from runtiles.engines.base import Engine
from runtiles.store import LaunchRecord, Span, Store, Use

#: Questions to the engine at a time: a site may have thousands of containers.
_AT_ONCE = 16
#: How old the last look may be where many ask: a scraper, open panels.
_RECENT_S = 60.0


@dataclass
class Closing:
    """`engine` is None where the service sees none."""

    store: Store
    engine: Engine | None
    _at: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def recently(self) -> None:
        """Sees to it that this was done a minute ago at most."""
        async with self._turn:
            if time.monotonic() - self._at >= _RECENT_S:
                await self.close_abandoned()

    async def close_abandoned(self) -> list[str]:
        """The launches whose rows were closed."""
        began = time.monotonic()
        found = await asyncio.to_thread(self._running)
        slots = asyncio.Semaphore(_AT_ONCE)
        moments = await asyncio.gather(*(self._ended(*one, slots) for one in found))
        closed = []
        for (one, _, _), at in zip(found, moments, strict=True):
            if at is not None:
                await asyncio.to_thread(self.store.usage.end, one.launch_id, at or None)
                closed.append(one.launch_id)
        self._at = began
        return closed

    async def _ended(
        self,
        one: Use | Span,
        launch: LaunchRecord | None,
        latest: LaunchRecord | None,
        slots: asyncio.Semaphore,
    ) -> float | None:
        """When it ended: None while it is current, 0 for a moment ago, as far as anybody knows."""
        if launch is None:
            return 0.0
        if launch.ended_at:
            return launch.ended_at
        if latest is not None and latest.id != one.launch_id:
            return latest.created
        if self.engine is None or not launch.container_id:
            return None
        # One that is there, even ended, is the Hub's to bury, and that is recorded.
        async with slots:
            try:
                there = await self.engine.status(launch.container_id)
            except EngineUnavailable:
                return None
        return None if there is not None else 0.0

    def _running(self) -> list[tuple[Use | Span, LaunchRecord | None, LaunchRecord | None]]:
        """What is charged or waits, each with its launch and the newest one of its runtime."""
        lasting: dict[str, Use | Span] = {one.launch_id: one for one in self.store.spans.lasting()}
        lasting |= {use.launch_id: use for use in self.store.usage.running()}
        newest = {(one.user, one.server): one for one in self.store.launches.runtimes()}
        found = []
        for one in lasting.values():
            latest = newest.get((one.user, one.server))
            current = latest is not None and latest.id == one.launch_id
            found.append((one, latest if current else self._launch(one.launch_id), latest))
        return found

    def _launch(self, launch_id: str) -> LaunchRecord | None:
        try:
            return self.store.launches.get(launch_id)
        except NotFound:
            return None
