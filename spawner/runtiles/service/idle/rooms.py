"""How far an end can still be moved, and when it is told of: what buttons are made of. Pure."""

from typing import Any

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import NotFound
from runtiles.options.limits import time_cap
from runtiles.policy import Limit, SitePolicy
from runtiles.store import LaunchRecord

from .asking import Latest


def latest_end(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> Latest | None:
    """Beyond it nobody may extend a reservation; None for no limit. Tile, machine and policy count as they
    are now, its user's groups as they were at the launch: the Hub is not asked."""
    limits = [Limit(policy.max_age)] if policy.max_age else []
    cap = _cap(launch, catalogue, policy)
    if cap is not None:
        beyond = policy.limit("max_extension", launch.teams)
        limits.append(Limit(cap.seconds + (beyond.seconds if beyond else 0), cap.who))
    if not limits:
        return None
    first = min(limits, key=lambda limit: limit.seconds)
    return Latest((launch.started_at or launch.created) + first.seconds, first.who)


def _cap(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> Limit | None:
    try:
        tile, machine = catalogue.tile(launch.tile), catalogue.machine(launch.machine)
    except NotFound:
        # What set its limit is gone: the limit it has stays.
        own = launch.spec.get("time_limit")
        return Limit(int(own), "its launch") if own else None
    return time_cap(tile, machine, policy, launch.teams)


def rooms(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> dict[str, Any]:
    """`extend`: beyond the present end; null without a reservation, or when nothing is left. `hold`: from
    now. A `max_seconds` of null: no limit. `warnings`: none in a dry run."""
    longest = policy.limit("max_hold", launch.teams)
    return {
        "warnings": [] if policy.idle_dry_run else [round(each) for each in policy.idle_warnings],
        "extend": _extend(launch.ends_at, latest_end(launch, catalogue, policy)),
        "hold": {"max_seconds": longest.seconds if longest else None},
    }


def _extend(ends: float | None, latest: Latest | None) -> dict[str, Any] | None:
    if ends is None:
        return None
    if latest is None:
        return {"max_seconds": None}
    left = int(latest.at - ends)
    return {"max_seconds": left} if left > 0 else None
