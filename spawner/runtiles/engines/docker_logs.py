"""Reads containers' logs: a tail at once, or lines as they come."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from typing import Any

import docker
import docker.errors

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.values.loglines import LogLine

from .docker_client import DockerDoor, api_error
from .docker_stream import EngineStream, RefusedError
from .log_text import StampedLines

#: Nobody reads more than the last part of a log at once; the whole of it may be gigabytes. The engine
#: counts lines from the end without reading what is before.
_MOST = 4 * 1024 * 1024
_MOST_LINES = 100_000
#: What is larger than this is taken apart beside the event loop.
_SMALL = 16 * 1024
#: What it costs in memory to keep a line, beside its text.
_LINE_COST = 20
_INEXACT_S = 2e-6
#: Between the end of an answer and the next question.
_AGAIN_S = 0.2


async def read_log(
    door: DockerDoor, container_id: str, tail: int | None, since: float | None
) -> list[LogLine]:
    """The last lines (at most 4 MiB and 100,000 lines); none for a container that is gone."""
    try:
        parser = StampedLines(terminal=_has_terminal(await _description(door, container_id)))
    except NotFound:
        return []
    wanted = _MOST_LINES if tail is None else min(tail, _MOST_LINES)
    kept, size = deque[LogLine](), 0
    try:
        async with _stream(door, container_id, _parameters(since, tail=wanted)) as stream:
            while data := await stream.read():
                fresh = _later(await _parsed(parser, data), since)
                kept.extend(fresh)
                size += sum(len(line.text) + _LINE_COST for line in fresh)
                while size > _MOST and len(kept) > 1:
                    size -= len(kept.popleft().text) + _LINE_COST
    except RefusedError as error:
        return _unreadable(error)
    return [*kept, *_later(parser.end(), since)]


async def follow_log(
    door: DockerDoor, container_id: str, since: float | None
) -> AsyncGenerator[LogLine, None]:
    """Every line from the first (or `since`) on, until the container ends.

    What is asked of the engine while a container starts or ends may end at once, as if nothing ran (moby
    follows only what it has as running): so it is asked again until the container did not run before.
    """
    place = _Place(since)
    try:
        runs = True
        while runs:
            found = await _description(door, container_id)
            runs = bool(found["State"]["Running"])
            parser = StampedLines(terminal=_has_terminal(found))
            place.begin_anew()
            parameters = {"follow": "1"} | _parameters(place.at)
            async with _stream(door, container_id, parameters) as stream:
                while data := await stream.read():
                    for line in place.new(await _parsed(parser, data)):
                        yield line
            for line in place.new(parser.end()):
                yield line
            if runs:
                await asyncio.sleep(_AGAIN_S)
    except NotFound:
        return
    except RefusedError as error:
        for line in _unreadable(error):
            yield line


class _Place:
    """Where a reader of a log is, which may begin anew from there: `at` the last line's time, of which
    several lines may be."""

    def __init__(self, at: float | None) -> None:
        self.at = at
        self._seen, self._again = 0, 0

    def new(self, lines: Iterable[LogLine]) -> Iterator[LogLine]:
        """Those that were not read before."""
        for line in lines:
            if self.at is not None and line.at < self.at:
                continue
            if line.at == self.at and self._again:
                self._again -= 1
                continue
            self._seen = self._seen + 1 if line.at == self.at else 1
            self.at, self._again = line.at, 0
            yield line

    def begin_anew(self) -> None:
        self._again = self._seen


async def _parsed(parser: StampedLines, data: bytes) -> list[LogLine]:
    if len(data) <= _SMALL:
        return parser.feed(data)
    return await asyncio.to_thread(parser.feed, data)


def _parameters(since: float | None, *, tail: int | None = None) -> dict[str, str]:
    parameters = {"timestamps": "1"}
    if tail is not None:
        parameters["tail"] = str(tail)
    if since is not None:
        # A float cannot tell all nanoseconds apart: ask for a little more, see `_later`.
        parameters["since"] = f"{max(0.0, since - _INEXACT_S):.6f}"
    return parameters


def _later(lines: list[LogLine], since: float | None) -> list[LogLine]:
    return lines if since is None else [line for line in lines if line.at >= since]


def _stream(door: DockerDoor, container_id: str, parameters: dict[str, str]) -> EngineStream:
    both = {"stdout": "1", "stderr": "1"}
    return EngineStream(door, "GET", f"/containers/{container_id}/logs", params=both | parameters)


async def _description(door: DockerDoor, container_id: str) -> Mapping[str, Any]:
    """Raises NotFound."""

    def look(client: docker.APIClient) -> Mapping[str, Any]:
        found: Mapping[str, Any] = client.inspect_container(container_id)
        return found

    return await door.call(look)


def _has_terminal(found: Mapping[str, Any]) -> bool:
    return bool(found["Config"]["Tty"])


def _unreadable(error: RefusedError) -> list[LogLine]:
    """None when the container is gone; what the engine says when its log driver cannot be read."""
    translated: RuntilesError = api_error(error.status, error.text)
    if isinstance(translated, NotFound):
        return []
    if "logging driver" in error.text or "log driver" in error.text:
        return [LogLine(time.time(), f"(The log cannot be read: {error.text.strip()})")]
    raise translated from error
