"""Usage whose end nobody recorded."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtiles.contract.events import LaunchEvent
from runtiles.engines.memory import MemoryEngine
from runtiles.service.admin.usage.closing import Closing
from runtiles.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite", keep_launches=2)
    yield store
    store.close()


def launch(store: Store, number: str, **changes: Any) -> None:
    store.launches.record("ada", "lab", number, options={}, spec={})
    store.launches.update(number, state="running", started_at=time.time() - 60, **changes)


def running(store: Store) -> list[str]:
    return [use.launch_id for use in store.usage.running()]


async def test_what_is_current_stays_open(store: Store) -> None:
    engine = MemoryEngine()
    image = engine.publish("a/b:1", local=True)
    launch(store, "1", container_id=engine.create("one", image, {}))
    assert await Closing(store, engine).close_abandoned() == []
    assert await Closing(store, None).close_abandoned() == []
    assert running(store) == ["1"]


async def test_a_launch_whose_container_is_gone_has_ended(store: Store) -> None:
    launch(store, "1", container_id="removed-behind-our-back")
    engine = MemoryEngine()
    engine.available = False
    assert await Closing(store, engine).close_abandoned() == []
    engine.available = True
    assert await Closing(store, engine).close_abandoned() == ["1"]
    assert running(store) == []


async def test_a_launch_that_another_followed_ended_then_at_the_latest(store: Store) -> None:
    """Also one that was said to run only after the other one began."""
    store.launches.record("ada", "lab", "1", options={}, spec={})
    second = store.launches.record("ada", "lab", "2", options={}, spec={})
    store.launches.update("1", state="running", started_at=time.time() - 60)
    assert await Closing(store, None).close_abandoned() == ["1"]
    (use,) = store.usage.within(0, time.time() + 1)
    assert use.ended == pytest.approx(second.created)


async def test_what_waits_although_its_launch_is_over_waits_no_more(store: Store) -> None:
    """Also where it never ran, so that nothing was charged."""
    for number in ("1", "2"):
        store.launches.record("ada", "lab", number, options={}, spec={})
        event = LaunchEvent("queued", "phase", time=time.time())
        # The first was superseded before its Hub said that it waits.
        store.events.append("ada", "lab", "1", event)
    store.events.append("ada", "lab", "2", LaunchEvent("queued", "phase", time=time.time()))
    assert await Closing(store, None).close_abandoned() == ["1"]
    assert [span.launch_id for span in store.spans.lasting()] == ["2"]


async def test_many_who_ask_cost_the_engine_one_question(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = MemoryEngine()
    asked: list[str] = []
    status = engine.status

    async def counted(container_id: str) -> Any:
        asked.append(container_id)
        return await status(container_id)

    monkeypatch.setattr(engine, "status", counted)
    launch(store, "1", container_id=engine.create("one", engine.publish("a/b:1", local=True), {}))
    closing = Closing(store, engine)
    await asyncio.gather(*(closing.recently() for _ in range(5)))
    assert len(asked) == 1
    closing._at -= 61.0
    await closing.recently()
    assert len(asked) == 2
