"""Many open pages in one process: connections that read server-sent events and do nothing else."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from urllib.parse import urlsplit

_OPEN_S = 120.0
_HEAR_S = 30.0


class Listeners:
    """One connection per token, in a thread of its own: the caller's clock is not theirs."""

    def __init__(self, url: str, tokens: Sequence[str]) -> None:
        self._address = urlsplit(url)
        self._tokens = tokens
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: list[asyncio.Task[None]] = []
        self._last_data = [0.0] * len(tokens)
        self.open = 0
        self.opened_within = 0.0

    def __enter__(self) -> "Listeners":  # noqa: PYI034 - no typing.Self before Python 3.11
        self._thread.start()
        started = time.monotonic()
        self._loop.call_soon_threadsafe(self._open_all)
        self._until(lambda: all(self._last_data), _OPEN_S, "all pages to be open")
        self.opened_within = round(time.monotonic() - started, 2)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def time_to_hear(self, change: Callable[[], None]) -> float:
        """Seconds from the change to the moment when the first page hears of it."""
        before = self._last_data[0]
        started = time.monotonic()
        change()
        self._until(lambda: self._last_data[0] > before, _HEAR_S, "the change to be heard")
        return round(self._last_data[0] - started, 3)

    async def _hang_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _open_all(self) -> None:
        for number, token in enumerate(self._tokens):
            self._tasks.append(self._loop.create_task(self._listen(number, token)))

    async def _listen(self, number: int, token: str) -> None:
        host, port = str(self._address.hostname), self._address.port or 80
        reader, writer = await asyncio.open_connection(host, port)
        request = f"GET {self._address.path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        writer.write(f"{request}Authorization: token {token}\r\n\r\n".encode())
        self.open += 1
        try:
            while line := await reader.readline():
                if line.startswith(b"data:"):
                    self._last_data[number] = time.monotonic()
        finally:
            self.open -= 1
            writer.close()

    @staticmethod
    def _until(condition: Callable[[], bool], limit: float, what: str) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"waited {limit:.0f} s in vain for {what}")
            time.sleep(0.01)
