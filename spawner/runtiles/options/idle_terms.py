"""Which idle policy a runtime has: its own request, else its tile, its pool, the site. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from runtiles.catalogue.models import IdlePolicy, Tile
from runtiles.policy import SitePolicy
from runtiles.values.quantities import NEVER


def idle_terms(
    request: Mapping[str, Any],
    tile: Tile | None,
    pool: str,
    policy: SitePolicy,
    teams: Collection[str] | None,
) -> IdlePolicy | None:
    """What applies, between the site's floor and the cap of the site or of the user's groups; None where
    nobody says a timeout, or the first who does says never.

    `request` has what its user asked for, of a policy's keys. Each key comes from the first of request,
    tile, pool and site that has it: a request for another action keeps the tile's timeout.
    """
    asked = {key: value for key, value in request.items() if value is not None}
    said = {**own_rule(tile, pool, policy), **asked}
    if said.get("timeout", NEVER) == NEVER:
        return None
    merged = IdlePolicy.model_validate(said)
    return merged.model_copy(update={"timeout": bounded(merged.timeout, policy, teams)})


def own_rule(tile: Tile | None, pool: str, policy: SitePolicy) -> dict[str, Any]:
    """What holds for who asks for nothing: the keys of an IdleRule that anybody has."""
    rules = (policy.default_idle, policy.pool_idle.get(pool), tile.idle if tile else None)
    return {
        key: value
        for rule in rules
        if rule is not None
        for key, value in rule.model_dump(exclude_none=True).items()
    }


def bounded(timeout: int, policy: SitePolicy, teams: Collection[str] | None) -> int:
    """Between floor and cap; the cap wins over a floor above it."""
    longest = policy.limit("max_idle_timeout", teams)
    floor = policy.min_idle_timeout or timeout
    cap = longest.seconds if longest else max(timeout, floor)
    return min(max(timeout, floor), cap)
