"""/runtimes and everything below it"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtiles.contract.errors import Conflict, LaunchFailed, LimitReached
from runtiles.service.access import Caller
from runtiles.service.base import STILL_HERE, ApiHandler
from runtiles.service.errors import NotImplementedYet
from runtiles.service.openapi import FLAG, USER, Query, operation
from runtiles.service.openapi.models.requests import Launch, Rename
from runtiles.service.openapi.models.runtimes import ActionName, Preview, Runtime

from .follow import Step

_READ = ("read:servers",)
_START = ("read:servers", "start:servers")
_STOP = ("read:servers", "delete:servers")
_LAUNCH_ERRORS = (Conflict, LimitReached, LaunchFailed)


class RuntimesHandler(ApiHandler):
    @operation(
        "The runtimes of a user, stopped ones included",
        answer=list[Runtime],
        query=[USER, Query("all", "Of everybody whom the caller may list", FLAG)],
        scopes=_READ,
    )
    async def get(self) -> None:
        if self.flag("all"):
            self.answer(await self.context.runtimes.list_all(self.caller))
        else:
            self.answer(await self.context.runtimes.of_user(self.caller, self.owner))

    @operation(
        "Launch a new runtime",
        body=Launch,
        body_required=False,
        answer=Runtime,
        status=201,
        query=[USER],
        scopes=_START,
        errors=_LAUNCH_ERRORS,
    )
    async def post(self) -> None:
        launched = await self.context.launcher.launch(self.caller, self.owner, self.json_object())
        await self.note("launch", launched["name"])
        self.set_status(201)
        self.answer(launched)


class PreviewHandler(ApiHandler):
    @operation(
        "What a launch would be; changes nothing",
        body=Launch,
        body_required=False,
        answer=Preview,
        query=[USER],
        scopes=_READ,
    )
    async def post(self) -> None:
        preview = self.context.launcher.preview
        self.answer(await preview(self.caller, self.owner, self.json_object()))


class RuntimeHandler(ApiHandler):
    @operation("One runtime", answer=Runtime, query=[USER], scopes=_READ)
    async def get(self, name: str) -> None:
        self.answer(await self.context.runtimes.show(self.caller, self.owner, name))

    @operation(
        "Rename a runtime",
        body=Rename,
        answer=Runtime,
        query=[USER],
        scopes=_START,
    )
    async def patch(self, name: str) -> None:
        title = self.body(Rename).title
        renamed = await self.context.runtimes.rename(self.caller, self.owner, name, title)
        await self.note("rename", name, title=title)
        self.answer(renamed)

    @operation(
        "Stop a runtime and forget it; the user's files stay",
        status=204,
        query=[USER],
        scopes=_STOP,
        errors=[Conflict],
    )
    async def delete(self, name: str) -> None:
        await self.context.runtimes.delete(self.caller, self.owner, name)
        await self.note("delete", name)
        self.set_status(204)


class ActionHandler(ApiHandler):
    @operation(
        "Let a runtime do something. The body is for `start`: its keys change the last launch's options,"
        " or with a `tile` replace them",
        path={"action": ActionName},
        body=Launch,
        body_required=False,
        answer=Runtime,
        query=[USER],
        scopes=_START,
        errors=(*_LAUNCH_ERRORS, NotImplementedYet),
    )
    async def post(self, name: str, action: str) -> None:
        act, options = self.context.actions.act, self.json_object()
        runtime = await act(self.caller, self.owner, name, action, options)
        await self.note(action, name)
        self.answer(runtime)


class ProgressHandler(ApiHandler):
    """Server-sent events: each launch event's JSON as `data`, its number as `id`."""

    @operation(
        "The events of the latest launch, as server-sent events from the first",
        content={"text/event-stream": str},
        also={204: "The launch has ended, and the caller has seen its end."},
        query=[USER, Query("since", "The id of the last event seen", int)],
        scopes=_READ,
        errors=[LimitReached],
    )
    async def get(self, name: str) -> None:
        # Among the events is what the user's programs print.
        self.caller.require_output(self.owner)
        follower = self.context.follower
        launch = await follower.launch(self.caller, self.owner, name)
        last_id = self._last_id()
        if await follower.is_over(launch, last_id):
            # Tells a browser's EventSource not to connect again.
            self.set_status(204)
            return
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("X-Accel-Buffering", "no")
        self.write("retry: 1000\n\n")
        await self.stream(_frames(follower.steps(self.caller, launch, last_id)))

    def still_may(self, caller: Caller) -> bool:
        return caller.may_read_output(self.owner)

    def _last_id(self) -> int:
        text = self.request.headers.get("Last-Event-ID") or self.get_query_argument("since", "0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


async def _frames(steps: AsyncGenerator[Step | None, None]) -> AsyncGenerator[str, None]:
    async with aclosing(steps):
        async for step in steps:
            yield _frame(step)


def _frame(step: Step | None) -> str:
    if step is None:
        return STILL_HERE
    number = f"id: {step.id}\n" if step.id is not None else ""
    return f"{number}data: {json.dumps(step.event.to_dict())}\n\n"
