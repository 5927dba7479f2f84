"""Bytes that come on the event loop, for blocking code on a thread."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import CancelledError, Future

_GONE = "the caller went away"


class Pulled:
    """One piece at a time is asked for, so nothing piles up. Made on the event loop, read on one thread.

    `abort` ends a reader that waits, with an error. `error` is what the source raised, if it did.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._loop = asyncio.get_running_loop()
        self._asked: Future[bytes | None] | None = None
        self._rest = b""
        self._aborted = False
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._piece()) is not None:
            if piece:
                yield piece

    def read(self, size: int) -> bytes:
        """Exactly as much, but for the end: what tarfile and zlib want of a file."""
        while len(self._rest) < size and (piece := self._piece()) is not None:
            self._rest += piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def abort(self) -> None:
        self._aborted = True
        if self._asked is not None:
            self._asked.cancel()

    def _piece(self) -> bytes | None:
        if not self._aborted:
            self._asked = asyncio.run_coroutine_threadsafe(self._ask(), self._loop)
        # Again: it may have been aborted in between, when there was nothing to cancel.
        if self._aborted or self._asked is None:
            self.abort()
            raise ConnectionAbortedError(_GONE)
        try:
            return self._asked.result()
        except CancelledError:
            raise ConnectionAbortedError(_GONE) from None
        except Exception as error:
            self.error = error
            raise

    async def _ask(self) -> bytes | None:
        return await anext(self._chunks, None)
