"""Snapshots, pauses and the keys around them."""

import pytest

from runtiles.contract.errors import NotFound
from runtiles.store import SnapshotRecord, Store


def record(snapshot: str = "s1", user: str = "ada", *, created: float = 1.0) -> SnapshotRecord:
    return SnapshotRecord(snapshot, user, "lab", created, 1000, summary={"kernels": []})


def test_a_snapshot_is_its_owners_alone(store: Store) -> None:
    store.snapshots.add(record(), {"kernels": [{"variables": ["x"]}]})
    assert store.snapshots.get("ada", "s1") == record()
    assert store.snapshots.manifest("ada", "s1") == {"kernels": [{"variables": ["x"]}]}
    with pytest.raises(NotFound):
        store.snapshots.get("bob", "s1")
    with pytest.raises(NotFound):
        store.snapshots.manifest("bob", "s1")
    with pytest.raises(NotFound):
        store.snapshots.update("bob", "s1", name="mine")
    with pytest.raises(NotFound):
        store.snapshots.delete("bob", "s1")
    assert store.snapshots.used("bob") == 0


def test_the_newest_comes_first_and_sizes_add_up(store: Store) -> None:
    store.snapshots.add(record("old", created=1.0), {})
    store.snapshots.add(record("new", created=2.0), {})
    store.snapshots.update("ada", "old", name="before the change", trusted=False)
    found = store.snapshots.of_user("ada")
    assert [(one.id, one.name, one.trusted) for one in found] == [
        ("new", "", True),
        ("old", "before the change", False),
    ]
    assert store.snapshots.used("ada") == 2000
    with pytest.raises(TypeError):
        store.snapshots.update("ada", "old", size=1)
    store.snapshots.add(record("his", "bob"), {})
    sums = [(one.user, one.count, one.size, one.oldest) for one in store.snapshots.sums()]
    assert sums == [("ada", 2, 2000, 1.0), ("bob", 1, 1000, 1.0)]


def test_a_runtime_without_its_snapshot_is_a_stopped_one(store: Store) -> None:
    store.snapshots.add(record(), {})
    store.launches.record("ada", "lab", "l1", options={}, spec={})
    store.launches.update("l1", snapshot="s1")
    store.launches.finish("l1", "stopped")
    before = store.changes.last_id()
    store.snapshots.delete("ada", "s1")
    assert store.launches.get("l1").snapshot == ""
    assert [change.server for change in store.changes.since(before)] == ["lab"]


def test_a_failed_resume_waits_for_its_snapshot_as_before(store: Store) -> None:
    store.snapshots.add(record(), {})
    for launch, snapshot, expected in (("l1", "s1", "s1"), ("l2", "gone", ""), ("l3", "", "")):
        options = {"resume": snapshot} if snapshot else {}
        store.launches.record("ada", "lab", launch, options=options, spec={})
        store.launches.finish(launch, "failed", error={"code": "x"})
        assert store.launches.get(launch).snapshot == expected


def test_one_pause_at_a_time(store: Store) -> None:
    assert store.pauses.begin("ada", "lab", "l1", "s1", "ada")
    assert not store.pauses.begin("ada", "lab", "l1", "s2", "admin")
    store.pauses.tell("ada", "lab", "l1", phase="saving", done=10, total=20)
    found = store.pauses.of_runtime("ada", "lab")
    assert found is not None
    assert (found.snapshot, found.phase, found.done, found.total) == ("s1", "saving", 10, 20)
    assert found.active
    store.pauses.fail("ada", "lab", "l1", {"code": "pause_failed", "message": "no room"})
    failed = store.pauses.all("ada")["ada", "lab"]
    assert not failed.active
    assert failed.error == {"code": "pause_failed", "message": "no room"}
    # Another attempt, and a runtime that was started again, begin anew.
    assert store.pauses.begin("ada", "lab", "l1", "s3", "ada")
    assert store.pauses.begin("ada", "lab", "l2", "s4", "ada")
    # Whoever is late with an earlier one changes nothing.
    store.pauses.fail("ada", "lab", "l1", {"code": "late"})
    store.pauses.clear("ada", "lab", "l1")
    later = store.pauses.of_runtime("ada", "lab")
    assert later is not None
    assert (later.active, later.error) == (True, None)
    store.pauses.clear("ada", "lab", "l2")
    assert store.pauses.of_runtime("ada", "lab") is None


def test_deleting_a_runtime_forgets_its_pause(store: Store) -> None:
    store.pauses.begin("ada", "lab", "l1", "s1", "ada")
    store.launches.forget("ada", "lab")
    assert store.pauses.all() == {}


def test_keys_are_of_one_user_and_one_launch_and_stay(store: Store) -> None:
    keys = store.state_keys
    assert keys.snapshot_key("ada") == keys.snapshot_key("ada")
    assert keys.control_key("ada", "l1") == keys.control_key("ada", "l1")
    every = {keys.snapshot_key("ada"), keys.snapshot_key("bob")}
    every |= {keys.control_key(user, launch) for user in ("ada", "bob") for launch in ("l1", "l2")}
    assert len(every) == 6
    assert store.secrets.list("ada") == []
    assert store.secrets.all() == []
