"""Which snapshots make room."""

from typing import Any

import pytest

from runtiles.policy import SitePolicy
from runtiles.service.snapshots.retention import after_pause, staying, superfluous
from runtiles.store import SnapshotRecord


def record(snapshot: str, created: float = 0.0, **other: Any) -> SnapshotRecord:
    whose = {"user": "ada", "server": "lab", **other}
    return SnapshotRecord(snapshot, whose.pop("user"), whose.pop("server"), created, 10, **whose)


THREE = [record("old", 1.0), record("middle", 2.0), record("new", 3.0)]


@pytest.mark.parametrize(
    ("records", "policy", "waited_for", "gone"),
    [
        ([], {}, (), []),
        (THREE, {}, (), ["old"]),
        (THREE[::-1], {}, (), ["old"]),
        (THREE, {"keep_snapshots": 1}, (), ["middle", "old"]),
        (THREE, {"keep_snapshots": 3}, (), []),
        # A runtime is paused on it.
        (THREE, {"keep_snapshots": 1}, ("old",), ["middle"]),
        # One with a name, and one that came as a file, are kept, and take nobody's place.
        ([*THREE, record("named", 4.0, name="x")], {}, (), ["old"]),
        ([*THREE, record("file", 4.0, origin="import")], {}, (), ["old"]),
        # Each runtime has its own, and each user.
        ([*THREE, record("other", 0.0, server="else")], {}, (), ["old"]),
        ([*THREE, record("bobs", 0.0, user="bob")], {}, (), ["old"]),
        # At 1003: older than ten seconds, whatever the count.
        ([record("aged", 990.0), record("young", 995.0)], {"snapshot_max_age": 10}, (), ["aged"]),
        ([record("aged", 990.0)], {"snapshot_max_age": 10}, ("aged",), []),
        ([record("aged", 990.0, name="x")], {"snapshot_max_age": 10}, (), []),
    ],
)
def test_what_goes(
    records: list[SnapshotRecord],
    policy: dict[str, Any],
    waited_for: tuple[str, ...],
    gone: list[str],
) -> None:
    found = superfluous(records, SitePolicy(**policy), now=1003.0, waited_for=waited_for)
    assert [one.id for one in found] == gone


@pytest.mark.parametrize(
    ("keep", "gone"), [(1, ["new", "middle", "old"]), (2, ["middle", "old"]), (4, [])]
)
def test_one_more_makes_room_for_itself(keep: int, gone: list[str]) -> None:
    records = [*THREE, record("other", server="else"), record("named", 9.0, name="x")]
    leaving = after_pause(records, "lab", SitePolicy(keep_snapshots=keep))
    assert [one.id for one in leaving] == gone
    assert {one.id for one in staying(records, leaving)} == {one.id for one in records} - set(gone)
