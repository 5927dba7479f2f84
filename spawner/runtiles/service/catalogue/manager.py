"""The catalogue as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.store import Facts

#: Published by the Hub, which owns the GPU ledger: {machine slug: {"free": n, "total": n}}.
AVAILABLE = "machines.available"


@dataclass(frozen=True)
class CatalogueManager:
    catalogue: Catalogue
    facts: Facts

    def tiles(self) -> list[dict[str, Any]]:
        """What a gallery lists."""
        return [_tile(tile) for tile in self.catalogue.visible_tiles()]

    def tile(self, slug: str) -> dict[str, Any]:
        """A listed or hidden tile; of a deprecated one its successor. Raises NotFound."""
        return _tile(self.catalogue.resolve(slug))

    def machines(self) -> list[dict[str, Any]]:
        """With `available`: how many such machines are free now, null where nobody counts them."""
        fact = self.facts.read(AVAILABLE)
        free = fact.value if fact and isinstance(fact.value, dict) else {}
        return [_machine(machine, free) for machine in self.catalogue.machines.values()]


def _tile(tile: Tile) -> dict[str, Any]:
    return tile.model_dump(mode="json")


def _machine(machine: Machine, free: Mapping[str, Any]) -> dict[str, Any]:
    return {**machine.model_dump(mode="json"), "available": free.get(machine.slug)}
