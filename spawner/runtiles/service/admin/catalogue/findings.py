"""What works as it is written but is hardly meant: told to an admin before it is saved. Pure."""

from collections.abc import Iterator

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.contract.errors import NotFound
from runtiles.policy import SitePolicy


def new_findings(before: Catalogue, after: Catalogue, policy: SitePolicy) -> list[str]:
    """One sentence for each thing that is odd in `after` and was not in `before`."""
    old = set(findings(before, policy))
    found = [text for text in findings(after, policy) if text not in old]
    return [*_new_default(before, after), *found]


def findings(catalogue: Catalogue, policy: SitePolicy) -> Iterator[str]:
    yield from _redirects(catalogue)
    yield from _defaults(catalogue, policy)
    yield from _unstartable(catalogue)


def _redirects(catalogue: Catalogue) -> Iterator[str]:
    for tile in catalogue.tiles.values():
        if tile.redirect and tile.enabled and not _starts(catalogue, tile):
            yield (
                f"The tile {tile.slug!r} leads to {tile.redirect!r}, which cannot be started: neither"
                " can it."
            )


def _defaults(catalogue: Catalogue, policy: SitePolicy) -> Iterator[str]:
    tile = catalogue.tiles.get(policy.default_tile or "")
    if tile and not _starts(catalogue, tile):
        yield f"The site's default tile {tile.slug!r} cannot be started; another one takes its place."
    machine = catalogue.machines.get(policy.default_machine or "")
    if machine and not machine.enabled:
        yield (
            f"The site's default machine {machine.slug!r} is switched off; another one takes its place."
        )
    marked = [machine for machine in catalogue.machines.values() if machine.default]
    if marked and not marked[0].listed:
        yield (
            f"The default machine {marked[0].slug!r} is not on offer; another one takes its place."
        )


def _unstartable(catalogue: Catalogue) -> Iterator[str]:
    offered = catalogue.visible_machines()
    if not offered:
        yield "No machine is on offer: nobody can start anything without naming a hidden one."
    if not catalogue.visible_tiles():
        yield "No tile is listed: the gallery is empty."
    if not any(machine.gpus for machine in offered):
        for tile in catalogue.visible_tiles():
            if tile.gpu:
                yield f"The tile {tile.slug!r} wants a GPU, and no machine on offer has one."


def _new_default(before: Catalogue, after: Catalogue) -> Iterator[str]:
    old, new = _default(before), _default(after)
    if old and new and old.slug != new.slug:
        yield f"The machine {new.slug!r} becomes the default in place of {old.slug!r}."


def _default(catalogue: Catalogue) -> Machine | None:
    return next((m for m in catalogue.machines.values() if m.default), None)


def _starts(catalogue: Catalogue, tile: Tile) -> bool:
    try:
        catalogue.resolve(tile.slug)
    except NotFound:
        return False
    return True
