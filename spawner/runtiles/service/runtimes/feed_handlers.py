"""GET /events: the list of runtimes, then what changes"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from tornado.web import RequestHandler

from runtiles.contract.errors import LimitReached, RuntilesError
from runtiles.service.base import STILL_HERE, ApiHandler
from runtiles.service.openapi import FLAG, USER, Query, operation

from .subscriber import Message


class EventsHandler(ApiHandler):
    """Server-sent events: see docs/reference/rest-api.md for their names and data."""

    @operation(
        "The runtimes of a user and how they change, as server-sent events",
        content={"text/event-stream": str},
        query=[USER, Query("all", "Of everybody: for admins", FLAG)],
        scopes=("read:servers",),
        errors=(LimitReached,),
    )
    async def get(self) -> None:
        if self.flag("all"):
            self.caller.require_admin()
        target = None if self.flag("all") else self.owner
        async with aclosing(self.context.feed.listen(self.caller, target)) as messages:
            # What is wrong from the beginning is an answer like any other.
            first = await anext(messages)
            self.set_header("Content-Type", "text/event-stream; charset=utf-8")
            self.set_header("X-Accel-Buffering", "no")
            await self.stream(_frames(first, messages))


async def _frames(
    first: Message | None, messages: AsyncGenerator[Message | None, None]
) -> AsyncGenerator[str, None]:
    yield f"retry: 1000\n\n{_frame(first)}"
    try:
        async for message in messages:
            yield _frame(message)
    except RuntilesError:
        # The listener connects again and is told why.
        return


def _frame(message: Message | None) -> str:
    if message is None:
        return STILL_HERE
    return f"event: {message.name}\ndata: {json.dumps(message.data)}\n\n"


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/events", EventsHandler)]
