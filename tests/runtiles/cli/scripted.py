"""A service that does what a test says, for what a real one cannot be made to do at will: to lose
something, to break off, to take its time. Its answers are those of the contract.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any, cast

API = "/services/runtiles/api"

LAB = {
    "name": "lab",
    "tile": "quick",
    "machine": "cpu-small",
    "state": "running",
    "url": "/user/a/lab/",
}
KERNEL = {
    "id": "aaaaaaaa-1",
    "name": "python3",
    "language": "python",
    "path": "train.ipynb",
    "execution_state": "idle",
    "carried": True,
}
OTHER = {**KERNEL, "id": "bbbbbbbb-2", "path": "plot.ipynb", "execution_state": "busy"}
LOSS = {"variable": "gen", "path": "gen", "type": "generator", "reason": "a generator runs on"}
READY = {**KERNEL, "status": "ready", "bytes": 2048, "variables": 12, "losses": [], "notes": []}
SNAPSHOT = {
    "id": "s1-abcdef",
    "name": "",
    "user": "ann",
    "runtime": "lab",
    "tile": "quick",
    "machine": "cpu-small",
    "created": "2026-01-01T00:00:00Z",
    "size": 2048,
    "origin": "pause",
    "trusted": True,
    "variables": 12,
    "lost": 1,
    "kernels": [],
    "in_use": True,
}


@dataclass
class Scripted:
    """`answers` by "METHOD /path" (a list: one after the other, the last one again); `events` are sent
    to whoever listens; `asked` is what was asked, in order."""

    port: int
    answers: dict[str, Any] = field(default_factory=dict)
    events: "Queue[tuple[str, Any]]" = field(default_factory=Queue)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bodies(self, call: str) -> list[Any]:
        return [body for asked, body in self.asked if asked == call]

    def runtime(self, **changes: Any) -> dict[str, Any]:
        """The runtime `lab` from now on."""
        lab = {**LAB, **changes}
        self.answers["GET /runtimes/lab"] = lab
        return lab

    def says(self, **changes: Any) -> None:
        """What the feed tells of `lab`."""
        self.events.put(("runtime", {**LAB, "state": "pausing", **changes}))


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bytes:
    """`cut`: it says that there is more than it sends."""

    content: bytes
    cut: bool = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def scripted(self) -> Scripted:
        return cast("_Server", self.server).scripted

    def do_GET(self) -> None:
        self._do("GET")

    def do_POST(self) -> None:
        self._do("POST")

    def do_PATCH(self) -> None:
        self._do("PATCH")

    def do_DELETE(self) -> None:
        self._do("DELETE")

    def _do(self, method: str) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = f"{method} {self.path.removeprefix(API)}"
        is_json = "json" in self.headers.get("Content-Type", "")
        self.scripted.asked.append((call, json.loads(content) if is_json else content))
        if call == "GET /events":
            self._stream()
        else:
            self._answer(self._next(call))

    def _next(self, call: str) -> Any:
        found = self.scripted.answers.get(call, Refusal(404, "not_found", f"No {call}."))
        if not isinstance(found, tuple):
            return found
        self.scripted.answers[call] = found[1:] if len(found) > 2 else found[-1]
        return found[0]

    def _answer(self, found: Any) -> None:
        if isinstance(found, Refusal):
            error = {"code": found.code, "message": found.message, "details": dict(found.details)}
            self._send(found.status, json.dumps({"error": error}).encode())
        elif isinstance(found, Bytes):
            self._send(200, found.content, more=1000 if found.cut else 0)
        else:
            self._send(200, json.dumps(found).encode() if found is not None else b"")

    def _send(self, status: int, content: bytes, more: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) + more))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = bool(more)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self._event("runtimes", [self.scripted.answers.get("GET /runtimes/lab", LAB)])
        while not cast("_Server", self.server).over.is_set():
            try:
                name, data = self.scripted.events.get(timeout=0.05)
                self._event(name, data)
            except Empty:
                continue
            except OSError:
                return

    def _event(self, name: str, data: Any) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())

    def log_message(self, *_args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    scripted: Scripted

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.over = threading.Event()
        self.scripted = Scripted(self.server_port)


@contextmanager
def scripted_service() -> Iterator[Scripted]:
    """With the runtimes `lab`, which has a kernel, and `two`."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        found = server.scripted
        found.runtime()
        found.answers.update(
            {
                "GET /runtimes": [LAB, {**LAB, "name": "two"}],
                "GET /notices": [],
                "GET /runtimes/lab/kernels": [KERNEL],
                "GET /snapshots": [SNAPSHOT],
                "GET /snapshots/s1-abcdef": SNAPSHOT,
            }
        )
        yield found
        server.over.set()
        server.shutdown()
        thread.join()
