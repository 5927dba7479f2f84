"""Tells the service: every half minute, and at once when something changes that decides over idleness."""

import asyncio
import http.client
import json
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from runtiles.contract.activity import REPORT_INTERVAL, Activity
from runtiles.contract.state import CONTROL_SCHEME

from .threads import beside

#: Between two looks at the server; a change is told after this long at the latest.
_LOOK_S = 2.0
_TIMEOUT_S = 10.0
#: Somebody at work is told of once, not with every key.
_INPUT_STEP_S = 60.0

Signature = Tuple[Any, ...]


def signature(report: Activity) -> Signature:
    """What of a report decides: while it is the same, the service can count on by itself."""
    return (
        tuple((k.id, k.path, k.busy_for is not None, k.connections > 0) for k in report.kernels),
        tuple((t.name, t.running) for t in report.terminals),
        report.sessions,
        report.input_for is not None and report.input_for < _INPUT_STEP_S,
        report.gpu is not None and report.gpu.above_for is not None,
        report.cpu is not None and report.cpu.above_for is not None,
        bool(report.syncing),
    )


@dataclass(frozen=True)
class Place:
    """Where reports go: `url` of the launch at the service, opened by the control key."""

    url: str
    key: str
    tls: Optional[ssl.SSLContext] = None


class Post:
    """One connection, kept open: ten thousand runtimes that connect anew each time cost more than what
    they say. Blocks: call it in a thread, one at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: Optional[http.client.HTTPConnection] = None

    def send(self, report: Mapping[str, Any]) -> Dict[str, Any]:
        """What the service says of it. Raises OSError or http.client.HTTPException, and ValueError for an
        answer that is none."""
        body = json.dumps(report).encode()
        try:
            return self._sent(body)
        except (OSError, http.client.HTTPException):
            # The service may have closed a connection that was quiet for too long.
            self.close()
            return self._sent(body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _sent(self, body: bytes) -> Dict[str, Any]:
        parts = urlsplit(self._place.url)
        if self._connection is None:
            self._connection = self._connected(parts)
        headers = {
            "Authorization": f"{CONTROL_SCHEME} {self._place.key}",
            "Content-Type": "application/json",
        }
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self._connection.request("POST", path, body, headers)
        with self._connection.getresponse() as response:
            text = response.read()
        if response.status >= 400:
            raise http.client.HTTPException(f"HTTP {response.status}")
        found: Dict[str, Any] = json.loads(text or b"{}")
        return found

    def _connected(self, parts: Any) -> http.client.HTTPConnection:
        if parts.scheme == "https":
            tls = self._place.tls or ssl.create_default_context()
            return http.client.HTTPSConnection(parts.netloc, timeout=_TIMEOUT_S, context=tls)
        return http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)


class Reporter:
    """`told` gets what the service answered last, for whoever shows it."""

    def __init__(
        self,
        collect: Callable[[], Awaitable[Activity]],
        post: Post,
        *,
        told: Callable[[Dict[str, Any]], None],
        interval: float = REPORT_INTERVAL,
        look: float = _LOOK_S,
    ) -> None:
        self._collect, self._post, self._told = collect, post, told
        self._interval, self._look = interval, look
        self._soon = asyncio.Event()
        self._anyway = False
        self._signature: Optional[Signature] = None
        self._sent_at = -interval

    def soon(self) -> None:
        """Something happened that the next look shall not wait for."""
        self._soon.set()

    def anyway(self) -> None:
        """The service knows something new: it is asked, though there is nothing new to tell."""
        self._anyway = True
        self._soon.set()

    async def run(self) -> None:
        """For ever. A service that does not answer is told the next time."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                report = await self._collect()
                now, found = loop.time(), signature(report)
                anyway, self._anyway = self._anyway, False
                if anyway or found != self._signature or now - self._sent_at >= self._interval:
                    with suppress(OSError, http.client.HTTPException, ValueError):
                        self._told(await beside(self._post.send, report.to_dict()))
                        self._signature = found
                    self._sent_at = now
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._soon.wait(), self._look)
                self._soon.clear()
        finally:
            self._post.close()
