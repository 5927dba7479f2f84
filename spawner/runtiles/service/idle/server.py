"""The service's HTTP server: takes reports before the web framework looks at them, which costs more than
they do."""

import re
from collections.abc import Awaitable
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
from tornado.web import Application

from runtiles.service.base import default_headers

from .intake import Intake

_Line: TypeAlias = RequestStartLine | ResponseStartLine
#: An honest one has some hundred bytes a kernel.
_MOST = 64 * 1024


class ReportServer(HTTPServer):
    """Everything but a report with which all is well is answered by the application: errors come from one
    place."""

    def initialize(  # type: ignore[override]
        self, app: Application, intake: Intake, prefix: str, **options: Any
    ) -> None:
        super().initialize(app, **options)
        self.intake = intake
        path = re.escape(f"{prefix}api/launch-spec/")
        self._report = re.compile(rf"{path}[^/?]+/activity\?launch=([\w-]+)")

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
