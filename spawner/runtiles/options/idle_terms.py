"""Which idle policy a runtime has: its own request, else its tile, its pool, the site. Pure."""

from collections.abc import Mapping
from typing import Any

from runtiles.catalogue.models import IdlePolicy, Tile
from runtiles.policy import SitePolicy


def idle_terms(
    request: Mapping[str, Any], tile: Tile | None, pool: str, policy: SitePolicy
) -> IdlePolicy | None:
    """What applies, between the site's floor and cap; None where nobody says anything.

    `request` has what its user asked for, of a policy's keys. Each key comes from the first of request,
    tile, pool and site that has one at all: a request for another action keeps the tile's timeout.
    """
    asked = {key: value for key, value in request.items() if value is not None}
    own = (tile.idle if tile else None) or policy.pool_idle.get(pool) or policy.default_idle
    if own is None and "timeout" not in asked:
        return None
    merged = IdlePolicy.model_validate({**(own.model_dump() if own else {}), **asked})
    return merged.model_copy(update={"timeout": bounded(merged.timeout, policy)})


def bounded(timeout: int, policy: SitePolicy) -> int:
    """Between floor and cap; the cap wins over a floor above it."""
    floor = policy.min_idle_timeout or timeout
    cap = policy.max_idle_timeout or max(timeout, floor)
    return min(max(timeout, floor), cap)
