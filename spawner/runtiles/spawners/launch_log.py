"""The events of one launch: a list that any number of open pages can replay and follow."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator

from runtiles.contract.events import LaunchEvent
from runtiles.values.loglines import LogLine, event_lines

#: Where each phase begins on the one bar that the Hub shows, in percent. Pulling and the workspace
#: take the widest parts because they take the longest time when they happen at all.
_STARTS = {
    "pulling": 2,
    "preparing": 40,
    "queued": 58,
    "creating": 60,
    "starting": 64,
    "workspace": 68,
    "hook": 80,
    "restoring": 84,
    "server": 90,
    "ready": 100,
}
_ORDER = list(_STARTS)

#: A container that floods its output must not fill the Hub's memory; the container's own log keeps
#: the rest.
_MAX_EVENTS = 1000
#: Phases and notices are counted apart: a flood of output must not hide them.
_MAX_OTHERS = 1000
#: Of each phase of the log the last lines are kept, however many there were.
_MAX_LAST_LINES = 1000
_PROGRESS_INTERVAL_S = 0.1


class LaunchLog:
    """Append-only and replayable. Used from the event loop only.

    Guarantees: `follow()` yields each event in order and ends after the launch ended; a late
    follower is spared the progress events that a later one of the same phase has overtaken;
    `percent` never goes back.
    """

    def __init__(
        self,
        *,
        progress_interval: float = _PROGRESS_INTERVAL_S,
    ) -> None:
        """`progress_interval`: seconds between two progress events of a phase that are kept."""
        self.events: list[LaunchEvent] = []
        self.percent = 0
        self.finished = False
        self._lines_kept = self._others_kept = 0
        self._last_lines: dict[str, deque[LogLine]] = {}
        self._printed: deque[str] = deque(maxlen=_MAX_LAST_LINES)
        self._interval = progress_interval
        self._moved: dict[str, float] = {}
        self._changed = asyncio.Event()

    def add(self, event: LaunchEvent) -> bool:
        """Record an event. False: dropped, after the end of the launch or beyond what is kept."""
        if self.finished:
            return False
        self._keep_lines(event)
        if not self._worth_keeping(event):
            return False
        self.events.append(event)
        self.percent = max(self.percent, overall_percent(event))
        self.finished = event.kind in ("failed", "ready")
        self._wake()
        return True

    def _worth_keeping(self, event: LaunchEvent) -> bool:
        """What a container says comes from other people's programs: it is bounded in number and rate."""
        if event.kind in ("failed", "ready"):
            return True
        if event.kind == "progress":
            now = time.monotonic()
            soon = now - self._moved.get(event.phase, -1e9) < self._interval
            if soon and event.percent != 100:
                return False
            self._moved[event.phase] = now
            return True
        if event.kind == "log":
            self._lines_kept += 1
            return self._lines_kept <= _MAX_EVENTS
        self._others_kept += 1
        return self._others_kept <= _MAX_OTHERS

    def _keep_lines(self, event: LaunchEvent) -> None:
        if event.kind == "failed":
            return
        if event.kind == "log":
            self._printed.append(event.message)
        for line in event_lines(event):
            known = self._last_lines.setdefault(line.phase, deque(maxlen=_MAX_LAST_LINES))
            known.append(line)

    def take_lines(self) -> list[LogLine]:
        """The last lines of the phases before the server, for who keeps them; forgotten here."""
        taken, self._last_lines = self._last_lines, {}
        return [line for phase, lines in taken.items() if phase != "server" for line in lines]

    @property
    def last(self) -> LaunchEvent | None:
        return self.events[-1] if self.events else None

    def log_tail(self, lines: int = 50) -> str:
        """The last lines that the container (or the build) printed."""
        return "\n".join(list(self._printed)[-lines:])

    async def follow(self) -> AsyncIterator[LaunchEvent]:
        """Every event from the first, then each new one, until the launch ends."""
        backlog = self.events[:]
        for event in _without_overtaken(backlog):
            yield event
        seen = len(backlog)
        while True:
            changed = self._changed
            while seen < len(self.events):
                seen += 1
                yield self.events[seen - 1]
            if self.finished:
                return
            await changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def overall_percent(event: LaunchEvent) -> int:
    """Where on the Hub's one bar this event stands, 0 to 100.

    An unfinished launch stops short of its phase's end, a failed one stays where it was.
    """
    if event.kind in ("failed", "notice", "log"):
        return 0
    start = _STARTS[event.phase]
    if event.percent is None or event.phase == "ready":
        return start
    end = _STARTS[_ORDER[_ORDER.index(event.phase) + 1]]
    share = min(max(event.percent, 0.0), 100.0) / 100
    return int(start + (end - start) * share)


def _without_overtaken(events: list[LaunchEvent]) -> list[LaunchEvent]:
    last = {e.phase: i for i, e in enumerate(events) if e.kind == "progress"}
    return [e for i, e in enumerate(events) if e.kind != "progress" or last[e.phase] == i]
