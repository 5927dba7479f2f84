"""Connections on which runtimes report: each is one small object, and a report costs a read and a write."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from runtiles.contract.errors import RuntilesError
from runtiles.service.base import default_headers
from runtiles.service.errors import body_of, status_of

from .intake import Intake

_log = logging.getLogger(__name__)
#: A report has some hundred bytes a kernel, and a few of a proxy's headers.
_MOST_HEAD, _MOST_BODY = 16 * 1024, 64 * 1024
_END = b"\r\n\r\n"
#: Who sends one of these wants more of HTTP than is known here.
_BEYOND = frozenset({b"transfer-encoding", b"content-encoding", b"expect", b"upgrade"})
_KEPT = b"keep-alive"
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r\n\0]*)", re.ASCII)
_LENGTH = re.compile(rb"[1-9][0-9]{0,8}")
#: Nobody reads from two connections at the same time.
_SHARED = memoryview(bytearray(_MOST_BODY))


@dataclass(slots=True)
class Report:
    """`size`: of all of it, in bytes."""

    launch: str
    authorization: str
    body: bytes
    size: int


class NoReport(Exception):
    """Another request, or one that has to be looked at more closely."""


def report_of(data: bytes, path: "re.Pattern[bytes]") -> Report | None:
    """The one that `data` begins with; None for not all of it yet. `path` matches the request's line, and
    has the launch. Raises NoReport. Pure."""
    end = data.find(_END)
    if end < 0:
        if len(data) > _MOST_HEAD:
            raise NoReport
        return None
    line, *fields = data[:end].split(b"\r\n")
    pairs = [_field(each) for each in fields]
    found, headers = path.fullmatch(line), dict(pairs)
    length = headers.get(b"content-length", b"")
    odd = len(headers) < len(pairs) or not _BEYOND.isdisjoint(headers)
    kept = headers.get(b"connection", _KEPT).lower() == _KEPT
    if found is None or odd or not kept or _LENGTH.fullmatch(length) is None:
        raise NoReport
    begin, size = end + len(_END), end + len(_END) + int(length)
    if int(length) > _MOST_BODY:
        raise NoReport
    if len(data) < size:
        return None
    authorization = headers.get(b"authorization", b"").decode("latin1")
    return Report(found[1].decode(), authorization, data[begin:size], size)


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = _FIELD.fullmatch(line)
    if found is None:
        raise NoReport
    return found[1].lower(), found[2].strip()


class Reporting(asyncio.BufferedProtocol):
    """One connection, on which nothing but reports has come so far. `hand_on` gets it with what came last
    as soon as that is something else. `closed` is told of its end."""

    __slots__ = ("_asking", "_closed", "_data", "_hand_on", "_intake", "_path", "_transport")

    def __init__(
        self,
        intake: Intake,
        path: "re.Pattern[bytes]",
        hand_on: Callable[["Reporting", bytes], None],
        closed: Callable[["Reporting"], None],
    ) -> None:
        self._intake, self._path = intake, path
        self._hand_on, self._closed = hand_on, closed
        self._data = b""
        self._transport: asyncio.Transport | None = None
        self._asking: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return _SHARED

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(_SHARED[:nbytes])
        self._data = self._data + data if self._data else data
        if self._asking is None:
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport = None
        if self._asking is not None:
            self._asking.cancel()
        self._closed(self)

    def pause_writing(self) -> None:
        # Whoever reads no answers is no runtime.
        self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def leave(self) -> socket.socket | None:
        """The connection itself, which goes on elsewhere; None when it is gone."""
        if self._transport is None:
            return None
        here: socket.socket = self._transport.get_extra_info("socket")
        there = here.dup()
        self._transport.abort()
        self._transport = None
        return there

    def _go_on(self) -> None:
        while self._data and self._transport is not None:
            try:
                report = report_of(self._data, self._path)
            except NoReport:
                self._hand_on(self, self._data)
                return
            if report is None:
                return
            self._data = self._data[report.size :]
            answer = self._intake.quickly(report.launch, report.authorization, report.body)
            if answer is None:
                # One at a time: answers come in the order of what they answer.
                self._transport.pause_reading()
                self._asking = asyncio.get_running_loop().create_task(self._ask(report))
                return
            self._reply(HTTPStatus.OK if answer else HTTPStatus.NO_CONTENT, answer)

    async def _ask(self, report: Report) -> None:
        """There is something to wait for, or something is wrong."""
        try:
            told = await self._intake.heard(report.launch, report.authorization, report.body)
            status = HTTPStatus.NO_CONTENT if told is None else HTTPStatus.OK
        except Exception as error:  # noqa: BLE001, RUF100 - any: it is the answer
            status = HTTPStatus(status_of(error))
            told = body_of(error, status)
            if not isinstance(error, RuntilesError):
                _log.exception("Unforeseen error in a report")
        self._asking = None
        self._reply(status, b"" if told is None else json.dumps(told).encode())
        if self._transport is not None:
            self._transport.resume_reading()
            self._go_on()

    def _reply(self, status: HTTPStatus, body: bytes) -> None:
        if self._transport is None:
            return
        length = b""
        if body:
            length = (
                b"Content-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n"
                % len(body)
            )
        self._transport.write(_HEADS[status] + length + b"\r\n" + body)


def _head(status: HTTPStatus) -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in default_headers().items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{fields}".encode()


_HEADS = {status: _head(status) for status in HTTPStatus}
