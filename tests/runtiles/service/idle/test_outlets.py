"""What leaves the house: to a real receiver, and to a real command."""

import asyncio
import hashlib
import hmac
import json
import logging
import sys
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from runtiles.service.idle.outlets import Outlets

GOT: list[tuple[str, bytes]] = []


class Receiver(RequestHandler):
    def post(self, status: str) -> None:
        GOT.append((self.request.headers.get("Runtiles-Signature", ""), self.request.body))
        self.set_status(int(status))


async def test_a_webhook_is_told_and_can_check_who_tells() -> None:
    GOT.clear()
    server, sockets = HTTPServer(Application([(r"/(\d+)", Receiver)])), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/204"
        outlets = Outlets(url, b"between us")
        await outlets.send({"event": "warning", "user": "ann"})
        await outlets.settled()
    finally:
        server.stop()
        await server.close_all_connections()
    ((signature, body),) = GOT
    at, _, given = signature.removeprefix("t=").partition(",v1=")
    expected = hmac.new(b"between us", at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, expected)
    assert json.loads(body)["event"] == "warning"


async def test_neither_address_nor_secret_is_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outlets = Outlets("http://127.0.0.1:9/hooks/T0KEN", b"between us")
    await outlets.send({"event": "warning"})
    await outlets.settled()
    assert "webhook" in caplog.text
    assert "T0KEN" not in caplog.text + repr(outlets)
    assert "between us" not in caplog.text + repr(outlets)


async def test_a_command_gets_it_on_its_input(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    outlets = Outlets(command=(sys.executable, "-c", code, str(tmp_path / "got")))
    await outlets.send({"event": "warning", "text": "; rm -rf $HOME"})
    await outlets.settled()
    assert json.loads((tmp_path / "got").read_text())["text"] == "; rm -rf $HOME"


async def test_a_command_that_is_not_there_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    outlets = Outlets(command=("/nonexistent/tell",))
    await outlets.send({"event": "warning"})
    await asyncio.wait_for(outlets.settled(), 10)
    assert "cannot be run" in caplog.text
