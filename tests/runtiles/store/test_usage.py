import time

import pytest

from runtiles.store import Store, UsageSum, Use


def ran(store: Store, launch: str, start: float, *, user: str = "ann", gpus: int = 0) -> None:
    store.launches.record(
        user, "lab", launch, options={}, spec={}, tile="py", machine="m", price_per_hour=1.5
    )
    if gpus:
        store.launches.update(launch, gpus=tuple(f"GPU-{n}" for n in range(gpus)))
    store.launches.update(launch, state="running", started_at=start)


def test_a_runtime_that_runs_has_an_open_row_and_its_end_closes_it(store: Store) -> None:
    ran(store, "l1", 100.0, gpus=2)
    (use,) = store.usage.running()
    assert use == Use("l1", "ann", "lab", "py", "m", 2, 1.5, 100.0, None)
    store.launches.finish("l1", "stopped")
    assert store.usage.running() == []
    (use,) = store.usage.within(0.0, 1e12)
    ended = store.launches.get("l1").ended_at
    assert use.ended == ended is not None


def test_what_never_ran_was_never_used(store: Store) -> None:
    store.launches.record("ann", "lab", "l1", options={}, spec={})
    store.launches.finish("l1", "failed")
    assert store.usage.within(0.0, 1e12) == []


def test_later_changes_of_a_launch_make_no_second_row(store: Store) -> None:
    ran(store, "l1", 100.0)
    store.launches.update("l1", notices=("hello",))
    store.launches.update("l1", state="running", started_at=500.0)
    (use,) = store.usage.within(0.0, 1e12)
    assert use.started == 100.0


def test_usage_outlives_the_runtime(store: Store) -> None:
    """It ends with what is forgotten: who is told later of its end has no launch to tell it of."""
    ran(store, "l1", 100.0)
    before = time.time()
    store.launches.forget("ann", "lab")
    (use,) = store.usage.within(0.0, 1e12)
    assert before <= (use.ended or 0.0) <= time.time()
    store.launches.finish("l1", "stopped")
    assert store.usage.within(0.0, 1e12) == [use]


def test_the_next_launch_ends_the_one_before(store: Store) -> None:
    """Whoever should have said so has died."""
    ran(store, "l1", 100.0)
    store.launches.update("l1", frozen_at=200.0)
    second = store.launches.record("ann", "lab", "l2", options={}, spec={})
    store.launches.record("ann", "other", "l3", options={}, spec={})
    (use,), (frozen,) = store.usage.within(0.0, 1e12), store.spans.within(0.0, 1e12)
    assert use.ended == frozen.ended == second.created


def test_old_launches_are_pruned_and_their_usage_is_not(store: Store) -> None:
    for number in range(6):
        ran(store, f"l{number}", 100.0 + number)
        store.launches.finish(f"l{number}", "stopped")
    assert len(store.launches.of_runtime("ann", "lab")) == 3
    assert len(store.usage.within(0.0, 1e12)) == 6


def test_an_end_that_nobody_recorded_can_be_told_once(store: Store) -> None:
    ran(store, "l1", 100.0)
    store.usage.end("l1", 160.0)
    store.usage.end("l1", 999.0)
    store.usage.end("nobody", 1.0)
    (use,) = store.usage.within(0.0, 1e12)
    assert use.ended == 160.0


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 100, []),
        (0, 101, ["closed"]),
        (150, 160, ["closed"]),
        (199, 400, ["closed", "open"]),
        (200, 300, []),
        (200, 301, ["open"]),
        (5000, 6000, ["open"]),
    ],
)
def test_what_ran_within_a_time(
    store: Store, start: float, end: float, expected: list[str]
) -> None:
    """`closed` ran from 100 to 200, `open` runs since 300."""
    ran(store, "closed", 100.0)
    store.usage.end("closed", 200.0)
    ran(store, "open", 300.0, user="bob")
    assert [use.launch_id for use in store.usage.within(start, end)] == expected


def test_only_the_part_within_counts() -> None:
    use = Use("l1", "ann", "", "", "", 0, 0.0, started=100.0, ended=200.0)
    assert use.seconds_within(0, 1000) == 100
    assert use.seconds_within(150, 1000) == 50
    assert use.seconds_within(0, 150) == 50
    assert use.seconds_within(300, 400) == 0
    running = Use("l1", "ann", "", "", "", 0, 0.0, started=100.0)
    assert running.seconds_within(0, 160) == 60


def test_what_has_ended_is_added_up_by_the_database(store: Store) -> None:
    for number, (start, end) in enumerate(((100.0, 200.0), (300.0, 350.0), (400.0, 390.0))):
        ran(store, f"l{number}", start, gpus=2)
        store.usage.end(f"l{number}", end)
    ran(store, "bob1", 100.0, user="bob")
    store.usage.end("bob1", 500.0)
    ran(store, "open", 500.0)
    assert store.usage.sums(99.0) == []
    (ann,) = store.usage.sums(400.0)
    assert ann == UsageSum("ann", "m", "running", 150.0, 300.0, 0.0625)
    assert {one.user for one in store.usage.sums(500.0)} == {"ann", "bob"}
    assert [use.launch_id for use in store.usage.since(390.0)] == ["bob1", "open"]
    assert set(store.usage.of(["l0", "open", "nobody"])) == {"l0", "open"}
