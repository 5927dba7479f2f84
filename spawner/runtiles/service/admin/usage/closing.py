"""Ends what nobody recorded the end of: after a crash a runtime would be charged for ever."""

import asyncio
from dataclasses import dataclass

from runtiles.contract.errors import EngineUnavailable, NotFound
from runtiles.engines.base import Engine
from runtiles.store import LaunchRecord, Store, Use


@dataclass(frozen=True)
class Closing:
    """`engine` is None where the service sees none."""

    store: Store
    engine: Engine | None

    async def close_abandoned(self) -> list[str]:
        """The launches whose rows were closed."""
        closed = []
        for use in await asyncio.to_thread(self.store.usage.running):
            at = await self._ended(use)
            if at is not None:
                await asyncio.to_thread(self.store.usage.end, use.launch_id, at or None)
                closed.append(use.launch_id)
        return closed

    async def _ended(self, use: Use) -> float | None:
        """When it ended: None while it is current, 0 for a moment ago, as far as anybody knows."""
        launch, latest = await asyncio.to_thread(self._launches, use)
        if launch is None:
            return 0.0
        if launch.ended_at:
            return launch.ended_at
        if latest is not None and latest.id != launch.id:
            return latest.created
        if self.engine is None or not launch.container_id:
            return None
        # One that is there, even ended, is the Hub's to bury, and that is recorded.
        try:
            there = await self.engine.status(launch.container_id)
        except EngineUnavailable:
            return None
        return None if there is not None else 0.0

    def _launches(self, use: Use) -> tuple[LaunchRecord | None, LaunchRecord | None]:
        try:
            launch = self.store.launches.get(use.launch_id)
        except NotFound:
            return None, None
        return launch, self.store.launches.latest(use.user, use.server)
