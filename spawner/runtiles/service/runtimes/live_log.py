"""Lines as they come, by the handful: a slow reader holds up the engine and not the service's memory."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtiles.contract.errors import RuntilesError
from runtiles.values.loglines import LogLine

#: How many lines a reader may lag behind before the engine has to wait.
_AHEAD = 1000

_Queue = asyncio.Queue[LogLine | None]


async def batches(lines: AsyncGenerator[LogLine, None]) -> AsyncGenerator[list[LogLine], None]:
    """All that has come since the last time. An error of the engine is the last line."""
    queue: _Queue = asyncio.Queue(_AHEAD)
    pump = asyncio.create_task(_pump(lines, queue))
    try:
        while (first := await queue.get()) is not None:
            batch, ended = [first], False
            while not queue.empty() and not ended:
                line = queue.get_nowait()
                ended = line is None
                batch += [line] if line else []
            yield batch
            if ended:
                return
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


async def _pump(lines: AsyncGenerator[LogLine, None], queue: _Queue) -> None:
    try:
        async with aclosing(lines):
            async for line in lines:
                await queue.put(line)
    except RuntilesError as error:
        await queue.put(LogLine(time.time(), f"[{error}]"))
    await queue.put(None)
