"""The lines of a runtime's log: when each was written, and in which part of the runtime's life. Pure.

A container says everything on one stream: what its programs print, and the launcher's events among
it. Here both become lines.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from runtiles.contract.events import PHASES, LaunchEvent, decode_line

#: The parts of a log, in order: of a launch's phases some are one part for who reads.
LOG_PHASES = ("pull", "build", "workspace", "server")
_PART = {
    "pulling": "pull",
    "preparing": "build",
    "workspace": "workspace",
    "hook": "workspace",
    "restoring": "workspace",
}
_TOLD = ("phase", "log", "notice", "failed")
#: A phase's headline is a line of the log only where it is a sentence: see `LaunchEvent.message`.
_SILENT = ("queued", "creating", "starting", "ready")


class LogLine(NamedTuple):
    """One line without its end; `at` is seconds since the epoch."""

    at: float
    text: str
    phase: str = "server"


def log_phase(phase: str) -> str:
    """The part of the log that a phase of a launch belongs to."""
    return _PART.get(phase, "server")


def event_lines(event: LaunchEvent) -> list[LogLine]:
    """What an event adds to the log: nothing for progress, a line or more for what has words."""
    if event.kind not in _TOLD or not event.message:
        return []
    if event.kind == "phase" and event.phase in _SILENT:
        return []
    phase = log_phase(event.phase)
    return [LogLine(event.time, clean(text), phase) for text in event.message.split("\n")]


def phase_at(events: Iterable[LaunchEvent], at: float) -> str:
    """The phase of a launch at this moment, as its events tell it; `starting` before any."""
    begun = sorted((e.time, PHASES.index(e.phase)) for e in events if e.kind in ("phase", "ready"))
    place = bisect_right([time for time, _ in begun], at)
    return PHASES[max([index for _, index in begun[:place]] + [PHASES.index("starting")])]


class Output:
    """Makes lines of a log from the lines of a container's output, in order.

    A line belongs to the phase that the launcher has last announced. No program can take the log back
    to an earlier phase, whatever it prints.
    """

    def __init__(self, phase: str = "starting") -> None:
        self._phase = PHASES.index(phase)

    def lines(self, printed: LogLine) -> Sequence[LogLine]:
        event = decode_line(printed.text)
        if event is None:
            return (printed._replace(text=clean(printed.text), phase=self.phase),)
        self._phase = max(self._phase, PHASES.index(event.phase))
        # How a launch failed is told by the spawner, which has heard it from here.
        if event.kind == "failed":
            return ()
        return [line._replace(at=printed.at, phase=self.phase) for line in event_lines(event)]

    @property
    def phase(self) -> str:
        return log_phase(PHASES[self._phase])


def clean(text: str) -> str:
    """Text that every database and every client takes: a program may print anything."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
