"""/runtimes and everything below it"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtiles.contract.errors import InvalidRequest, NotFound
from runtiles.service.base import ApiHandler
from runtiles.service.errors import NotImplementedYet

from .follow import Step

#: Of the design's actions, those that exist; the others are known and answer 501.
PLANNED = (
    "pause",
    "resume",
    "freeze",
    "thaw",
    "extend",
    "hold",
    "interrupt",
    "restart",
    "transfer",
)
_MAX_TAIL = 100_000


class RuntimesHandler(ApiHandler):
    async def get(self) -> None:
        if self.flag("all"):
            self.answer(await self.context.runtimes.list_all(self.caller))
        else:
            self.answer(await self.context.runtimes.of_user(self.caller, self.owner))

    async def post(self) -> None:
        launched = await self.context.launcher.launch(self.caller, self.owner, self.json_object())
        self.set_status(201)
        self.answer(launched)


class PreviewHandler(ApiHandler):
    async def post(self) -> None:
        preview = self.context.launcher.preview
        self.answer(await preview(self.caller, self.owner, self.json_object()))


class RuntimeHandler(ApiHandler):
    async def get(self, name: str) -> None:
        self.answer(await self.context.runtimes.show(self.caller, self.owner, name))

    async def delete(self, name: str) -> None:
        await self.context.runtimes.delete(self.caller, self.owner, name)
        self.set_status(204)


class ActionHandler(ApiHandler):
    async def post(self, name: str, action: str) -> None:
        if action in PLANNED:
            raise NotImplementedYet(f"{action!r} is not there yet.", details={"action": action})
        if action == "start":
            options = self.json_object()
            start = self.context.launcher.start
            self.answer(await start(self.caller, self.owner, name, options))
        elif action == "stop":
            self.answer(await self.context.runtimes.stop(self.caller, self.owner, name))
        else:
            raise NotFound(f"There is no action {action!r}.")


class ProgressHandler(ApiHandler):
    """Server-sent events: each launch event's JSON as `data`, its number as `id`."""

    async def get(self, name: str) -> None:
        if self.owner != self.caller.name:
            # Among the events is what the user's programs print: see LogsHandler.
            self.caller.require("delete:servers", self.owner)
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

    def _last_id(self) -> int:
        text = self.request.headers.get("Last-Event-ID") or self.get_query_argument("since", "0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


async def _frames(steps: AsyncGenerator[Step | None, None]) -> AsyncGenerator[str, None]:
    async with aclosing(steps):
        async for step in steps:
            yield _frame(step)


def _frame(step: Step | None) -> str:
    if step is None:
        return ": still here\n\n"
    number = f"id: {step.id}\n" if step.id is not None else ""
    return f"{number}data: {json.dumps(step.event.to_dict())}\n\n"


class LogsHandler(ApiHandler):
    """Plain text. `tail` lines (all of them if left out); with `follow=1` until the container ends."""

    async def get(self, name: str) -> None:
        tail = self._tail()
        facts = await self.context.runtimes.facts(self.caller, self.owner, name)
        if self.owner != self.caller.name:
            # What a user's programs print is not for everybody who may see that they run.
            self.caller.require("delete:servers", self.owner)
        if facts.launch is None:
            raise NotFound(f"The runtime {name!r} was never launched.")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if not self.flag("follow"):
            self.write(await self.context.logs.read(facts.launch, tail))
            return
        self.set_header("X-Accel-Buffering", "no")
        await self.stream(self.context.logs.follow(facts.launch, tail))

    def _tail(self) -> int | None:
        text = self.get_query_argument("tail", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and int(text) <= _MAX_TAIL):
            raise InvalidRequest({"tail": f"must be a number from 0 to {_MAX_TAIL}"})
        return int(text)
