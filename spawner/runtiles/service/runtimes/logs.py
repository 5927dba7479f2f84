"""The output of a runtime: from its container while there is one, from our records afterwards."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from runtiles.contract.errors import EngineUnavailable, RuntilesError
from runtiles.contract.events import decode_line, without_events
from runtiles.engines.base import Engine
from runtiles.store import LaunchRecord, Store
from runtiles.store.logs import tail_lines

#: Lines that come faster than this after each other are the past, printed at once by the engine.
_BURST_S = 0.25
#: How many lines a slow reader may lag behind before the engine has to wait for it.
_AHEAD = 1000


@dataclass(frozen=True)
class RuntimeLogs:
    """`engine` is None where the service cannot see one; then only finished logs are known."""

    store: Store
    engine: Engine | None = None

    async def read(self, launch: LaunchRecord, tail: int | None) -> str:
        """The last `tail` lines (None: all there are). Empty when nothing was printed yet."""
        container = await self._container(launch)
        if container and self.engine:
            # Our own events are lines too: ask for more, drop them, cut again.
            wanted = None if tail is None else tail + 200
            return tail_lines(without_events(await self.engine.logs(container, tail=wanted)), tail)
        return await asyncio.to_thread(self._kept, launch, tail)

    async def follow(self, launch: LaunchRecord, tail: int | None) -> AsyncGenerator[str, None]:
        """What `read` gives, then each new line, until the container ends."""
        container = await self._container(launch)
        if not container or not self.engine:
            yield await asyncio.to_thread(self._kept, launch, tail)
            return
        async with aclosing(self.engine.follow(container)) as lines:
            async for text in from_tail(_printed(lines), tail):
                yield text

    async def _container(self, launch: LaunchRecord) -> str | None:
        """The id of the launch's container, if it still exists and the engine answers."""
        if self.engine is None or not launch.container_id:
            return None
        try:
            status = await self.engine.status(launch.container_id)
        except EngineUnavailable:
            return None
        return launch.container_id if status else None

    def _kept(self, launch: LaunchRecord, tail: int | None) -> str:
        kept = self.store.logs.get(launch.user, launch.server, launch_id=launch.id)
        if kept:
            return tail_lines(without_events(kept), tail)
        stored = self.store.events.for_launch(launch.id)
        lines = [f"{item.event.message}\n" for item in stored if item.event.kind == "log"]
        return tail_lines("".join(lines), tail)


async def from_tail(lines: AsyncIterator[str], tail: int | None) -> AsyncGenerator[str, None]:
    """The last `tail` of the lines that are there already, then each later one."""
    queue: asyncio.Queue[str | None] = asyncio.Queue(_AHEAD)
    pump = asyncio.create_task(_pump(lines, queue))
    held: deque[str] = deque(maxlen=tail)
    try:
        while tail is not None:
            try:
                line = await asyncio.wait_for(queue.get(), _BURST_S)
            except asyncio.TimeoutError:
                break
            if line is None:
                yield "".join(held)
                return
            held.append(line)
        yield "".join(held)
        while (line := await queue.get()) is not None:
            yield line
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


async def _pump(lines: AsyncIterator[str], queue: "asyncio.Queue[str | None]") -> None:
    try:
        async for line in lines:
            await queue.put(line)
    except RuntilesError as error:
        await queue.put(f"[{error}]\n")
    finally:
        await queue.put(None)


async def _printed(lines: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """With line ends, without our own events."""
    async for line in lines:
        if decode_line(line) is None:
            yield f"{line}\n"
