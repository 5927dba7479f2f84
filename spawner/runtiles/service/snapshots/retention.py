"""Which snapshots make room. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from runtiles.policy import SitePolicy
from runtiles.store import SnapshotRecord


def superfluous(
    records: Iterable[SnapshotRecord],
    policy: SitePolicy,
    *,
    now: float,
    waited_for: Collection[str] = (),
) -> list[SnapshotRecord]:
    """Of all that are kept: those without a name that are more than a runtime's newest
    `keep_snapshots`, or older than `snapshot_max_age`; never one that a runtime is paused on, nor one
    that came as a file."""
    found = []
    for newest_first in _by_runtime(records).values():
        for place, one in enumerate(newest_first):
            old = policy.snapshot_max_age and now - one.created > policy.snapshot_max_age
            if one.id not in waited_for and (place >= policy.keep_snapshots or old):
                found.append(one)
    return found


def after_pause(
    records: Iterable[SnapshotRecord], server: str, policy: SitePolicy
) -> list[SnapshotRecord]:
    """Those that will make room for one more of this runtime."""
    mine = _by_runtime(one for one in records if one.server == server)
    return [
        one for several in mine.values() for one in several[max(policy.keep_snapshots - 1, 0) :]
    ]


def staying(
    records: Iterable[SnapshotRecord], leaving: Sequence[SnapshotRecord]
) -> list[SnapshotRecord]:
    gone = {one.id for one in leaving}
    return [one for one in records if one.id not in gone]


def _by_runtime(
    records: Iterable[SnapshotRecord],
) -> dict[tuple[str, str], list[SnapshotRecord]]:
    """Those that may go, newest first."""
    found: dict[tuple[str, str], list[SnapshotRecord]] = defaultdict(list)
    for one in sorted(records, key=lambda one: -one.created):
        if not one.name and one.origin != "import":
            found[one.user, one.server].append(one)
    return found
