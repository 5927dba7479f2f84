"""Lines as they come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtiles.contract.errors import EngineUnavailable
from runtiles.service.runtimes.live_log import batches
from runtiles.values.loglines import LogLine


async def numbers(count: int, given: list[int]) -> AsyncGenerator[LogLine, None]:
    for number in range(count):
        given.append(number)
        yield LogLine(float(number), f"{number}")


async def test_every_line_comes_once_and_in_order() -> None:
    found = [line.text async for batch in batches(numbers(5000, [])) for line in batch]
    assert found == [f"{number}" for number in range(5000)]


async def test_a_slow_reader_holds_up_the_engine() -> None:
    given: list[int] = []
    async with aclosing(batches(numbers(100_000, given))) as coming:
        first = await anext(coming)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert len(given) <= len(first) + 1002


async def test_lines_that_come_together_are_given_together() -> None:
    go_on = asyncio.Event()

    async def lines() -> AsyncGenerator[LogLine, None]:
        for number in range(10):
            yield LogLine(float(number), "x")
        await go_on.wait()
        yield LogLine(99.0, "last")

    found: list[int] = []
    async for batch in batches(lines()):
        found.append(len(batch))
        if sum(found) == 10:
            go_on.set()
    assert sum(found) == 11
    assert len(found) <= 3


async def test_an_engine_that_goes_away_is_the_last_line() -> None:
    async def lines() -> AsyncGenerator[LogLine, None]:
        yield LogLine(1.0, "x")
        raise EngineUnavailable("It does not answer.")

    texts = [line.text async for batch in batches(lines()) for line in batch]
    assert texts == ["x", "[It does not answer.]"]


async def test_a_reader_that_leaves_ends_the_source() -> None:
    ended = asyncio.Event()

    async def lines() -> AsyncGenerator[LogLine, None]:
        try:
            yield LogLine(1.0, "x")
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with aclosing(batches(lines())) as coming:
        await anext(coming)
    await asyncio.wait_for(ended.wait(), 60)
