"""Requests that no client makes up from a document: broken encodings, names with line ends, numbers beyond
all limits, methods and types that nobody offers. Each gets an answer in the one shape."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from runtiles.service.app import API
from runtiles.service.openapi.routes import Endpoint, endpoints, filled, methods
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

_BASE = "/services/runtiles/api"
ALL = list(endpoints(API))
LOOKING = [e for e in ALL if e.method == "get"]
STREAMS = ("/events", "/runtimes/{name}/progress")

#: As they stand in an address.
NAMES = [
    "%00",
    "a%00b",
    "%ff",
    "%c3%28",
    "%ed%a0%80",
    "%zz",
    "%",
    "..%2f..%2fadmin",
    "%2e%2e",
    "a%0d%0aSet-Cookie:%20x",
    "%F0%9F%92%A9",
    "%E2%80%AEgpj",
    "a" * 3000,
    "' OR 1=1 --".replace(" ", "%20"),
    "{{7*7}}",
]
#: Names of parameters that some route reads, with what none of them wants.
QUERIES = [
    "user=%00",
    "user=%ff",
    "user=",
    f"user={'u' * 3000}",
    f"tail={'9' * 5000}",
    "tail=-1",
    "tail=%D9%A3",
    "tail=1e9",
    f"since={'9' * 5000}",
    "since=99999999999d",
    "since=9999-12-31T23:59:59Z",
    "since=0001-01-01T00:00:00%2B23:59",
    "until=nan",
    "phase=%00",
    "launch=%00",
    f"offset={'9' * 5000}",
    "offset=-1&limit=-1",
    "limit=99999999999",
    "from=0000-00-00",
    "from=9999-12-31&to=0001-01-01",
    "sort=--started_at",
    "team=%ff",
    "team=%00",
    "all=2",
    "%00=%00",
    "%ff",
    "&&&===",
]
BODIES = [
    b"{",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"name": "\\u0000"}',
    b'{"tile": "\\ud800"}',
    b'{"value": "\\ud800"}',
    b'{"value": "\\u0000"}',
    b'{"title": "\\ud800\\u0000"}',
    b'{"message": "\\ud800", "action": "stop", "runtimes": [{"user": "\\u0000", "name": "\\ud800"}]}',
    b'{"time_limit": 1e400}',
    b'{"time_limit": NaN}',
    b'{"expires_in": %s}' % (b"9" * 5000),
    b'{"bytes": 99999999999999999999999999}',
    b'{"image": "\\u0000"}',
    b'{"expires_in": true}',
    b'{"tile": "quick", "tile": "gated", "nobody": {"knows": ["this"]}}',
]


Answer = tuple[int, dict[str, str], bytes]


#: What some route reads of a query.
PARAMETERS = ("user", "team", "launch", "actor", "action", "target", "search", "tile", "phase")
#: Right but for texts that would be stored.
STORED = [
    ("PATCH", "/runtimes/default", b'{"title": "a\\u0000b"}'),
    ("PATCH", "/runtimes/default", b'{"title": "\\udc00"}'),
    ("PUT", "/secrets/x", b'{"value": "\\u0000"}'),
    ("PUT", "/admin/tiles/quick", b'{"title": "\\ud800"}'),
    ("PUT", "/admin/tiles/quick", b'{"environment": {"A": "\\u0000"}}'),
    ("POST", "/admin/drain", b'{"message": "\\u0000", "action": "stop"}'),
    (
        "POST",
        "/admin/runtimes/actions",
        b'{"action": "stop", "runtimes": [{"user": "a\\u0000", "name": "b"}], "message": ""}',
    ),
]


class Wire:
    """Requests byte by byte, past the proxy: a client's library would mend them, and the proxy has its
    own answer (the Hub's page for 500) to an address that it cannot decode."""

    def __init__(self, who: Person) -> None:
        self._connection = HTTPConnection("127.0.0.1", who.service.port, timeout=60)
        self._token = who.token

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        self._connection.putrequest(method, _BASE + target, skip_accept_encoding=True)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        for key, value in {"Authorization": f"token {self._token}", **named}.items():
            self._connection.putheader(key, value)
        if body is not None:
            self._connection.putheader("Content-Length", str(len(body)))
        self._connection.endheaders(body)
        answer = self._connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def wire(ann: Person) -> Iterator[Wire]:
    made = Wire(ann)
    yield made
    made.close()


@pytest.fixture
def admins_wire(admin: Person) -> Iterator[Wire]:
    made = Wire(admin)
    yield made
    made.close()


def _check(answer: Answer, about: str) -> None:
    status, headers, body = answer
    assert status < 500 or status == 501, f"{about}: {status} {body[:300]!r}"
    ours = "content-security-policy" in headers
    if status >= 400 and ours and body:
        error = json.loads(body)["error"]
        assert set(error) == {"code", "message", "details"}, about
        assert error["message"] not in ("", "None"), about


@pytest.mark.parametrize("endpoint", [e for e in ALL if e.parameters], ids=lambda e: e.name)
def test_odd_names(wire: Wire, endpoint: Endpoint) -> None:
    for name in NAMES:
        target = filled(endpoint, dict.fromkeys(endpoint.parameters, name))
        answer = wire.ask(endpoint.method.upper(), target, b"{}")
        assert answer[0] >= 400, target[:200]
        _check(answer, about=f"{endpoint.name} {name[:50]}")


@pytest.mark.parametrize("endpoint", LOOKING, ids=lambda e: e.name)
def test_odd_questions(admins_wire: Wire, endpoint: Endpoint) -> None:
    for query in QUERIES:
        if endpoint.path in STREAMS and query in ("user=", "all=2", "&&&==="):
            continue  # a good question, with an answer that goes on
        target = f"{filled(endpoint, {'name': 'default', 'slug': 'quick'})}?{query}"
        if endpoint.path in STREAMS:
            target += "&user=nobody-there"
        _check(admins_wire.ask("GET", target), about=f"{endpoint.name} {query[:50]}")


@pytest.mark.parametrize(
    "endpoint", [e for e in ALL if e.method in ("post", "put", "patch")], ids=lambda e: e.name
)
def test_odd_bodies(wire: Wire, endpoint: Endpoint) -> None:
    for body in BODIES:
        target = filled(endpoint, {"name": "nothing-there", "slug": "x", "action": "start"})
        answer = wire.ask(endpoint.method.upper(), target, body)
        assert answer[0] >= 400, body[:60]
        _check(answer, about=f"{endpoint.name} {body[:60]!r}")


@pytest.mark.parametrize("endpoint", ALL, ids=lambda e: e.name)
def test_methods_that_nobody_offers(wire: Wire, endpoint: Endpoint) -> None:
    target = filled(endpoint, {"name": "nothing-there"})
    offered = {
        method.upper() for e in ALL if e.path == endpoint.path for method in methods(e.handler)
    }
    for method in {"HEAD", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "GETT"} - offered:
        status, headers, _body = wire.ask(method, target)
        # Who may not look at all is told so first.
        assert status in (400, 403, 405), method
        if status == 405:
            assert set(headers["allow"].split(", ")) == offered, method
    # The connection is as good as new.
    assert wire.ask("GET", "/")[0] == 200


@pytest.mark.postgres
def test_what_sqlite_would_take_and_postgresql_would_not(postgres_url: str, tmp_path: Path) -> None:
    """NUL and half characters never get as far as a database."""
    with running_service(tmp_path, postgres_url) as site, person(site, "admin") as admin:
        admin.launch(tile="quick", name="default")
        wire = Wire(admin)
        for endpoint in ALL:
            body = None if endpoint.method == "get" else b'{"a": "\\u0000", "b": ["\\ud800"]}'
            params = "&".join(f"{name}=%00" for name in PARAMETERS)
            for name in ("%00", "default"):
                target = filled(endpoint, dict.fromkeys(endpoint.parameters, name))
                answer = wire.ask(endpoint.method.upper(), f"{target}?{params}", body)
                _check(answer, about=f"{endpoint.name} {name}")
        for method, target, body in STORED:
            answer = wire.ask(method, target, body)
            assert answer[0] == 400, target
            _check(answer, about=target)
        wire.close()


def test_what_a_client_accepts_or_calls_a_body_changes_no_shape(wire: Wire) -> None:
    for accept in ("text/html", "image/*", "application/xml", ";;;", "*/*;q=0", "\xe9"):
        status, headers, body = wire.ask("GET", "/runtimes/nothing-there", Accept=accept)
        assert (status, json.loads(body)["error"]["code"]) == (404, "not_found")
        assert headers["content-type"].startswith("application/json")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "%%%"):
        status, _, body = wire.ask("POST", "/runtimes/preview", b"a=b&_xsrf=x", Content_Type=kind)
        assert (status, json.loads(body)["error"]["code"]) == (400, "invalid_request"), kind


