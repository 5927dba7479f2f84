"""One reader of the events table for all listeners."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from runtiles.contract.errors import ServiceUnavailable
from runtiles.contract.events import LaunchEvent
from runtiles.service.runtimes.progress import EventTail
from runtiles.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/x.sqlite")
    yield opened
    opened.close()


def say(store: Store, text: str, launch: str = "l1") -> int:
    return store.events.append("ann", "", launch, LaunchEvent("pulling", "log", text))


async def take(tail: EventTail, count: int, launch: str = "l1", last_id: int = 0) -> list[str]:
    found: list[str] = []
    async with aclosing(tail.listen(launch, last_id, pulse=5)) as events:
        async for stored in events:
            assert stored is not None
            found.append(stored.event.message)
            if len(found) == count:
                break
    return found


async def listening(tail: EventTail, count: int) -> None:
    async def reached() -> None:
        while sum(map(len, tail._queues.values())) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    await asyncio.wait_for(reached(), 60)


async def test_the_past_then_the_present_each_once_in_order(store: Store) -> None:
    tail = EventTail(store.events, interval=0.01)
    for number in range(3):
        say(store, f"{number}")
    taking = asyncio.create_task(take(tail, 6))
    await listening(tail, 1)
    for number in range(3, 6):
        say(store, f"{number}")
    assert await asyncio.wait_for(taking, 60) == ["0", "1", "2", "3", "4", "5"]


async def test_nothing_is_lost_or_doubled_while_somebody_writes(store: Store) -> None:
    tail = EventTail(store.events, interval=0.001)

    async def write() -> None:
        for number in range(200):
            await asyncio.to_thread(say, store, f"{number}")

    writing = asyncio.create_task(write())
    takers = []
    for _ in range(5):
        takers.append(asyncio.create_task(take(tail, 200)))
        await asyncio.sleep(0.02)
    expected = [f"{number}" for number in range(200)]
    for taker in takers:
        assert await asyncio.wait_for(taker, 60) == expected
    await writing


async def test_each_listener_hears_its_own_launch(store: Store) -> None:
    tail = EventTail(store.events, interval=0.01)
    one = asyncio.create_task(take(tail, 1, "l1"))
    two = asyncio.create_task(take(tail, 1, "l2"))
    await listening(tail, 2)
    say(store, "for two", "l2")
    say(store, "for one", "l1")
    assert await one == ["for one"]
    assert await two == ["for two"]


async def test_a_listener_may_begin_after_an_event(store: Store) -> None:
    tail = EventTail(store.events, interval=0.01)
    first = say(store, "first")
    say(store, "second")
    assert await take(tail, 1, last_id=first) == ["second"]


async def test_the_table_is_read_only_while_somebody_listens(store: Store) -> None:
    tail = EventTail(store.events, interval=0.01)
    assert not tail.reading
    takers = [asyncio.create_task(take(tail, 1)) for _ in range(2)]
    await listening(tail, 2)
    assert tail.reading
    takers[0].cancel()
    await listening(tail, 1)
    assert tail.reading
    say(store, "x")
    assert await takers[1] == ["x"]
    assert not tail.reading
    # And again, with what happened meanwhile taken for the past.
    say(store, "y")
    assert await take(tail, 2) == ["x", "y"]
    with pytest.raises(asyncio.CancelledError):
        await takers[0]


async def test_silence_is_told(store: Store) -> None:
    tail = EventTail(store.events, interval=0.01)
    async with aclosing(tail.listen("l1", pulse=0.02)) as events:
        assert await anext(events) is None
        assert await anext(events) is None


async def test_a_database_that_fails_for_a_while_is_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail = EventTail(store.events, interval=0.01)
    taking = asyncio.create_task(take(tail, 1))
    await listening(tail, 1)
    since, failures = store.events.since, iter([1, 1])

    def failing(*args: int, **kwargs: int) -> object:
        if "launch_id" not in kwargs and next(failures, None):
            raise ServiceUnavailable("locked")
        return since(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(store.events, "since", failing)
    say(store, "after all")
    assert await asyncio.wait_for(taking, 60) == ["after all"]
