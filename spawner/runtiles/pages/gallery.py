"""What the spawn page is made of: catalogue, policy and the person's last choice in one value."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.contract.errors import NotFound
from runtiles.names import server_name
from runtiles.policy import SitePolicy

from .cards import GpuCount, MachineCard, TileCard, machine_card, tile_card
from .fields import Group, advanced_groups

_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True)
class GalleryData:
    """Everything that the page shows; plain texts, escaped by whoever renders them.

    `tiles` are in the order of the gallery: recommended, others, unlisted. `retired` maps a
    deprecated tile that has a successor to it. `tile` and `machine` are chosen at first. `closed`: why
    nothing can be started now, `""` when it can. `again`: the server was started before; the Hub makes one
    for every page that is only looked at.
    """

    tiles: tuple[TileCard, ...]
    machines: tuple[MachineCard, ...]
    groups: tuple[Group, ...]
    retired: Mapping[str, Mapping[str, str]]
    tile: str
    machine: str
    server: str
    service_url: str
    notice: str = ""
    closed: str = ""
    again: bool = False

    @property
    def listed_count(self) -> int:
        return sum(not tile.unlisted for tile in self.tiles)

    @property
    def recommended_count(self) -> int:
        return sum(tile.recommended and not tile.unlisted for tile in self.tiles)

    def client(self) -> dict[str, Any]:
        """What the page's script needs: JSON-able, no credential in it."""
        return {
            "tiles": {tile.slug: asdict(tile) for tile in self.tiles},
            "machines": {machine.slug: asdict(machine) for machine in self.machines},
            "retired": {slug: dict(entry) for slug, entry in self.retired.items()},
            "tile": self.tile,
            "server": self.server,
            "again": self.again,
            "service_url": self.service_url,
        }


def gallery_data(
    catalogue: Catalogue,
    policy: SitePolicy,
    *,
    teams: Collection[str] = (),
    server: str = "",
    previous: Mapping[str, Any] | None = None,
    recent: Mapping[str, float] | None = None,
    gpus: Mapping[str, GpuCount] | None = None,
    service_url: str = "",
    currency: str = "",
    named: bool = False,
    closed: str = "",
    again: bool = False,
) -> GalleryData:
    """The page for one server ('' or `default`: the Hub's unnamed one) of a member of `teams`.

    `previous`: the last options of this server; `recent`: tile slug to the time of its last use
    (seconds); `gpus`: machine slug to its GPUs, without an entry where nothing is known;
    `service_url`: path of the Runtiles service as the browser sees it, '' to post to the Hub alone;
    `named`: the person may have named servers, so that the default one's page may start one;
    `closed`: why the site accepts no launches now; `again`: this server was started before.
    """
    options = previous or _EMPTY
    server = server_name(server)
    wanted = str(options.get("tile") or options.get("profile") or "")
    tile = _chosen_tile(catalogue, policy, wanted)
    machine = _chosen_machine(catalogue, policy, str(options.get("machine") or ""), tile)
    keeps = tile is not None and _same_tile(catalogue, wanted, tile)
    return GalleryData(
        tiles=_tile_cards(catalogue, policy, recent or {}),
        machines=_machine_cards(catalogue, gpus or {}, currency, machine),
        groups=advanced_groups(
            policy, options if keeps else _EMPTY, teams=teams, named=named and not server
        ),
        retired=_retired(catalogue),
        tile=tile.slug if tile else "",
        machine=machine.slug if machine else "",
        server=server,
        service_url=_folder(service_url),
        notice=_notice(catalogue, wanted, tile),
        closed=closed,
        again=again,
    )


def _tile_cards(
    catalogue: Catalogue, policy: SitePolicy, recent: Mapping[str, float]
) -> tuple[TileCard, ...]:
    offered = [tile for tile in catalogue.tiles.values() if tile.enabled and not tile.redirect]
    offered.sort(key=lambda tile: (not tile.listed, tile.category != "recommended"))
    machines = {gpu: _default_machine(catalogue, policy, gpu=gpu) for gpu in (True, False)}
    slugs = {gpu: machine.slug if machine else "" for gpu, machine in machines.items()}
    return tuple(
        tile_card(tile, machine=slugs[tile.gpu], recent=recent.get(tile.slug, 0.0))
        for tile in offered
    )


def _machine_cards(
    catalogue: Catalogue, gpus: Mapping[str, GpuCount], currency: str, chosen: Machine | None
) -> tuple[MachineCard, ...]:
    """Those on offer; and the chosen one, which may be a hidden machine that somebody was given."""
    return tuple(
        machine_card(machine, gpus.get(machine.slug), currency=currency)
        for machine in catalogue.machines.values()
        if machine.listed or machine is chosen
    )


def _chosen_tile(catalogue: Catalogue, policy: SitePolicy, wanted: str) -> Tile | None:
    """The last one if it is still there, else the site's default; None on a site without tiles."""
    found = _resolved(catalogue, wanted)
    if found is not None:
        return found
    for preferred in (policy.default_tile, None):
        try:
            return catalogue.default_tile(preferred)
        except NotFound:
            continue
    return None


def _resolved(catalogue: Catalogue, slug: str) -> Tile | None:
    """What a launch of it gets; None for a tile that is gone or disabled."""
    try:
        return catalogue.resolve(slug)
    except NotFound:
        return None


def _chosen_machine(
    catalogue: Catalogue, policy: SitePolicy, wanted: str, tile: Tile | None
) -> Machine | None:
    if wanted in catalogue.machines and catalogue.machine(wanted).enabled:
        return catalogue.machine(wanted)
    return _default_machine(catalogue, policy, gpu=bool(tile and tile.gpu))


def _default_machine(catalogue: Catalogue, policy: SitePolicy, *, gpu: bool) -> Machine | None:
    preferred = policy.default_machine if policy.default_machine in catalogue.machines else None
    try:
        return catalogue.default_machine(gpu=gpu, preferred=preferred)
    except NotFound:
        return None


def _retired(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for tile in catalogue.tiles.values():
        successor = _resolved(catalogue, tile.slug) if tile.redirect else None
        if successor:
            found[tile.slug] = {"title": tile.title, "successor": successor.slug}
    return found


def _same_tile(catalogue: Catalogue, wanted: str, tile: Tile) -> bool:
    # What was typed for the deprecated tile belongs to its successor too.
    resolved = _resolved(catalogue, wanted)
    return resolved is not None and resolved.slug == tile.slug


def _notice(catalogue: Catalogue, wanted: str, tile: Tile | None) -> str:
    if not wanted or tile is None or wanted == tile.slug:
        return ""
    if _same_tile(catalogue, wanted, tile):
        old = catalogue.tile(wanted).title
        return f"{old}, which you used last, is deprecated: {tile.title} takes its place."
    return f"The tile that you used last ({wanted}) is no longer offered here."


def _folder(url: str) -> str:
    return f"{url.rstrip('/')}/" if url else ""
