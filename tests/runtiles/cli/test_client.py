"""Whatever a site answers, or does not: an error that a person understands."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from runtiles.cli import client as client_module
from runtiles.cli.client import Client
from runtiles.cli.credentials import Site
from runtiles.cli.errors import ApiError, CliError, Unreachable
from runtiles.cli.follow import follow
from runtiles.cli.urls import path

TOKEN = "t0ken"
_EVENTS = [
    {"phase": "pulling", "kind": "phase", "time": 1.0},
    {"phase": "pulling", "kind": "progress", "percent": 50.0, "time": 2.0},
    {"phase": "unheard", "kind": "of", "time": 3.0},
    {"phase": "ready", "kind": "ready", "time": 4.0},
]


class Answers(BaseHTTPRequestHandler):
    """The path says how to answer: /STATUS/BODY-KIND, or the progress of a launch."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        part = self.path.split("?")[0].split("/")
        if part[-1] == "progress":
            self._progress()
        elif part[-1] == "redirect":
            self._answer(302, b"", location="https://elsewhere.example/x?token=1")
        elif part[-1] == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"{")
            self.close_connection = True
        else:
            bodies = {"html": b"<h1>no</h1>", "none": b"", "odd": b'{"error": "text"}'}
            error = {"code": "conflict", "message": "It is so.", "details": {"hint": "Wait."}}
            self._answer(int(part[-2]), bodies.get(part[-1], json.dumps({"error": error}).encode()))

    def _progress(self) -> None:
        """Two events a connection, as a service that restarts on the way."""
        last = int(self.headers.get("Last-Event-ID", 0))
        if last >= len(_EVENTS):
            self._answer(204, b"")
            return
        some = _EVENTS[last : last + 2]
        if "silent" in self.path and not last:
            self._stay_silent(some[0])
            return
        text = "".join(
            f"id: {last + 1 + n}\ndata: {json.dumps(event)}\n\n" for n, event in enumerate(some)
        )
        self._answer(200, text.encode())

    def _stay_silent(self, event: dict[str, object]) -> None:
        """As a proxy does whose service is gone: the connection stays, nothing comes."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        text = f"id: 1\ndata: {json.dumps(event)}\n\n".encode()
        self.wfile.write(f"{len(text):x}\r\n".encode() + text + b"\r\n")
        self.rfile.read(1)  # until the client gives up

    def _answer(self, status: int, body: bytes, *, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_port}/services/runtiles/api", TOKEN)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ("409/ours", ApiError, "It is so. Wait."),
        ("500/ours", ApiError, "It is so. Wait."),
        ("503/html", Unreachable, "does not answer (HTTP 503)"),
        ("502/odd", Unreachable, "does not answer (HTTP 502)"),
        ("404/html", Unreachable, "There is no Runtiles service at"),
        ("200/html", Unreachable, "There is no Runtiles service at"),
        ("302/redirect", Unreachable, "sends to https://elsewhere.example."),
        ("200/cut", Unreachable, "broke"),
    ],
)
def test_every_answer_is_explained(
    site: Site, answer: str, kind: type[CliError], says: str
) -> None:
    with Client(site) as client, pytest.raises(kind) as error:
        client.get(f"/{answer}")
    assert says in str(error.value)
    assert TOKEN not in str(error.value)


def test_an_empty_answer_is_nothing(site: Site) -> None:
    with Client(site) as client:
        assert client.get("/200/none") is None


def test_a_name_leads_nowhere_else() -> None:
    assert path("runtimes", "../admin?x=1#y", "stop") == "/runtimes/..%2Fadmin%3Fx%3D1%23y/stop"


def test_a_launch_is_followed_over_a_connection_that_ends(site: Site) -> None:
    with Client(site) as client:
        kinds = [event.kind for event in follow(client, "lab")]
    assert kinds == ["phase", "progress", "ready"]


def test_a_connection_on_which_nothing_comes_is_made_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_SILENCE_S", 0.5)
    with Client(site) as client:
        kinds = [event.kind for event in follow(client, "silent")]
    assert kinds == ["phase", "progress", "ready"]


def test_a_client_does_not_show_its_token(site: Site) -> None:
    assert TOKEN not in repr(site)
    with pytest.raises(CliError) as error:
        Client(Site(site.url, "s3cret\nX: y"))
    assert "s3cret" not in str(error.value)
