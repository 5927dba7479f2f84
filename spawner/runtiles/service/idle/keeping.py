"""All parts of idleness together, as the service has them."""

import asyncio
from dataclasses import dataclass

from .desk import Desk
from .outlets import Outlets
from .population import Population
from .reservations import Reservations
from .watcher import Watcher


@dataclass(frozen=True)
class Idle:
    watcher: Watcher
    population: Population
    desk: Desk
    reservations: Reservations
    outlets: Outlets

    async def run(self) -> None:
        """For ever."""
        await asyncio.gather(self.population.run(), self.watcher.run())
