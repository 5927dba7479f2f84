"""The little of a Hub and of the Runtiles service that one runtime talks to, on a free loopback port.

The whole way with a real JupyterHub is in tests/integration.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "t0ken-of-this-server"


@dataclass
class PretendHub:
    """`spec` is answered to the server's token. `failures` are statuses answered first, in order.

    `reports` are what runtimes told of their activity, each with the key that it was shown; `told` is
    answered to them.
    """

    spec: dict[str, Any] = field(default_factory=lambda: {"protocol": 1})
    failures: list[int] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    reports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    @property
    def launch_url(self) -> str:
        return f"{self.url}/services/runtiles/api/launch-spec/default?launch=7"

    def asked(self, start: str) -> list[str]:
        return [request for request in self.requests if request.startswith(start)]


@contextlib.contextmanager
def pretending(hub: PretendHub) -> Iterator[PretendHub]:
    class Handler(_Handler):
        pretend = hub

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    hub.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    pretend: PretendHub

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.pretend.requests.append(f"GET {self.path}")
        if path.startswith("/services/runtiles/api/launch-spec/"):
            self._launch_spec()
        elif path == "/hub/api/user":
            self._user()
        else:
            self._json(200, {"version": "6.1.1"})

    def do_POST(self) -> None:
        self.pretend.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.partition("?")[0].endswith("/activity") and "launch-spec" in self.path:
            key = self.headers.get("Authorization", "")
            self.pretend.reports.append((key, json.loads(body)))
            self._json(200, self.pretend.told)
            return
        self._json(200, {})

    def log_message(self, *_args: Any) -> None:
        """Nothing."""

    @property
    def _authorized(self) -> bool:
        return self.headers.get("Authorization") in (f"token {TOKEN}", f"Bearer {TOKEN}")

    def _launch_spec(self) -> None:
        if self.pretend.failures:
            self._json(self.pretend.failures.pop(0), {})
        elif self._authorized:
            self._json(200, self.pretend.spec)
        else:
            self._json(403, {})

    def _user(self) -> None:
        if not self._authorized:
            self._json(403, {})
            return
        scopes = ["access:servers!server=ann/", "access:servers!user=ann"]
        self._json(200, {"kind": "user", "name": "ann", "admin": False, "groups": [],
                         "scopes": scopes, "session_id": None, "token_id": "a1"})  # fmt: skip

    def _json(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
