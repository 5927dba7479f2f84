"""The log of a launch, from its pull to the last words of its container.

Each line has one source. Pull and build: what was kept when the launch ended, before that its events.
Workspace and server: the container while there is one, afterwards what was kept of it. Only where
neither is known, the events tell what the container said until it was ready.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from runtiles.contract.errors import EngineUnavailable, NotFound
from runtiles.contract.events import PHASES, LaunchEvent
from runtiles.engines.base import Engine
from runtiles.store import LaunchRecord, Store, StoredEvent
from runtiles.values.loglines import LogLine, Output, event_lines, log_phase, phase_at

from .follow import Step
from .live_log import batches
from .log_query import MAX_TAIL, LogQuery

#: Our own events are lines of the container, too: more are asked for than are wanted.
_MORE = 200
#: Engines read at least this much of a log, in characters.
_SURELY_WHOLE = 2 * 1024 * 1024
_CREATED_INTERVAL_S = 0.1
_CREATED_S = 30.0
_OF_CONTAINER = frozenset(PHASES[PHASES.index("starting") :])

#: The events of the launch after an id, until it ends; None now and then.
Steps = Callable[[int], AsyncGenerator[Step | None, None]]


@dataclass
class _Seen:
    """Which lines of a container were given: those up to a time, and how many of that very time."""

    at: float = 0.0
    count: float = 0

    @classmethod
    def of(cls, printed: Sequence[LogLine]) -> "_Seen":
        if not printed:
            return cls()
        last = printed[-1].at
        return cls(last, sum(line.at == last for line in printed))

    def has(self, line: LogLine) -> bool:
        if line.at == self.at and self.count > 0:
            self.count -= 1
            return True
        return line.at < self.at


@dataclass
class _Past:
    """All that is known now, and where to go on."""

    lines: list[LogLine]
    container: str | None
    over: bool
    last_id: int
    output: Output = field(default_factory=Output)
    seen: _Seen = field(default_factory=_Seen)


@dataclass(frozen=True)
class RuntimeLogs:
    """`engine` is None where the service cannot see one; then the store is all that is known."""

    store: Store
    engine: Engine | None = None

    async def read(self, launch: LaunchRecord, query: LogQuery) -> list[LogLine]:
        """What there is now, in order of time."""
        past = await self._past(launch, query)
        return await asyncio.to_thread(query.choose, past.lines)

    async def follow(
        self, launch: LaunchRecord, query: LogQuery, steps: Steps
    ) -> AsyncGenerator[list[LogLine], None]:
        """What `read` gives, then what comes, until the launch has failed or its container ended."""
        past = await self._past(launch, query)
        yield await asyncio.to_thread(query.choose, past.lines)
        if past.container:
            async for lines in self._printed(past.container, past, query):
                yield lines
        if past.over:
            return
        heard = past.container is not None
        async with aclosing(steps(past.last_id)) as following:
            async for step in following:
                if step and (lines := self._told(step, query)):
                    yield lines
                if heard or not _may_have_begun(step):
                    continue
                if container := await self._begun(launch.id):
                    heard = True
                    async for lines in self._printed(container, past, query):
                        yield lines

    async def _past(self, launch: LaunchRecord, query: LogQuery) -> _Past:
        container = await self._container(launch)
        printed = await self._read(container, query) if container else []
        return await asyncio.to_thread(self._assembled, launch, container, printed, query)

    async def _read(self, container: str, query: LogQuery) -> list[LogLine]:
        if self.engine is None:
            return []
        return await self.engine.lines(container, tail=_window(query), since=query.since)

    def _assembled(
        self,
        launch: LaunchRecord,
        container: str | None,
        printed: list[LogLine],
        query: LogQuery,
    ) -> _Past:
        stored = self.store.events.for_launch(launch.id, but=("progress",))
        kept = self.store.logs.of_launch(launch.id)
        events = [item.event for item in stored]
        lines = [line for phase, known in kept.items() for line in known]
        covered = set(kept)
        if container:
            # Of the server's lines the container has all; of the workspace's perhaps no longer.
            lines = [line for line in lines if line.phase != "server"]
            covered.discard("server")
        first = printed[0].at if printed else query.since or 0.0
        output = Output("starting" if _is_whole(printed, query) else phase_at(events, first))
        said = [line for one in printed for line in output.lines(one)]
        lines += [line for line in said if line.phase not in covered]
        spoken = covered | {"workspace", "server"} if container else covered
        told = [line for event in events for line in _lines_of(event, spoken)]
        return _Past(
            lines=sorted(lines + told, key=lambda line: line.at),
            container=container,
            over=_is_over(stored),
            last_id=stored[-1].id if stored else 0,
            output=output,
            seen=_Seen.of(printed) if container else _Seen.of(_said_by_container(events)),
        )

    def _told(self, step: Step, query: LogQuery) -> list[LogLine]:
        spoken = set() if self.engine is None else {"workspace", "server"}
        return [line for line in _lines_of(step.event, spoken) if query.wants(line)]

    async def _printed(
        self, container: str, past: _Past, query: LogQuery
    ) -> AsyncIterator[list[LogLine]]:
        if self.engine is None:
            return
        since = max(past.seen.at, query.since or 0.0)
        source = self.engine.follow_lines(container, since=since or None)
        async with aclosing(batches(source)) as following:
            async for batch in following:
                fresh = [line for line in batch if not past.seen.has(line)]
                told = [line for one in fresh for line in past.output.lines(one)]
                if wanted := [line for line in told if query.wants(line)]:
                    yield wanted

    async def _container(self, launch: LaunchRecord) -> str | None:
        """The id of the launch's container, if it has begun, still exists and the engine answers."""
        if self.engine is None or not launch.container_id:
            return None
        try:
            status = await self.engine.status(launch.container_id)
        except EngineUnavailable:
            return None
        return launch.container_id if status and status.state != "created" else None

    async def _begun(self, launch_id: str) -> str | None:
        """As `_container`, of what is recorded by now; waits for a created one to begin."""
        try:
            launch = await asyncio.to_thread(self.store.launches.get, launch_id)
            for _ in range(round(_CREATED_S / _CREATED_INTERVAL_S)):
                container = await self._container(launch)
                if container or not await self._is_created(launch):
                    return container
                await asyncio.sleep(_CREATED_INTERVAL_S)
        except (NotFound, EngineUnavailable):
            return None
        return None

    async def _is_created(self, launch: LaunchRecord) -> bool:
        if self.engine is None or not launch.container_id:
            return False
        status = await self.engine.status(launch.container_id)
        return status is not None and status.state == "created"


def _window(query: LogQuery) -> int | None:
    """How many lines of a container to read for the ones that are wanted; None for all."""
    return None if query.tail is None or query.narrow else query.tail + _MORE


def _is_whole(printed: Sequence[LogLine], query: LogQuery) -> bool:
    """Is the container's first line among these? In doubt not."""
    if query.since is not None or len(printed) >= (_window(query) or MAX_TAIL):
        return False
    return sum(len(line.text) for line in printed) < _SURELY_WHOLE


def _lines_of(event: LaunchEvent, covered: set[str]) -> list[LogLine]:
    """The lines of an event that have no other source. How a launch failed is told nowhere else."""
    if event.kind != "failed" and log_phase(event.phase) in covered:
        return []
    return event_lines(event)


def _said_by_container(events: Sequence[LaunchEvent]) -> list[LogLine]:
    said = [e for e in events if e.phase in _OF_CONTAINER and e.kind != "failed"]
    return [line for event in said for line in event_lines(event)]


def _is_over(stored: Sequence[StoredEvent]) -> bool:
    return any(item.event.kind in ("ready", "failed") for item in stored)


def _may_have_begun(step: Step | None) -> bool:
    return step is None or step.event.phase in _OF_CONTAINER
