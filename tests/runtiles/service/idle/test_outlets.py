"""What leaves the house: to a real receiver, and to a real command."""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import sys
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from runtiles.service.idle.outlets import Outlets
from tests.fixtures.hub import wait_until

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
    outlets = Outlets("http://127.0.0.1:9/hooks/T0KEN", b"between us", pauses=())
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
    await asyncio.wait_for(outlets.settled(), 60)
    assert "cannot be run" in caplog.text


#: Says that it runs, waits for the gate, says that it ends.
SLOW = """
import pathlib, sys, time, uuid
folder, one = pathlib.Path(sys.argv[1]), uuid.uuid4().hex
(folder / f"{one}.began").touch()
while not (folder / "gate").exists():
    time.sleep(0.02)
(folder / f"{one}.ended").write_text(sys.stdin.read())
"""


def found(folder: Path, what: str) -> list[str]:
    return [each.read_text() for each in folder.glob(f"*.{what}")]


async def test_a_crowd_that_ends_together_is_told_in_turns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """None is lost, and no more commands run at a time than there are workers."""
    outlets = Outlets(command=(sys.executable, "-c", SLOW, str(tmp_path)), workers=3, most=60)
    for number in range(60):
        await outlets.send({"number": number})
    await asyncio.to_thread(wait_until, lambda: len(found(tmp_path, "began")) == 3, 60, "three")
    # They wait for the gate: the others have not begun.
    assert outlets._lines[0].waiting.qsize() == 57
    (tmp_path / "gate").touch()
    await asyncio.wait_for(outlets.settled(), 120)
    got = [json.loads(text)["number"] for text in found(tmp_path, "ended")]
    assert sorted(got) == list(range(60))
    assert "dropped" not in caplog.text
    await outlets.close()


async def test_beyond_the_most_that_may_wait_they_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outlets = Outlets(command=("/nonexistent/tell",), most=5)
    for number in range(6):
        await outlets.send({"number": number})
    assert caplog.text.count("was dropped: 5 wait already") == 1
    await asyncio.wait_for(outlets.settled(), 60)
    await outlets.close()


async def test_one_that_is_slow_does_not_hold_up_the_other(tmp_path: Path) -> None:
    GOT.clear()
    server, sockets = HTTPServer(Application([(r"/(\d+)", Receiver)])), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/204"
    command = (sys.executable, "-c", SLOW, str(tmp_path))
    outlets = Outlets(url, command=command, workers=1)
    try:
        for _ in range(3):
            await outlets.send({"event": "warning"})
        await asyncio.wait_for(outlets._lines[0].waiting.join(), 60)
        assert len(GOT) == 3
        assert not found(tmp_path, "ended")
    finally:
        await outlets.close()
        server.stop()
        await server.close_all_connections()


async def test_the_command_is_given_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "the-service-itself")
    monkeypatch.setenv("LANG", "C.UTF-8")
    code = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"
    outlets = Outlets(command=(sys.executable, "-c", code, str(tmp_path / "got")))
    await outlets.send({"event": "warning"})
    await asyncio.wait_for(outlets.settled(), 60)
    await outlets.close()
    given = json.loads((tmp_path / "got").read_text())
    assert (given["LANG"], given["PATH"]) == ("C.UTF-8", os.environ["PATH"])
    assert "the-service-itself" not in str(given)
