"""The events of launches for any number of listeners: one reader of the events table for all of them.

It reads only while somebody listens, a few times a second, and only what is new.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator

from runtiles.contract.errors import RuntilesError
from runtiles.store import EventLog, StoredEvent

_log = logging.getLogger(__name__)
_INTERVAL_S = 0.1
_BATCH = 1000

Queue = asyncio.Queue[StoredEvent]


class EventTail:
    """Guarantees: a listener gets each event of its launch after `last_id` once, in order, from the
    first; a new one about `interval` after it was stored."""

    def __init__(self, events: EventLog, *, interval: float = _INTERVAL_S) -> None:
        self._events = events
        self._interval = interval
        self._queues: dict[str, set[Queue]] = defaultdict(set)
        self._cursor = 0
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @property
    def reading(self) -> bool:
        return self._reader is not None

    async def listen(
        self, launch_id: str, last_id: int = 0, *, pulse: float = 15.0
    ) -> AsyncGenerator[StoredEvent | None, None]:
        """The events of a launch, without end; None after each `pulse` seconds of silence.

        Close it (`aclosing`) to stop listening.
        """
        queue: Queue = asyncio.Queue()
        # First in line, then the past, then what came meanwhile: so nothing falls in between.
        await self._join(launch_id, queue)
        try:
            for stored in await asyncio.to_thread(self._events.for_launch, launch_id, last_id):
                last_id = stored.id
                yield stored
            while True:
                stored_or_none = await _next(queue, pulse)
                if stored_or_none is None:
                    yield None
                elif stored_or_none.id > last_id:
                    yield stored_or_none
        finally:
            self._leave(launch_id, queue)

    async def _join(self, launch_id: str, queue: Queue) -> None:
        async with self._starting:
            if self._reader is None or self._reader.done():
                self._cursor = await asyncio.to_thread(self._events.last_id)
                self._reader = asyncio.create_task(self._read())
            self._queues[launch_id].add(queue)

    def _leave(self, launch_id: str, queue: Queue) -> None:
        self._queues[launch_id].discard(queue)
        if not self._queues[launch_id]:
            del self._queues[launch_id]
        if not self._queues and self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def _read(self) -> None:
        while True:
            batch = await self._batch()
            for stored in batch:
                self._cursor = stored.id
                for queue in self._queues.get(stored.launch_id, ()):
                    queue.put_nowait(stored)
            if len(batch) < _BATCH:
                await asyncio.sleep(self._interval)

    async def _batch(self) -> list[StoredEvent]:
        try:
            return await asyncio.to_thread(self._events.since, self._cursor, limit=_BATCH)
        except RuntilesError as error:
            _log.warning("Could not read the events: %s", error)
            return []


async def _next(queue: Queue, pulse: float) -> StoredEvent | None:
    with contextlib.suppress(asyncio.TimeoutError):
        return await asyncio.wait_for(queue.get(), pulse)
    return None
