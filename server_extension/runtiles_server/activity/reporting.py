"""Tells the service: every half minute, and at once when something changes that decides over idleness."""

import asyncio
import http.client
import json
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from runtiles.contract.activity import REPORT_INTERVAL, Activity
from runtiles.contract.state import CONTROL_SCHEME

from .beats import Signature, goes_on, signature
from .threads import beside

_log = logging.getLogger(__name__)
#: Between two looks at the server; a change is told after this long at the latest.
_LOOK_S = 2.0
_TIMEOUT_S = 10.0
#: However little happens, a whole report is sent so often.
_WHOLE_S = 600.0


@dataclass(frozen=True)
class Place:
    """Where reports go: `url` of the launch at the service, opened by the control key."""

    url: str
    key: str
    tls: Optional[ssl.SSLContext] = None


class Refused(http.client.HTTPException):
    """The service takes no report like this one."""


class Post:
    """One connection, kept open: ten thousand runtimes that connect anew each time cost more than what
    they say. Blocks: call it in a thread, one at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: Optional[http.client.HTTPConnection] = None

    def send(self, report: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
        """What the service says of it, None for no news. Raises OSError or http.client.HTTPException, and
        ValueError for an answer that is none."""
        body = json.dumps(report).encode()
        try:
            return self._sent(body)
        except Refused:
            raise
        except (OSError, http.client.HTTPException):
            # The service may have closed a connection that was quiet for too long.
            self.close()
            return self._sent(body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _sent(self, body: bytes) -> Optional[Dict[str, Any]]:
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
            raise Refused(f"HTTP {response.status}")
        if response.status == HTTPStatus.NO_CONTENT:
            return None
        found = json.loads(text or b"{}")
        return found if isinstance(found, dict) else {}

    def _connected(self, parts: Any) -> http.client.HTTPConnection:
        if parts.scheme == "https":
            tls = self._place.tls or ssl.create_default_context()
            return http.client.HTTPSConnection(parts.netloc, timeout=_TIMEOUT_S, context=tls)
        return http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)


class Reporter:
    """`told` gets what the service answered last, for whoever shows it, and None when it answered that this
    still holds. `shown`: does anybody look at it? Then it is asked for anew each time."""

    def __init__(
        self,
        collect: Callable[[], Awaitable[Activity]],
        post: Post,
        *,
        told: Callable[[Optional[Dict[str, Any]]], None],
        shown: Callable[[], bool] = lambda: False,
        interval: float = REPORT_INTERVAL,
        look: float = _LOOK_S,
        whole: float = _WHOLE_S,
    ) -> None:
        self._collect, self._post, self._told, self._shown = collect, post, told, shown
        self._interval, self._look, self._whole = interval, look, whole
        self._soon = asyncio.Event()
        self._anyway = False
        self._signature: Optional[Signature] = None
        self._sent_at = -interval
        #: The last whole report, when it was sent, and what stands for it.
        self._report: Tuple[Activity, float, str] = (Activity(), 0.0, "")

    def soon(self) -> None:
        """Something happened that the next look shall not wait for."""
        self._soon.set()

    def anyway(self) -> None:
        """The service knows something new: it is asked, though there is nothing new to tell."""
        self._anyway = True
        self._soon.set()

    async def run(self) -> None:
        """For ever. A service that does not answer is told the next time."""
        failed = ""
        try:
            while True:
                try:
                    await self._once()
                    failed = ""
                except Exception as error:  # noqa: BLE001 - whatever it is: a silent runtime is never paused
                    if str(error) != failed:
                        _log.exception("What happens in this runtime could not be told; again soon")
                    failed = str(error)
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._soon.wait(), self._look)
                self._soon.clear()
        finally:
            self._post.close()

    async def _once(self) -> None:
        report = await self._collect()
        now, found = asyncio.get_running_loop().time(), signature(report)
        anyway, self._anyway = self._anyway, False
        if anyway or found != self._signature or now - self._sent_at >= self._interval:
            with suppress(OSError, http.client.HTTPException, ValueError):
                await self._tell(report, now, asks=anyway or self._shown())
                self._signature = found
            self._sent_at = now

    async def _tell(self, report: Activity, now: float, *, asks: bool) -> None:
        before, sent_at, beat = self._report
        is_new = asks or now - sent_at >= self._whole
        if beat and not is_new and goes_on(before, report) and await self._beat(beat):
            self._told(None)
            return
        answer = await beside(self._post.send, report.to_dict()) or {}
        beat = answer.pop("beat", None)
        self._report = report, now, beat if isinstance(beat, str) else ""
        self._told(answer)

    async def _beat(self, beat: str) -> bool:
        """Whether the service knows what it stands for. One that was started anew does not."""
        try:
            return await beside(self._post.send, {"same": beat}) is None
        except Refused:
            return False
