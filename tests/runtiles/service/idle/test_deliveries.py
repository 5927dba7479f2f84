"""Messages to who is down for a moment, and to who is down for good: a real receiver, a real command."""

import asyncio
import hashlib
import hmac
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from runtiles.service.idle.deliveries import Down, Line, Message
from runtiles.service.idle.outlets import Outlets
from tests.fixtures.hub import wait_until

#: What the receiver answers to a message, by how often it has heard of it.
Answers = Callable[[dict[str, Any], int], int]
SOON = (0.01, 0.02, 0.03)
LATER = (3600.0,)
ANN, BOB = ("ann", "lab"), ("bob", "lab")


class Receiver(RequestHandler):
    def initialize(self, got: list[tuple[dict[str, str], bytes]], answers: Answers) -> None:
        self.got, self.answers = got, answers

    def post(self) -> None:
        self.got.append((dict(self.request.headers), self.request.body))
        said = json.loads(self.request.body)
        heard = sum(json.loads(body)["id"] == said["id"] for _, body in self.got)
        self.set_status(self.answers(said, heard))


@asynccontextmanager
async def receiver(
    answers: Answers,
) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []
    app = Application([("/", Receiver, {"got": got, "answers": answers})])
    server, sockets = HTTPServer(app), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/", got
    finally:
        server.stop()
        await server.close_all_connections()


async def settled(outlets: Outlets) -> None:
    await asyncio.wait_for(outlets.settled(), 60)


async def test_who_is_down_for_a_moment_is_told_and_can_tell_a_repeat(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with receiver(lambda _, heard: 503 if heard < 3 else 204) as (url, got):
        outlets = Outlets(url, b"between us", pauses=SOON)
        await outlets.send({"event": "warning"}, ANN)
        await outlets.send({"event": "warning"}, BOB)
        await settled(outlets)
        await outlets.close()
    ids = [json.loads(body)["id"] for _, body in got]
    assert sorted(ids.count(each) for each in set(ids)) == [3, 3]
    assert [headers["Runtiles-Id"] for headers, _ in got] == ids
    for headers, body in got:
        at, _, given = headers["Runtiles-Signature"].removeprefix("t=").partition(",v1=")
        signed = hmac.new(b"between us", at.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(given, signed)
    assert caplog.text.count("answered 503; tried again") == 1
    assert caplog.text.count("get through again; 0 were given up") == 1


async def test_who_is_down_for_good_is_given_up_and_the_log_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with receiver(lambda *_: 500) as (url, got):
        outlets = Outlets(url, pauses=SOON)
        for _ in range(3):
            await outlets.send({"event": "ended"})
        await settled(outlets)
        await outlets.close()
    assert len(got) == 3 * (1 + len(SOON))
    ours = [record for record in caplog.records if record.name.startswith("runtiles")]
    assert [record.levelno for record in ours] == [logging.WARNING] * 2
    assert "given up after 4 tries" in ours[1].message


async def test_what_is_refused_is_not_sent_again(caplog: pytest.LogCaptureFixture) -> None:
    async with receiver(lambda *_: 404) as (url, got):
        outlets = Outlets(url, pauses=LATER)
        await outlets.send({"event": "warning"})
        await settled(outlets)
        await outlets.close()
    assert len(got) == 1
    assert "The webhook answered 404" in caplog.text


async def test_one_that_rests_holds_up_no_later_warning() -> None:
    """With one worker, and an hour until it is tried again."""
    async with receiver(lambda said, _: 503 if said["user"] == "ann" else 204) as (url, got):
        outlets = Outlets(url, workers=1, pauses=LATER)
        await outlets.send({"user": "ann"}, ANN)
        await outlets.send({"user": "bob"}, BOB)
        await outlets.send({"user": "eve"})
        # Nothing is left of it when its warning is moot; without that this waits for an hour.
        await asyncio.to_thread(wait_until, lambda: len(got) == 3, 60, "all three")
        outlets.moot(ANN)
        await settled(outlets)
        await outlets.close()
    assert [json.loads(body)["user"] for _, body in got] == ["ann", "bob", "eve"]


async def test_a_command_that_fails_is_run_again_with_the_same_message(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; file = pathlib.Path(sys.argv[1]); before = file.exists();"
        " file.open('a').write(sys.stdin.read() + '\\n'); sys.exit(not before)"
    )
    outlets = Outlets(command=(sys.executable, "-c", code, str(tmp_path / "got")), pauses=SOON)
    await outlets.send({"event": "warning"})
    await settled(outlets)
    await outlets.close()
    first, second = (tmp_path / "got").read_text().splitlines()
    assert first == second


async def sent(steps: Callable[[Line, Callable[..., Message]], None]) -> list[str]:
    """What gets through when all of `steps` happens while one message is on its way, which fails."""
    got: list[str] = []
    gate = asyncio.Event()

    async def works(message: Message) -> None:
        if message.id == "first" and not message.tries:
            await gate.wait()
            raise Down("not now")
        got.append(message.id)

    def message(id_: str, about: object = None) -> Message:
        return Message(id_, b"", about)

    line = Line(works, 1, 10, SOON)
    line.put(message("first", ANN))
    await asyncio.sleep(0)
    steps(line, message)
    gate.set()
    await asyncio.wait_for(line.waiting.join(), 60)
    assert not len(line)
    assert not line._latest
    await line.close()
    return got


def nothing(line: Line, message: Callable[..., Message]) -> None:
    """Only the first one is there."""


def moot_on_its_way(line: Line, message: Callable[..., Message]) -> None:
    line.moot(ANN)


def moot_while_it_waits(line: Line, message: Callable[..., Message]) -> None:
    line.put(message("second", BOB))
    line.put(message("third"))
    line.moot(BOB)


def newer(line: Line, message: Callable[..., Message]) -> None:
    line.put(message("second", ANN))
    line.put(message("third", ANN))


@pytest.mark.parametrize(
    ("steps", "got"),
    [
        (nothing, ["first"]),
        (moot_on_its_way, []),
        # A fresh one comes before one that is tried again.
        (moot_while_it_waits, ["third", "first"]),
        (newer, ["third"]),
    ],
)
async def test_what_is_moot_or_superseded_is_not_sent(
    steps: Callable[[Line, Callable[..., Message]], None], got: list[str]
) -> None:
    assert await sent(steps) == got
