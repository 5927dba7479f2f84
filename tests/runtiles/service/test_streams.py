"""A stream outlives the look at its token: whoever lost the token, or the right, hears no more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from runtiles.contract.errors import NotAllowed, ServiceUnavailable
from runtiles.service.access import Caller
from runtiles.service.base import STILL_HERE, ApiHandler

_MODEL = {"name": "ann", "kind": "user", "scopes": ["read:servers!user=ann"]}


class _Words(ApiHandler):
    """`answers` is what the Hub says of the token later on; the last one for ever."""

    look_again = 0.0
    answers: list[Any]

    async def identify(self) -> Caller | None:
        return Caller.from_model(_MODEL, "t", browser=False)

    async def ask_hub(self, *_args: Any, **_kwargs: Any) -> dict[str, Any] | None:
        answers = type(self).answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] | None = answer
        return found

    def still_may(self, caller: Caller) -> bool:
        return caller.may("read:servers", "ann")

    async def get(self) -> None:
        await self.stream(_words())


async def _words() -> AsyncGenerator[str, None]:
    for word in ("one ", STILL_HERE, "two ", "three "):
        # The clock has moved on.
        await asyncio.sleep(0.001)
        yield word


@pytest.fixture
async def address() -> AsyncIterator[str]:
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/", _Words)]))
    server.add_sockets(sockets)
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/"
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize(
    ("answers", "heard"),
    [
        ([_MODEL], f"one {STILL_HERE}two three "),
        ([None], ""),
        ([_MODEL, None], f"one {STILL_HERE}"),
        ([_MODEL, {**_MODEL, "scopes": []}], f"one {STILL_HERE}"),
        ([_MODEL, NotAllowed("Not for us.")], f"one {STILL_HERE}"),
        ([ServiceUnavailable("Away."), _MODEL], f"one {STILL_HERE}two three "),
    ],
)
async def test_who_lost_the_right_hears_no_more(
    address: str, answers: list[Any], heard: str
) -> None:
    _Words.answers = list(answers)
    answer = await AsyncHTTPClient().fetch(address)
    assert answer.body.decode() == heard
