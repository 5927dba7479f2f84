"""The service's HTTP server: takes reports before the web framework looks at them, which costs more than
they do."""

import asyncio
import re
import socket
from collections.abc import Awaitable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeAlias

from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream
from tornado.web import Application

from runtiles.service.base import default_headers

from .intake import Intake
from .reports import Reporting

_Line: TypeAlias = RequestStartLine | ResponseStartLine
#: An honest one has some hundred bytes a kernel.
_MOST = 64 * 1024


class ReportServer(HTTPServer):
    """Connections on which runtimes report are taken from the web framework, which costs more than they do;
    where a request on one is no report after all, it gets them back."""

    def initialize(  # type: ignore[override]
        self, app: Application, intake: Intake, prefix: str, **options: Any
    ) -> None:
        super().initialize(app, **options)
        self.intake = intake
        path = re.escape(f"{prefix}api/launch-spec/")
        report = rf"{path}[^/?]+/activity\?launch=([\w-]+)"
        self._report = re.compile(report)
        self._line = re.compile(rf"POST {report} HTTP/1\.1".encode())
        self._begins = f"POST {prefix}api/launch-spec/".encode()
        self._address: dict[Reporting, Any] = {}
        self._silent: set[IOStream] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """What a runtime reports on is told from the rest by the first that comes. Encrypted it all looks
        alike."""
        if self.ssl_options is not None:
            super().handle_stream(stream, address)
            return
        with suppress(OSError):
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._silent.add(stream)
        loop = asyncio.get_running_loop()
        loop.add_reader(stream.socket.fileno(), self._first, stream, address)

    def _first(self, stream: IOStream, address: Any) -> None:
        loop, connection = asyncio.get_running_loop(), stream.socket
        loop.remove_reader(connection.fileno())
        self._silent.discard(stream)
        try:
            begins = connection.recv(len(self._begins), socket.MSG_PEEK)
        except OSError:
            begins = b""
        if begins == self._begins:
            task = loop.create_task(self._report_on(connection, address))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            super().handle_stream(stream, address)

    async def _report_on(self, connection: socket.socket, address: Any) -> None:
        one = Reporting(self.intake, self._line, self._hand_on, self._ended)
        self._address[one] = address
        await asyncio.get_running_loop().connect_accepted_socket(lambda: one, connection)

    def _hand_on(self, one: Reporting, begun: bytes) -> None:
        address, connection = self._address[one], one.leave()
        if connection is not None:
            super().handle_stream(Begun(connection, begun), address)

    def _ended(self, one: Reporting) -> None:
        self._address.pop(one, None)

    async def close_all_connections(self) -> None:
        for stream in self._silent:
            asyncio.get_running_loop().remove_reader(stream.socket.fileno())
            stream.close()
        self._silent.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in list(self._address):
            one.abort()
        await super().close_all_connections()

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        return _Request(self, server_conn, request_conn)

    def application(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Who answers what is no report."""
        return super().start_request(server_conn, request_conn)

    def launch_of(self, line: _Line, headers: HTTPHeaders) -> str:
        """Whose report this may be; empty for another request."""
        if not isinstance(line, RequestStartLine) or line.method != "POST":
            return ""
        found = self._report.fullmatch(line.path)
        if found is None or "Transfer-Encoding" in headers or "Content-Encoding" in headers:
            return ""
        length = headers.get("Content-Length", "")
        return found[1] if length.isdecimal() and 0 < int(length) <= _MOST else ""


class Begun(IOStream):
    """A connection of which the first bytes were read elsewhere."""

    def __init__(self, connection: socket.socket, begun: bytes) -> None:
        self._begun = begun
        super().__init__(connection)

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        if not self._begun:
            return super().read_from_fd(buf)
        size = min(len(buf), len(self._begun))
        buf[:size], self._begun = self._begun[:size], self._begun[size:]
        return size


class _Request(HTTPMessageDelegate):
    """What may be a report is kept until all of it is there; anything else is handed on as it comes."""

    def __init__(
        self, server: ReportServer, server_conn: object, connection: HTTPConnection
    ) -> None:
        self._server, self._server_conn, self._connection = server, server_conn, connection
        self._launch, self._body = "", b""
        self._inner: HTTPMessageDelegate | None = None
        self._answer: bytes | None = None

    def headers_received(self, start_line: _Line, headers: HTTPHeaders) -> Awaitable[None] | None:
        self._launch = self._server.launch_of(start_line, headers)
        self._line, self._headers = start_line, headers
        return None if self._launch else self._hand_on()

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self._inner is not None:
            return self._inner.data_received(chunk)
        self._body += chunk
        if len(self._body) < int(self._headers["Content-Length"]):
            return None
        authorization = self._headers.get("Authorization", "")
        self._answer = self._server.intake.quickly(self._launch, authorization, self._body)
        return self._hand_on_whole() if self._answer is None else None

    def finish(self) -> None:
        if self._inner is not None:
            self._inner.finish()
        elif self._answer is not None:
            self._reply(self._answer)

    def on_connection_close(self) -> None:
        if self._inner is not None:
            self._inner.on_connection_close()

    def _hand_on(self) -> Awaitable[None] | None:
        self._inner = self._server.application(self._server_conn, self._connection)
        return self._inner.headers_received(self._line, self._headers)

    async def _hand_on_whole(self) -> None:
        if (begun := self._hand_on()) is not None:
            await begun
        if self._inner is not None and (taken := self._inner.data_received(self._body)) is not None:
            await taken

    def _reply(self, body: bytes) -> None:
        headers, status = HTTPHeaders(default_headers()), HTTPStatus.NO_CONTENT
        if body:
            status = HTTPStatus.OK
            headers["Content-Type"] = "application/json; charset=utf-8"
            headers["Content-Length"] = str(len(body))
        line = ResponseStartLine("HTTP/1.1", status.value, status.phrase)
        self._connection.write_headers(line, headers, body)
        self._connection.finish()
