"""How far a user may move the end of a runtime. Pure."""

from collections.abc import Mapping
from typing import Any

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import NotFound
from runtiles.options.site_rules import time_cap
from runtiles.policy import SitePolicy
from runtiles.store import LaunchRecord


def latest_end(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> float | None:
    """In seconds since the epoch: beyond it nobody may extend. None for no limit."""
    began = launch.started_at or launch.created
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
    return began + min(limits) if limits else None


def may_extend(expires: float | None, latest: float | None) -> Mapping[str, Any] | None:
    """By how much the end may still move: None for not at all, `max_seconds` of None for any."""
    if expires is None or (latest is not None and latest - expires < 1):
        return None
    return {"max_seconds": None if latest is None else int(latest - expires)}
