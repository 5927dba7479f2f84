"""The loaded tiles and machines, and the questions one can ask them."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import TypeVar

from runtiles.contract.errors import CatalogueError, NotFound
from runtiles.values.text import did_you_mean, shown

from .models import Machine, Tile

_Entry = TypeVar("_Entry", Tile, Machine)


class Catalogue:
    """Immutable. Slugs are unique, every redirect leads to a tile, no redirects go round in circles:
    the loader sees to that before it makes one."""

    def __init__(self, tiles: Iterable[Tile], machines: Iterable[Machine]) -> None:
        self.tiles = MappingProxyType({tile.slug: tile for tile in tiles})
        self.machines = MappingProxyType({machine.slug: machine for machine in machines})

    def tile(self, slug: str) -> Tile:
        """The tile itself, also a deprecated one. Raises NotFound."""
        if slug not in self.tiles:
            raise NotFound(f"There is no tile {shown(slug)}.{did_you_mean(slug, self._offered)}")
        return self.tiles[slug]

    def machine(self, slug: str) -> Machine:
        """Raises NotFound."""
        if slug not in self.machines:
            meant = did_you_mean(slug, [machine.slug for machine in self.visible_machines()])
            raise NotFound(f"There is no machine {shown(slug)}.{meant}")
        return self.machines[slug]

    def resolve(self, slug: str) -> Tile:
        """The tile that a launch of `slug` gets: the end of its redirects. Raises NotFound, also when
        one on the way is disabled."""
        tile = _enabled(self.tile(slug))
        while tile.redirect:
            tile = _enabled(self.tile(tile.redirect))
        return tile

    def resolve_machine(self, slug: str) -> Machine:
        """The machine that a launch on `slug` gets. Raises NotFound, also for a disabled one."""
        return _enabled(self.machine(slug))

    def visible_tiles(self) -> list[Tile]:
        """What a gallery lists, in the order of the files: enabled, neither hidden nor deprecated."""
        return [tile for tile in self.tiles.values() if tile.listed]

    def visible_machines(self) -> list[Machine]:
        """What is offered, in the order of the files: enabled and not hidden."""
        return [machine for machine in self.machines.values() if machine.listed]

    def default_tile(self, preferred: str | None = None) -> Tile:
        """`preferred` (the site's policy) if there is one, else the first listed. Raises NotFound."""
        if preferred is not None:
            return self.resolve(preferred)
        for tile in (*self.visible_tiles(), *self.tiles.values()):
            try:
                return self.resolve(tile.slug)
            except NotFound:
                continue
        raise NotFound("This site has no tiles.", hint="Ask the admin to add one.")

    def default_machine(self, *, gpu: bool = False, preferred: str | None = None) -> Machine:
        """The machine for a launch that names none. Raises NotFound.

        The site's `preferred` one, then the one marked `default`, then the first; for a tile that
        wants a GPU the first of these that has one, if any has. Only what is offered counts, and
        `preferred` also where it is hidden.
        """
        if preferred is not None:
            self.machine(preferred)
        offered = [m for m in self.machines.values() if m.listed or _wanted(m, preferred)]
        ranked = sorted(offered, key=lambda m: (m.slug != preferred, not m.default))
        if not ranked:
            raise NotFound("This site has no machines.", hint="Ask the admin to add one.")
        fitting = [machine for machine in ranked if machine.gpus] if gpu else ranked
        return (fitting or ranked)[0]

    def check_defaults(self, *, tile: str | None, machine: str | None) -> None:
        """For a site's start: does its policy name what there is? Raises CatalogueError."""
        try:
            self.default_tile(tile)
            self.default_machine(preferred=machine)
        except NotFound as error:
            raise CatalogueError(f"The site's defaults: {error}") from None

    @property
    def _offered(self) -> list[str]:
        return [tile.slug for tile in self.tiles.values() if tile.enabled and not tile.hidden]


def _wanted(machine: Machine, preferred: str | None) -> bool:
    return machine.enabled and machine.slug == preferred


def _enabled(entry: _Entry) -> _Entry:
    if entry.enabled:
        return entry
    kind = "tile" if isinstance(entry, Tile) else "machine"
    raise NotFound(
        f"The {kind} {entry.title!r} is switched off on this site.",
        hint=f"Choose another {kind}, or ask the admin to switch it on again.",
    )
