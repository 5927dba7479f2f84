"""How long a runtime may run: what was asked for, the defaults, and who sets the cap. Pure."""

from collections.abc import Collection

from runtiles.catalogue.models import Machine, Tile
from runtiles.policy import Limit, SitePolicy


def time_cap(
    tile: Tile, machine: Machine, policy: SitePolicy, teams: Collection[str] | None
) -> Limit | None:
    """The longest time limit, and who sets it; None for no limit. A user's groups are peers of the site:
    they change what it allows, never what tile and machine do."""
    caps = [
        policy.limit("max_time_limit", teams),
        Limit(machine.max_time, f"the machine {machine.slug!r}") if machine.max_time else None,
        Limit(tile.time_limit, f"the tile {tile.slug!r}") if tile.time_limit else None,
    ]
    return min((cap for cap in caps if cap), key=lambda cap: cap.seconds, default=None)


def time_limit(
    asked: int | None,
    tile: Tile,
    machine: Machine,
    policy: SitePolicy,
    teams: Collection[str] | None,
) -> int | None:
    """What a runtime gets, in seconds: what was asked for, else the default of its tile, its machine, its
    user's groups or the site, else all that is allowed; never more than that. None for no limit."""
    default = policy.limit("default_time_limit", teams)
    cap = time_cap(tile, machine, policy, teams)
    wanted = asked or tile.default_time or machine.default_time
    if wanted is None and default is not None:
        wanted = default.seconds
    if cap is None:
        return wanted
    return cap.seconds if wanted is None else min(wanted, cap.seconds)
