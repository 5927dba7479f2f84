"""Who has changed, told to any number of listeners: one reader of the changes for all of them."""

import asyncio
import logging
from collections.abc import Callable

from runtiles.contract.errors import RuntilesError
from runtiles.store import ChangeReader, Changes, News

_log = logging.getLogger(__name__)
_INTERVAL_S = 0.25

#: Takes the names of the users of whom something has changed; None for anybody.
Listener = Callable[[frozenset[str] | None], None]


class ChangesTail:
    """Reads while somebody listens, and then only what is new."""

    def __init__(self, changes: Changes, *, interval: float = _INTERVAL_S) -> None:
        self._changes = changes
        self._interval = interval
        self._listeners: set[Listener] = set()
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @property
    def reading(self) -> bool:
        return self._reader is not None

    async def join(self, listener: Listener) -> None:
        """From now on it is called when something has changed. Raises what the database raises."""
        async with self._starting:
            if self._reader is None or self._reader.done():
                reader = await asyncio.to_thread(ChangeReader, self._changes)
                self._reader = asyncio.create_task(self._read(reader))
            self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def _read(self, reader: ChangeReader) -> None:
        while True:
            if news := await self._new(reader):
                users = None if news.missed else frozenset(c.user for c in news.changes)
                for listener in tuple(self._listeners):
                    listener(users)
                reader.took(news)
            await asyncio.sleep(self._interval)

    async def _new(self, reader: ChangeReader) -> News:
        try:
            return await asyncio.to_thread(reader.new)
        except RuntilesError as error:
            _log.warning("Could not read the changes: %s", error)
            return News()
