"""When a launch waited and when it stood still, exact over restarts: it is in the database."""

import time
from pathlib import Path

import pytest

from runtiles.contract.events import LaunchEvent
from runtiles.service.admin.usage.metrics import as_metrics
from runtiles.store import Store


def test_queued_and_frozen_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    store = Store(url)
    store.launches.record(
        "ann", "lab", "l1", options={}, spec={}, machine="big", price_per_hour=3.6
    )
    store.events.append("ann", "lab", "l1", LaunchEvent("queued", "phase", time=100.0))
    store.events.append("ann", "lab", "l1", LaunchEvent("queued", "progress", time=110.0))
    store.close()
    store = Store(url)
    store.events.append("ann", "lab", "l1", LaunchEvent("creating", "phase", time=160.0))
    store.launches.update("l1", state="running", started_at=200.0)
    store.launches.update("l1", frozen_at=300.0)
    store.launches.update("l1", frozen_at=300.0)
    (queued, frozen) = store.spans.within(0.0, 1000.0)
    assert (queued.kind, queued.started, queued.ended) == ("queued", 100.0, 160.0)
    assert (frozen.kind, frozen.started, frozen.ended) == ("frozen", 300.0, None)
    assert frozen.seconds_within(0.0, 1000.0) == 700.0
    store.launches.update("l1", state="stopped", ended_at=500.0)
    (queued, frozen) = store.spans.within(0.0, 1000.0)
    assert frozen.ended == 500.0
    text = as_metrics(store.usage.sums(1000.0))
    of = 'machine="big",state="{}",user="ann"'
    for state, seconds in (("running", 300.0), ("queued", 60.0), ("frozen", 200.0)):
        assert f"runtiles_runtime_seconds_total{{{of.format(state)}}} {seconds}" in text
    assert 'runtiles_cost_total{machine="big",user="ann"} 0.3' in text
    assert store.spans.within(170.0, 290.0) == []
    store.close()


@pytest.mark.parametrize("what", ["queued", "unknown", "ended"])
def test_what_is_gone_waits_no_more(store: Store, what: str) -> None:
    if what != "unknown":
        store.launches.record("ann", "lab", "l1", options={}, spec={})
    if what == "queued":
        store.events.append("ann", "lab", "l1", LaunchEvent("queued", "phase", time=100.0))
        before = time.time()
        store.launches.forget("ann", "lab")
        (queued,) = store.spans.within(0.0, 1e12)
        assert before <= (queued.ended or 0.0) <= time.time()
    if what == "ended":
        store.launches.finish("l1", "failed")
    # Both are told late.
    store.launches.update("l1", frozen_at=300.0)
    store.events.append("ann", "lab", "l1", LaunchEvent("queued", "progress", time=300.0))
    assert len(store.spans.within(0.0, 1e12)) == (what == "queued")


def test_what_waits_until_it_is_pruned(store: Store) -> None:
    """Hubs that died while it waited, and no word of its end."""
    for number in range(5):
        launch = f"l{number}"
        store.launches.record("ann", "lab", launch, options={}, spec={})
        store.events.append("ann", "lab", launch, LaunchEvent("queued", "phase", time=100.0))
    waiting = [span.launch_id for span in store.spans.within(0.0, 1e12) if span.ended is None]
    assert waiting == ["l4"]


def test_a_frozen_one_that_the_hub_woke_is_not_frozen_twice(store: Store) -> None:
    """It comes back, asks the server, and freezes it again since the moment that was recorded first."""
    began = time.time() - 36_000.0
    store.launches.record("ann", "lab", "l1", options={}, spec={})
    store.launches.update("l1", state="running", started_at=began)
    store.launches.update("l1", frozen_at=began)
    store.launches.update("l1", frozen_at=None)
    store.launches.update("l1", frozen_at=began)
    store.launches.finish("l1", "stopped")
    first, second = store.spans.within(0.0, 1e12)
    assert first.started == began
    assert began < (first.ended or 0.0) <= second.started <= (second.ended or 0.0)
    (use,) = store.usage.within(0.0, 1e12)
    frozen = sum(span.seconds_within(0.0, 1e12) for span in (first, second))
    assert frozen <= use.seconds_within(0.0, 1e12)
    assert store.launches.get("l1").frozen_at is None


def test_a_clock_that_was_set_back_makes_no_time(store: Store) -> None:
    later = time.time() + 3600.0
    store.launches.record("ann", "lab", "l1", options={}, spec={})
    store.launches.update("l1", state="running", started_at=later)
    store.launches.update("l1", frozen_at=later)
    store.launches.update("l1", frozen_at=None)
    store.launches.update("l1", frozen_at=later)
    store.launches.finish("l1", "stopped")
    assert [span.seconds_within(0.0, 1e12) for span in store.spans.within(0.0, 1e12)] == [0.0, 0.0]