def test_odd_headers(wire: Wire) -> None:
    odd: list[dict[str, Any]] = [
        {"Last_Event_ID": "9" * 5000},
        {"Last_Event_ID": "-1"},
        {"If_Match": '"' * 3000},
        {"Content_Encoding": "gzip"},
        {"Cookie": "service-runtiles=x; _xsrf=y; " + "z" * 3000},
        {"X_XSRFToken": "\xff" * 100},
        {"X_Forwarded_For": "', 1.2.3.4, ::"},
        {"Range": "bytes=9-1"},
        {"Expect": "nothing"},
    ]
    for headers in odd:
        for target in ("/tiles", "/runtimes/nothing-there/progress", "/runtimes"):
            _check(wire.ask("GET", target, **headers), about=f"{target} {headers}"[:100])


def test_nobodys_odd_requests(service: ServiceHub, ann: Person) -> None:
    """Also before anybody is known."""
    stranger = Wire(Person(service, "nobody", "\xe9\xff", ann.api))
    for target in (
        "/%ff",
        "/runtimes/%00",
        "/tiles?user=%ff",
        "/nothing/there",
        "//",
        "/runtimes/",
    ):
        answer = stranger.ask("GET", target)
        assert answer[0] in (400, 401, 403, 404), target
        _check(answer, about=target)
    stranger.close()
