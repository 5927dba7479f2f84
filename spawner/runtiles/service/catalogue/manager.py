"""The catalogue as JSON."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles.catalogue import LiveCatalogue, Machine, Tile
from runtiles.store import Facts

#: Published by the Hub, which owns the GPU ledger: {machine slug: {"free": n, "total": n}}.
AVAILABLE = "machines.available"


@dataclass(frozen=True)
class CatalogueManager:
    catalogue: LiveCatalogue
    facts: Facts

    async def tiles(self) -> list[dict[str, Any]]:
        """What a gallery lists."""
        return [_tile(tile) for tile in (await self.catalogue.fresh()).visible_tiles()]

    async def tile(self, slug: str) -> dict[str, Any]:
        """A listed or hidden tile; of a deprecated one its successor. Raises NotFound."""
        return _tile((await self.catalogue.fresh()).resolve(slug))

    async def machines(self) -> list[dict[str, Any]]:
        """With `available`: how many such machines are free now, null where nobody counts them."""
        fact = await asyncio.to_thread(self.facts.read, AVAILABLE)
        free = fact.value if fact and isinstance(fact.value, dict) else {}
        machines = (await self.catalogue.fresh()).visible_machines()
        return [_machine(machine, free) for machine in machines]


def _tile(tile: Tile) -> dict[str, Any]:
    return tile.model_dump(mode="json")


def _machine(machine: Machine, free: Mapping[str, Any]) -> dict[str, Any]:
    return {**machine.model_dump(mode="json"), "available": free.get(machine.slug)}
