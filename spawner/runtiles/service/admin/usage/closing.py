"""Ends what nobody recorded the end of: after a crash a runtime would be charged for ever."""

import asyncio
from dataclasses import dataclass

from runtiles.contract.errors import EngineUnavailable, NotFound
from runtiles.engines.base import Engine
from runtiles.store import LaunchRecord, Store, Use

#: Questions to the engine at a time: a site may have thousands of containers.
_AT_ONCE = 16


@dataclass(frozen=True)
class Closing:
    """`engine` is None where the service sees none."""

    store: Store
    engine: Engine | None

    async def close_abandoned(self) -> list[str]:
        """The launches whose rows were closed."""
        found = await asyncio.to_thread(self._running)
        slots = asyncio.Semaphore(_AT_ONCE)
        moments = await asyncio.gather(*(self._ended(*one, slots) for one in found))
        closed = []
        for (use, _, _), at in zip(found, moments, strict=True):
            if at is not None:
                await asyncio.to_thread(self.store.usage.end, use.launch_id, at or None)
                closed.append(use.launch_id)
        return closed

    async def _ended(
        self,
        use: Use,
        launch: LaunchRecord | None,
        latest: LaunchRecord | None,
        slots: asyncio.Semaphore,
    ) -> float | None:
        """When it ended: None while it is current, 0 for a moment ago, as far as anybody knows."""
        if launch is None:
            return 0.0
        if launch.ended_at:
            return launch.ended_at
        if latest is not None and latest.id != use.launch_id:
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

    def _running(self) -> list[tuple[Use, LaunchRecord | None, LaunchRecord | None]]:
        """What is charged, each with its launch and the newest one of its runtime."""
        running = self.store.usage.running()
        newest = {(one.user, one.server): one for one in self.store.launches.runtimes()}
        found = []
        for use in running:
            latest = newest.get((use.user, use.server))
            current = latest is not None and latest.id == use.launch_id
            found.append((use, latest if current else self._launch(use), latest))
        return found

    def _launch(self, use: Use) -> LaunchRecord | None:
        try:
            return self.store.launches.get(use.launch_id)
        except NotFound:
            return None
