"""A runtime's own server may be anybody's program: what it answers costs little and forges nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from runtiles.contract.errors import LimitReached, RuntilesError
from runtiles.service.runtimes.gateway import Gateway, RuntimeRefused, RuntimeUnreachable
from runtiles.store import KeyFile, LaunchRecord, Store


class Hostile(RequestHandler):
    """Answers what the test has put into `says`: a status, a body."""

    def initialize(self, says: dict[str, Any]) -> None:
        self.says = says

    async def get(self) -> None:
        if (gate := self.says.get("gate")) is not None:
            self.says["waiting"] = self.says.get("waiting", 0) + 1
            await gate.wait()
        self.set_status(self.says["status"])
        if "location" in self.says:
            self.set_header("Location", self.says["location"])
        self.finish(self.says["body"])


@pytest.fixture
def says() -> dict[str, Any]:
    return {"status": 200, "body": b"{}"}


@pytest.fixture
async def address(says: dict[str, Any]) -> AsyncIterator[str]:
    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r".*", Hostile, {"says": says})]))
    server.add_socket(socket)
    yield f"http://127.0.0.1:{port}/user/ada/"
    server.stop()
    await server.close_all_connections()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite", KeyFile(str(tmp_path / "key")))
    found = Gateway(store)
    yield found
    found.close()
    store.close()


def launch(address: str) -> LaunchRecord:
    return LaunchRecord("one", "ada", "", 0.0, address=address)


async def refused(gateway: Gateway, address: str) -> RuntilesError:
    with pytest.raises(RuntilesError) as caught:
        await gateway.ask(launch(address), "GET", "pause")
    return caught.value


async def test_an_error_is_one_line_of_plain_text_and_a_plain_code(
    gateway: Gateway, address: str, says: dict[str, Any]
) -> None:
    text = "no\n[I 2026-01-01 Runtiles] all is well\x1b[2J\u202e" + "x" * 100_000
    told = {"code": "not\nours <b>", "message": text, "hint": text, "details": {}}
    says.update(status=409, body=json.dumps({"error": told}))
    error = await refused(gateway, address)
    for each in (error.message, error.hint):
        assert each.isprintable()
        assert len(each) <= 2000
    assert error.code == "conflict"


async def test_an_endless_error_is_not_kept(
    gateway: Gateway, address: str, says: dict[str, Any]
) -> None:
    told = {"code": "conflict", "message": "no", "details": {"much": ["x"] * 1_000_000}}
    says.update(status=409, body=json.dumps({"error": told}))
    error = await refused(gateway, address)
    assert len(json.dumps(error.to_dict())) < 10_000


@pytest.mark.parametrize(
    "body",
    [b"[" * 500_000, b"[" + b"[]," * 3_000_000 + b"[]]", b'{"a": NaN}', b"<html>"],
    ids=["deep", "many", "no number", "no json"],
)
async def test_json_that_costs_more_than_it_says_is_refused(
    gateway: Gateway, address: str, says: dict[str, Any], body: bytes
) -> None:
    says.update(body=body)
    assert isinstance(await refused(gateway, address), RuntimeRefused)
    says.update(status=409)
    assert isinstance(await refused(gateway, address), RuntilesError)


async def test_an_answer_that_is_too_large_is_not_read(
    gateway: Gateway, address: str, says: dict[str, Any]
) -> None:
    says.update(body=b'"' + b"x" * (33 << 20) + b'"')
    assert isinstance(await refused(gateway, address), RuntimeUnreachable)


async def test_a_redirect_is_not_followed(
    gateway: Gateway, address: str, says: dict[str, Any]
) -> None:
    says.update(status=302, location="http://127.0.0.1:1/", body=b"")
    await refused(gateway, address)


async def test_one_that_never_answers_keeps_few_connections(
    gateway: Gateway, address: str, says: dict[str, Any]
) -> None:
    gate = says["gate"] = asyncio.Event()
    asked = [asyncio.ensure_future(gateway.ask(launch(address), "GET", "pause")) for _ in range(40)]
    while sum(each.done() for each in asked) < 24 or says.get("waiting", 0) < 16:
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED, timeout=0.1)
    gate.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, LimitReached) for each in answers) == 24
    assert answers.count({}) == 16
