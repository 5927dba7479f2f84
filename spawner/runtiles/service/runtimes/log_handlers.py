"""/runtimes/NAME/logs and /runtimes/NAME/launches"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timezone
from functools import partial
from typing import Any

from tornado.web import RequestHandler

from runtiles import names
from runtiles.contract.errors import InvalidRequest, LimitReached, NotFound
from runtiles.service.access import Caller
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import FLAG, USER, Query, operation
from runtiles.service.openapi.models.logs import Launched, LogLineAnswer
from runtiles.store import LaunchRecord
from runtiles.values.loglines import LogLine

from .log_query import parse_query
from .view import iso

_PARAMETERS = ("tail", "since", "until", "phase")
_SCOPES = ("read:servers",)
_Render = Callable[[Sequence[LogLine]], str]


class _LaunchHandler(ApiHandler):
    async def launches(self, name: str) -> list[LaunchRecord]:
        """Those of a runtime that are kept, newest first. Raises NotFound, NotAllowed."""
        await self.context.runtimes.facts(self.caller, self.owner, name)
        self.caller.require_output(self.owner)
        of_runtime = self.context.store.launches.of_runtime
        return await asyncio.to_thread(of_runtime, self.owner, names.server_name(name))

    def still_may(self, caller: Caller) -> bool:
        return caller.may_read_output(self.owner)


class LaunchesHandler(_LaunchHandler):
    @operation(
        "The launches of a runtime that are kept, newest first",
        answer=list[Launched],
        query=[USER],
        scopes=_SCOPES,
    )
    async def get(self, name: str) -> None:
        self.answer([_launch_json(launch) for launch in await self.launches(name)])


class LogsHandler(_LaunchHandler):
    """Text, or JSON for who accepts it; with `follow=1` until the container ends, then a JSON a line."""

    @operation(
        "What a launch printed: text, or JSON for who accepts it",
        answer=list[LogLineAnswer],
        content={"text/plain": str, "application/x-ndjson": str},
        query=[
            USER,
            Query("tail", "The last so many lines", int),
            Query("since", "A time in ISO 8601, or how long ago: 10m"),
            Query("until", "A time in ISO 8601, or how long ago: 10m"),
            Query("phase", "pull, build, workspace or server; several with commas between them"),
            Query("follow", "Go on with what is printed until the container ends", FLAG),
            Query("timestamps", "With the time before each line of the text", FLAG),
            Query("launch", "The id of a launch; the latest if left out"),
        ],
        scopes=_SCOPES,
        errors=[LimitReached],
    )
    async def get(self, name: str) -> None:
        query = parse_query({key: self.get_query_arguments(key) for key in _PARAMETERS})
        follow, as_json = self.flag("follow"), self._accepts_json()
        if follow and query.until is not None:
            raise InvalidRequest({"until": "cannot be given together with follow"})
        launch = _chosen(await self.launches(name), name, self.get_query_argument("launch", ""))
        kind = "text/plain"
        if as_json:
            kind = "application/x-ndjson" if follow else "application/json"
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        if not follow:
            found = await self.context.logs.read(launch, query)
            render = _json_list if as_json else self._text
            self.write(await asyncio.to_thread(render, found))
            return
        self.set_header("X-Accel-Buffering", "no")
        steps = partial(self.context.follower.steps, self.caller, launch)
        following = self.context.logs.follow(launch, query, steps)
        await self.stream(_rendered(following, _json_lines if as_json else self._text))

    def _accepts_json(self) -> bool:
        accepted = self.request.headers.get("Accept", "")
        return "application/json" in accepted or "application/x-ndjson" in accepted

    @property
    def _text(self) -> _Render:
        return _stamped_text if self.flag("timestamps") else _plain_text


async def _rendered(
    following: AsyncGenerator[list[LogLine], None], render: _Render
) -> AsyncGenerator[str, None]:
    async with aclosing(following):
        async for lines in following:
            yield await asyncio.to_thread(render, lines) if len(lines) > 1000 else render(lines)


def _chosen(launches: Sequence[LaunchRecord], name: str, launch_id: str) -> LaunchRecord:
    if not launches:
        raise NotFound(f"The runtime {name!r} was never launched.")
    for launch in launches:
        if launch_id in ("", launch.id):
            return launch
    raise NotFound(
        f"The runtime {name!r} has no such launch.", hint="Of each runtime the last five are kept."
    )


def _plain_text(lines: Sequence[LogLine]) -> str:
    return "".join(f"{line.text}\n" for line in lines)


def _stamped_text(lines: Sequence[LogLine]) -> str:
    return "".join(f"{_exact(line.at)} {line.text}\n" for line in lines)


def _json_list(lines: Sequence[LogLine]) -> str:
    return json.dumps([_line_json(line) for line in lines])


def _json_lines(lines: Sequence[LogLine]) -> str:
    return "".join(f"{json.dumps(_line_json(line))}\n" for line in lines)


def _line_json(line: LogLine) -> dict[str, str]:
    return {"at": _exact(line.at), "phase": line.phase, "line": line.text}


def _exact(seconds: float) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _launch_json(launch: LaunchRecord) -> dict[str, Any]:
    return {
        "id": launch.id,
        "created": iso(launch.created),
        "started_at": iso(launch.started_at) if launch.started_at else None,
        "ended": iso(launch.ended_at) if launch.ended_at else None,
        "state": launch.state,
        "tile": launch.tile or None,
        "machine": launch.machine or None,
        "image": launch.image or None,
        "error": dict(launch.error) if launch.error else None,
    }


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/runtimes/([^/]+)/logs", LogsHandler),
    (r"/runtimes/([^/]+)/launches", LaunchesHandler),
]
