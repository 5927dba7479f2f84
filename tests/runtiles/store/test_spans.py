"""When a launch waited and when it stood still, exact over restarts: it is in the database."""

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
    text = as_metrics(store.usage.within(0.0, 1000.0), [queued, frozen], 1000.0)
    of = 'machine="big",runtime="lab",state="{}",user="ann"'
    for state, seconds in (("running", 300.0), ("queued", 60.0), ("frozen", 200.0)):
        assert f"runtiles_runtime_seconds_total{{{of.format(state)}}} {seconds}" in text
    assert 'runtiles_cost_total{machine="big",runtime="lab",user="ann"} 0.3' in text
    assert store.spans.within(170.0, 290.0) == []
    store.close()


@pytest.mark.parametrize("what", ["forgotten", "unknown"])
def test_what_is_gone_waits_no_more(tmp_path: Path, what: str) -> None:
    store = Store(f"sqlite:///{tmp_path}/s.sqlite")
    if what == "forgotten":
        store.launches.record("ann", "lab", "l1", options={}, spec={})
        store.events.append("ann", "lab", "l1", LaunchEvent("queued", "phase", time=100.0))
        store.launches.forget("ann", "lab")
    store.launches.update("l1", frozen_at=300.0)
    assert all(span.ended for span in store.spans.within(0.0, 1e12))
    store.close()
