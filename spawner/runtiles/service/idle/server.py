"""The service's HTTP server: takes reports before the web framework looks at them, which costs more than
they do."""

import asyncio
import re
import socket
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any, TypeAlias

from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, SSLIOStream
from tornado.web import Application

from runtiles.service.base import default_headers

from .intake import Intake

_Line: TypeAlias = RequestStartLine | ResponseStartLine
#: An honest one has some hundred bytes a kernel.
_MOST = 64 * 1024


class _Stream(IOStream):
    """One whose socket can outlive it."""

    _lets_go = False

    def let_go(self) -> socket.socket:
        kept, self._lets_go = self.socket, True
        self.close()
        return kept

    def close_fd(self) -> None:
        if not self._lets_go:
            super().close_fd()


class ReportServer(HTTPServer):
    """Everything but a report with which all is well is answered by the application: errors come from one
    place. A connection over which a report came rests until the next one: ten thousand that are ready for
    any request take 80 MB, as many that rest a tenth of it."""

    def initialize(  # type: ignore[override]
        self, app: Application, intake: Intake, prefix: str, **options: Any
    ) -> None:
        super().initialize(app, **options)
        self.intake = intake
        path = re.escape(f"{prefix}api/launch-spec/")
        self._report = re.compile(rf"{path}[^/?]+/activity\?launch=([\w-]+)")
        self._reported: set[object] = set()
        self._resting: dict[int, tuple[socket.socket, Any]] = {}

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        if server_conn in self._reported and isinstance(server_conn, HTTP1ServerConnection):
            self._reported.discard(server_conn)
            self._rest(server_conn)
        return _Request(self, server_conn, request_conn)

    def application(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Who answers what is no report."""
        return super().start_request(server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self._reported.discard(server_conn)
        super().on_close(server_conn)

    async def close_all_connections(self) -> None:
        for fd in list(self._resting):
            self._woken(fd)[0].close()
        await super().close_all_connections()

    def reported(self, server_conn: object) -> None:
        """It rests as soon as the answer has left."""
        self._reported.add(server_conn)

    def _rest(self, connection: HTTP1ServerConnection) -> None:
        stream: IOStream = connection.stream
        # The next request may be there already.
        is_begun = stream._read_buffer_size > 0  # noqa: SLF001
        if is_begun or isinstance(stream, SSLIOStream) or stream.closed():
            return
        if isinstance(stream, _Stream):
            kept = stream.let_go()
        else:
            kept = stream.socket.dup()
            # Nobody else would notice that the other end is gone.
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            stream.close()
        self._resting[kept.fileno()] = kept, connection.context.address  # type: ignore[attr-defined]
        asyncio.get_running_loop().add_reader(kept.fileno(), self._wake, kept.fileno())

    def _woken(self, fd: int) -> tuple[socket.socket, Any]:
        asyncio.get_running_loop().remove_reader(fd)
        return self._resting.pop(fd)

    def _wake(self, fd: int) -> None:
        """Something comes, or it was closed."""
        kept, address = self._woken(fd)
        sizes = {
            "max_buffer_size": self.max_buffer_size,
            "read_chunk_size": self.read_chunk_size,
        }
        self.handle_stream(_Stream(kept, **sizes), address)

    def launch_of(self, line: _Line, headers: HTTPHeaders) -> str:
        """Whose report this may be; empty for another request."""
        if not isinstance(line, RequestStartLine) or line.method != "POST":
            return ""
        found = self._report.fullmatch(line.path)
        if found is None or "Transfer-Encoding" in headers or "Content-Encoding" in headers:
            return ""
        length = headers.get("Content-Length", "")
        return found[1] if length.isdecimal() and 0 < int(length) <= _MOST else ""


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
        self._server.reported(self._server_conn)
        self._connection.write_headers(line, headers, body)
        self._connection.finish()
