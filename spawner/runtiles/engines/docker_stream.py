"""A streaming answer of the Docker API, read on a thread and cancellable from the event loop.

docker-py's own generators hide the response, so a reader that waits for the next byte could never
be woken; here closing shuts the socket down and the thread ends at once.
"""

import asyncio
import contextlib
import json
import threading
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, BinaryIO

import requests
from typing_extensions import Self

from .docker_client import DockerDoor, translate

_BLOCK = 64 * 1024
#: Bytes that may wait for a slow consumer before the reader (and so the engine) is held up.
_AHEAD = 1024 * 1024
_CONNECT_TIMEOUT = 10.0
_GRACE = 30.0


class RefusedError(Exception):
    """The engine answered a streaming request with an error status. Internal: callers translate it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


class EngineStream:
    """`async with EngineStream(...) as stream: ... await stream.read()`.

    Entering waits for the answer's headers. Raises RefusedError for an error status and
    EngineUnavailable when the engine cannot be reached or breaks off.
    """

    def __init__(
        self,
        door: DockerDoor,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: BinaryIO | None = None,
        silence: float | None = None,
    ) -> None:
        """`silence`: seconds without headers (TimeoutError) or a byte (EngineUnavailable)."""
        self._door = door
        self._request = (method, path)
        self._silence = silence
        # Connection: close, so that the socket we may shut down never becomes another request's.
        self._options: dict[str, Any] = {
            "params": dict(params or {}),
            "headers": {**(headers or {}), "Connection": "close"},
            "data": _Guarded(body, self) if body else None,
            # Later than what our own readers call silence, so that theirs is the message.
            "timeout": (_CONNECT_TIMEOUT, silence + _GRACE if silence else None),
            "stream": True,
        }
        self._items: deque[bytes | Exception] = deque()
        self._waiter: asyncio.Future[bool] | None = None
        # What both threads touch, under the condition.
        self._shared = threading.Condition()
        self._fresh: list[bytes | Exception] = []
        self._unread = 0
        self._response: requests.Response | None = None
        self.closed = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._reader = self._door.start_thread(self._read_all)
        try:
            await self._headers()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def read(self, timeout: float | None = None) -> bytes | None:
        """The next bytes; b'' at the end, None when `timeout` seconds passed without any."""
        # It is also woken for headers that were there before anybody waited for them: that is no end.
        while not self._items and await self._arrival(timeout):
            pass
        if not self._items:
            return None
        item = self._items.popleft()
        if isinstance(item, RefusedError):
            raise item
        if isinstance(item, Exception):
            raise translate(item) from item
        with self._shared:
            self._unread -= len(item)
            self._shared.notify()
        return item

    @property
    def unread(self) -> int:
        """Bytes that have come and not yet been asked for."""
        return self._unread

    async def aclose(self) -> None:
        """Frees the thread and the socket."""
        with self._shared:
            self.closed = True
            response = self._response
            self._shared.notify()
        if response is None:
            return  # still waiting for headers, if at all: the thread sees `closed` when they come
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            response.raw.shutdown()
        await asyncio.wait({self._reader})

    # -- on the event loop -------------------------------------------------------------------------

    async def _headers(self) -> None:
        if self._response is None and not self._items:
            await self._arrival(self._silence)
        if self._items and isinstance(self._items[0], Exception):
            await self.read()
        if self._response is None:
            raise TimeoutError

    async def _arrival(self, timeout: float | None) -> bool:
        """Whether it was woken before the time had passed."""
        # Not asyncio.wait_for: before Python 3.12 it loses a cancellation that comes with an item.
        waiter = self._waiter = self._loop.create_future()
        timer = self._loop.call_later(timeout, self._wake, False) if timeout is not None else None
        try:
            return await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _wake(self, news: bool) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(news)

    def _take(self) -> None:
        """All that has come since the last time: a flood of small pieces is one item."""
        with self._shared:
            fresh, self._fresh = self._fresh, []
        if data := b"".join(item for item in fresh if isinstance(item, bytes)):
            self._items.append(data)
        self._items.extend(item for item in fresh if not item or isinstance(item, Exception))
        self._wake(True)

    # -- on the thread -----------------------------------------------------------------------------

    def _read_all(self) -> None:
        """The last thing it gives is b'' or an error."""
        try:
            with self._door.request(*self._request, **self._options) as response:
                if response.status_code >= HTTPStatus.BAD_REQUEST:
                    self._put(RefusedError(response.status_code, _message(response)))
                    return
                with self._shared:
                    self._response = response
                self._tell_loop()
                self._pass_on(response)
        except Exception as error:  # noqa: BLE001 - handed to the one who reads
            self._put(error)

    def _pass_on(self, response: requests.Response) -> None:
        data = b"-"
        while data and not self.closed:
            data = response.raw.read1(_BLOCK)
            self._put(data)

    def _put(self, item: bytes | Exception) -> None:
        with self._shared:
            while self._unread > _AHEAD and not self.closed:
                self._shared.wait()
            if isinstance(item, bytes):
                self._unread += len(item)
            self._fresh.append(item)
            first = len(self._fresh) == 1
        if first:
            self._tell_loop()

    def _tell_loop(self) -> None:
        # RuntimeError: the loop has ended and with it everybody who could read.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take)


class _Guarded:
    """A request body that stops being sent when its stream is closed."""

    def __init__(self, body: BinaryIO, stream: EngineStream) -> None:
        self._body = body
        self._stream = stream
        self.len = body.seek(0, 2)
        body.seek(0)

    def read(self, size: int = -1) -> bytes:
        if self._stream.closed:
            raise ConnectionAbortedError("the caller went away")
        return self._body.read(size)


class JsonLines:
    """The engine's JSON messages, one a line, out of bytes that are cut anywhere."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages completed by `data`; what is no JSON object is left out."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [message for line in lines if (message := _object(line)) is not None]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _message(response: requests.Response) -> str:
    message = _object(response.content)
    return str(message.get("message", "")) if message else response.text[:500]
