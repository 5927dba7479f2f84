"""Counters since the beginning."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtiles.service.admin.usage.metrics import as_metrics
from runtiles.service.admin.usage.totals import Totals
from runtiles.store import Store, UsageSum

NOW = 1_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    yield store
    store.close()


class Time:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def ran(store: Store, launch: str, start: float, end: float | None = None) -> None:
    """On a machine for 3.6 an hour: a thousandth each second."""
    name = f"lab-{launch}"
    store.launches.record("ann", name, launch, options={}, spec={}, machine="m", price_per_hour=3.6)
    store.launches.update(launch, state="running", started_at=start)
    if end is not None:
        store.usage.end(launch, end)


def seconds(sums: list[UsageSum], state: str = "running") -> float:
    return sum(one.seconds for one in sums if one.state == state)


def test_they_are_the_same_as_if_all_was_read(store: Store) -> None:
    """What ended long ago, a moment ago, and not yet; then some of it later."""
    time, other = Time(), Time()
    ran(store, "old", NOW - 5000, NOW - 4000)
    ran(store, "late", NOW - 500, NOW - 100)
    ran(store, "open", NOW - 50)
    store.launches.update("open", frozen_at=NOW - 20)
    totals = Totals(store, time)
    found = totals.read()
    assert (seconds(found), seconds(found, "frozen")) == (1450.0, 20.0)
    for step in (200.0, 200.0, 4000.0, 10.0):
        time.now += step
        other.now = time.now
        assert totals.read() == Totals(store, other).read()
    store.usage.end("open", time.now)
    time.now += 4000.0
    found = totals.read()
    assert seconds(found) == 1000.0 + 400.0 + 50.0 + 4410.0
    assert sum(one.cost for one in found) == pytest.approx(seconds(found) / 1000)


def test_the_history_is_not_read_at_each_scrape(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(store, "old", NOW - 5000, NOW - 4000)
    ran(store, "open", NOW - 50)
    sums, asked = store.usage.sums, []

    def counted(until: float) -> list[UsageSum]:
        asked.append(until)
        return sums(until)

    monkeypatch.setattr(store.usage, "sums", counted)
    time = Time()
    totals = Totals(store, time)
    for _ in range(60):
        totals.read()
        time.now += 30.0
    assert len(asked) == 1
    assert [use.launch_id for use in store.usage.since(totals._until)] == ["open"]


def test_a_counter_never_goes_back(store: Store) -> None:
    """Its end is recorded late: the counter waits until it is true again."""
    time = Time()
    ran(store, "open", NOW - 100)
    totals = Totals(store, time)
    assert seconds(totals.read()) == 100.0
    store.usage.end("open", NOW - 60)
    assert seconds(totals.read()) == 100.0
    ran(store, "next", NOW)
    time.now += 50.0
    assert seconds(totals.read()) == 100.0
    time.now += 50.0
    assert seconds(totals.read()) == 140.0


def test_a_clock_that_is_set_back_is_followed(store: Store) -> None:
    time = Time()
    ran(store, "open", NOW - 100)
    totals = Totals(store, time)
    totals.read()
    time.now -= 86_400.0
    assert seconds(totals.read()) == 100.0


def test_new_names_make_no_new_series(store: Store) -> None:
    for number in range(5):
        ran(store, f"l{number}", NOW - 100, NOW - 90)
    text = as_metrics(Totals(store, Time()).read())
    lines = [
        line for line in text.splitlines() if line.startswith("runtiles_runtime_seconds_total")
    ]
    assert lines == ['runtiles_runtime_seconds_total{machine="m",state="running",user="ann"} 50.0']
    assert "lab-" not in text
