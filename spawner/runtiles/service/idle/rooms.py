"""How far an end can still be moved, and when it is told of: what buttons are made of. Pure."""

from typing import Any

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import NotFound
from runtiles.options.site_rules import time_cap
from runtiles.policy import SitePolicy
from runtiles.store import LaunchRecord


def latest_end(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> float | None:
    """Beyond it nobody may extend a reservation; None for no limit."""
    limits = [policy.max_age] if policy.max_age else []
    try:
        tile, machine = catalogue.tile(launch.tile), catalogue.machine(launch.machine)
    except NotFound:
        # What set its limit is gone: the limit it has stays.
        cap = launch.spec.get("time_limit")
    else:
        found = time_cap(tile, machine, policy)
        cap = found[0] if found else None
    if cap is not None:
        limits.append(int(cap) + (policy.max_extension or 0))
    return (launch.started_at or launch.created) + min(limits) if limits else None


def rooms(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> dict[str, Any]:
    """`extend`: beyond the present end; null without a reservation, or when nothing is left. `hold`: from
    now; null where nobody may. A `max_seconds` of null: no limit. `warnings`: none in a dry run."""
    return {
        "warnings": [] if policy.idle_dry_run else [round(each) for each in policy.idle_warnings],
        "extend": _extend(launch.ends_at, latest_end(launch, catalogue, policy)),
        "hold": None if policy.max_hold == 0 else {"max_seconds": policy.max_hold},
    }


def _extend(ends: float | None, latest: float | None) -> dict[str, Any] | None:
    if ends is None:
        return None
    if latest is None:
        return {"max_seconds": None}
    left = int(latest - ends)
    return {"max_seconds": left} if left > 0 else None
