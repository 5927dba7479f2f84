"""Runtimes that are played: each reports on a connection of its own, as `runtiles_server.activity` does.

Cheap on purpose: a player that is busy would measure itself. How late its own reports are is written down.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

_INTERVAL_S = 30.0
_WHOLE_S = 600.0
_LOAD = b'{"percent": 3.0, "above_for": null, "quiet_for": 9000.0}'
_REPORT = (
    b'{"sequence": %d, "up_for": %.3f, "kernels": [{"id": "%s", "path": "work/train.ipynb",'
    b' "busy_for": %s, "quiet_for": %.3f, "connections": 1}], "terminals": [{"name": "1",'
    b' "running": "", "running_for": null, "quiet_for": 9000.0}], "sessions": 1,'
    b' "occupied_for": 0.0, "connected_for": 0.0, "input_for": null, "gpu": ' + _LOAD + b","
    b' "cpu": ' + _LOAD + b', "syncing": ""}'
)
_HEAD = (
    b"POST %sdefault/activity?launch=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n"
    b"Authorization: Runtiles %s\r\nContent-Type: application/json\r\nContent-Length: "
)


@dataclass(slots=True)
class Runtime:
    """`deadline`: when its last message is `timeout` ago, on this process's clock; None for a busy one.
    `lively`: there is always something new about it, or somebody looks at what it is told. `heard`: a
    report of it was taken."""

    user: str
    launch: str
    head: bytes
    lively: bool = False
    deadline: float | None = None
    stopped: float | None = None
    beat: bytes = b""
    whole_at: float = 0.0
    heard: bool = False


def runtime(path: str, user: str, launch: str, key: str) -> Runtime:
    return Runtime(user, launch, _HEAD % (path.encode(), launch.encode(), key.encode()))


@dataclass
class Reports:
    """What was sent and answered. `delays`: how late the player itself was; `answered`: seconds that the
    service took. `beats`: as runtimes do, or else whole reports only. A `port` of 0 ends them all."""

    timeout: float
    port: int = 0
    beats: bool = True
    began: float = field(default_factory=monotonic)
    delays: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0

    def activity(self, one: Runtime) -> bytes:
        passed = monotonic() - self.began
        busy, quiet = b"%.3f" % (passed + 100), 1.0
        if one.deadline is not None:
            busy, quiet = b"null", max(0.0, self.timeout - (one.deadline - monotonic()))
        return _REPORT % (passed, 100_000 + passed, one.launch.encode(), busy, quiet)

    def begin(self, runtimes: list[Runtime]) -> None:
        loop = asyncio.get_running_loop()
        for number, one in enumerate(runtimes):
            at = loop.time() + _INTERVAL_S * number / len(runtimes)
            loop.call_at(at, _Connection(self, one, loop).live, at)

    def clear(self) -> None:
        self.delays.clear()
        self.answered.clear()
        self.statuses.clear()
        self.lost = 0


class _Connection(asyncio.Protocol):
    """The life of one runtime."""

    __slots__ = ("_connecting", "_loop", "_one", "_reports", "_rest", "_sent_at", "_transport")

    def __init__(self, reports: Reports, one: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        self._reports, self._one, self._loop = reports, one, loop
        self._transport: asyncio.Transport | None = None
        self._rest, self._sent_at, self._connecting = b"", 0.0, False

    def live(self, at: float) -> None:
        if self._one.stopped is not None or not self._reports.port:
            if self._transport is not None:
                self._transport.close()
            return
        now = self._loop.time()
        self._reports.delays.append(now - at)
        if self._transport is not None:
            self._send()
        elif not self._connecting:
            self._loop.create_task(self._connect())
        self._loop.call_at(at + _INTERVAL_S, self.live, at + _INTERVAL_S)

    async def _connect(self) -> None:
        self._connecting = True
        try:
            await self._loop.create_connection(lambda: self, "127.0.0.1", self._reports.port)
        except OSError:
            self._reports.lost += 1
        else:
            self._send()
        finally:
            self._connecting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport, self._rest = None, b""

    def _send(self) -> None:
        if self._transport is None:
            return
        one, now = self._one, self._loop.time()
        old = now - one.whole_at >= _WHOLE_S
        if one.beat and self._reports.beats and not one.lively and not old:
            body = b'{"same": "%s"}' % one.beat
        else:
            body, one.whole_at, one.beat = self._reports.activity(one), now, b""
        self._sent_at = now
        self._transport.write(b"%s%d\r\n\r\n%s" % (one.head, len(body), body))

    def data_received(self, data: bytes) -> None:
        answer = self._rest + data if self._rest else data
        head, found, body = answer.partition(b"\r\n\r\n")
        status = int(head[9:12]) if found else 0
        if not status or (status != 204 and len(body) < _length(head)):
            self._rest = answer
            return
        self._rest = b""
        reports, one = self._reports, self._one
        reports.statuses[status] += 1
        reports.answered.append(self._loop.time() - self._sent_at)
        if status == 200:
            one.beat, one.heard = body.partition(b'"beat": "')[2].partition(b'"')[0], True
        elif status == 409:
            one.beat = b""
            self._send()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
