"""Every answer that is not a success has the one shape, whatever went wrong."""

import socket

import httpx
import pytest

from runtiles.service.base import MAX_BODY, MAX_REQUEST
from tests.runtiles.service.conftest import Person, ServiceHub


def error_of(answer: httpx.Response) -> dict[str, object]:
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "details"}
    assert body["error"]["message"]
    found: dict[str, object] = body["error"]
    return found


@pytest.mark.parametrize("path", ["/nothing", "/tiles/quick/more", "/runtimes/a/b/c"])
def test_unknown_paths(ann: Person, path: str) -> None:
    answer = ann.api.get(path)
    assert answer.status_code == 404
    assert error_of(answer)["code"] == "not_found"


def test_wrong_methods(ann: Person) -> None:
    answer = ann.api.delete("/tiles")
    assert answer.status_code == 405
    assert error_of(answer)["code"] == "method_not_allowed"


@pytest.mark.parametrize("body", ["{", "nonsense", '"text"', "[]", "NaN", '{"a": NaN}', "[" * 5000])
def test_bad_json(ann: Person, body: str) -> None:
    answer = ann.api.post("/runtimes", content=body)
    assert answer.status_code == 400
    assert "body" in str(error_of(answer)["details"])


def test_bytes_that_are_no_text(ann: Person) -> None:
    answer = ann.api.post("/runtimes", content=b'{"tile": "\xff\xfe"}')
    assert answer.status_code == 400
    assert error_of(answer)["code"] == "invalid_request"


def test_a_body_that_is_too_large(ann: Person) -> None:
    answer = ann.api.post("/runtimes", content=b" " * (MAX_BODY + 1))
    assert answer.status_code == 413
    assert error_of(answer)["code"] == "too_large"


def test_a_body_without_a_length_that_is_too_large(ann: Person) -> None:
    answer = ann.api.put("/secrets/x", content=(b"x" * 65_536 for _ in range(20)))
    assert answer.status_code == 413
    assert error_of(answer)["code"] == "too_large"


def test_a_body_that_is_absurd_is_not_even_read(ann: Person) -> None:
    with socket.create_connection(("127.0.0.1", ann.service.port), timeout=10) as connection:
        head = [
            "POST /services/runtiles/api/runtimes HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: token {ann.token}",
            f"Content-Length: {MAX_REQUEST * 10}",
        ]
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        assert b" 413 " in connection.recv(4096).split(b"\r\n")[0]


def test_bad_query_values(ann: Person) -> None:
    ann.launch(tile="quick", name="default")
    for tail in ("-1", "x", "1e3", "9" * 30):
        answer = ann.api.get("/runtimes/default/logs", params={"tail": tail})
        assert answer.status_code == 400
        assert "tail" in str(error_of(answer)["details"])


def test_answers_are_not_for_framing_sniffing_or_caching(ann: Person) -> None:
    for path in ("/tiles", "/nothing"):
        headers = ann.api.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "TornadoServer" not in headers.get("Server", "")


def test_the_version_is_for_everybody(service: ServiceHub) -> None:
    answer = httpx.get(f"{service.hub.origin}/services/runtiles/api")
    assert answer.json().keys() == {"version", "protocol"}


def test_no_query_reaches_the_log(ann: Person, service: ServiceHub) -> None:
    ann.api.get("/tiles", params={"token": "canary-in-query", "_xsrf": "canary-in-query"})
    ann.api.get("/runtimes/nope/logs", params={"tail": "canary-in-query"})
    ours = [line for line in service.hub.log.splitlines() if " Runtiles]" in line]
    assert any("/api/tiles" in line for line in ours)
    assert not [line for line in ours if "canary-in-query" in line]
