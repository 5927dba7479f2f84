"""Writes to the store from the Hub without ever making the Hub wait for a disk."""

import asyncio
import logging
from collections.abc import Callable

#: One write: runs in a thread, in the order of submission.
Write = Callable[[], object]

_log = logging.getLogger(__name__)


class Recorder:
    """A queue of writes with one worker: order is kept, and a full or broken disk costs the history
    of a launch (and a line in the Hub's log), never the launch."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Write] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    def submit(self, write: Write) -> None:
        """Do this write soon; failures are logged."""
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())
        self._queue.put_nowait(write)

    async def done(self, write: Write) -> None:
        """Returns when this write, and all that were submitted before, have been tried."""
        tried = asyncio.Event()
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                write()
            finally:
                loop.call_soon_threadsafe(tried.set)

        self.submit(work)
        await tried.wait()

    async def flush(self) -> None:
        """Returns when every write submitted so far is done."""
        await self._queue.join()

    async def _work(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await asyncio.to_thread(_run, batch)
            for _ in batch:
                self._queue.task_done()


def _run(batch: list[Write]) -> None:
    for write in batch:
        try:
            write()
        except Exception:  # noqa: BLE001, RUF100 - whatever it is, the next write must still happen
            _log.exception("A write to the store failed")
