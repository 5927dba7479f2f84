"""Which lines of a log somebody asks for. Pure."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from runtiles.contract.errors import InvalidRequest
from runtiles.contract.events import PHASES
from runtiles.values.loglines import LOG_PHASES, LogLine, log_phase
from runtiles.values.moments import parse_moment
from runtiles.values.quantities import parse_duration
from runtiles.values.text import did_you_mean, shown

#: Lines; more is never at hand.
MAX_TAIL = 100_000
_OFFSET = re.compile(r"(T.*) (\d\d:?\d\d)$")


@dataclass(frozen=True)
class LogQuery:
    """`since` and `until` are seconds since the epoch, both inclusive; None stands for everything."""

    tail: int | None = None
    since: float | None = None
    until: float | None = None
    phases: frozenset[str] = frozenset()

    @property
    def narrow(self) -> bool:
        """Does it leave out lines in the middle, so that the last N are not among the last N printed?"""
        return self.until is not None or bool(self.phases)

    def wants(self, line: LogLine) -> bool:
        if self.phases and line.phase not in self.phases:
            return False
        if self.since is not None and line.at < self.since:
            return False
        return self.until is None or line.at <= self.until

    def choose(self, lines: Iterable[LogLine]) -> list[LogLine]:
        chosen = [line for line in lines if self.wants(line)]
        return chosen if self.tail is None else chosen[max(0, len(chosen) - self.tail) :]


def parse_query(given: Mapping[str, Sequence[str]], *, now: float | None = None) -> LogQuery:
    """From the parameters of a request; empty ones count as left out.

    Raises InvalidRequest with an entry for each bad one.
    """
    moment = time.time() if now is None else now
    readers: dict[str, Callable[[str], int | float]] = {
        "tail": _tail,
        "since": lambda text: _moment(text, moment),
        "until": lambda text: _moment(text, moment),
    }
    found: dict[str, int | float] = {}
    bad: dict[str, str] = {}
    for name, read in readers.items():
        if text := (given.get(name) or [""])[-1].strip():
            try:
                found[name] = read(text)
            except ValueError as error:
                bad[name] = str(error)
    words = [word for text in given.get("phase", ()) for word in text.split(",") if word]
    phases = {_phase(word.strip(), bad) for word in words}
    if bad:
        raise InvalidRequest(bad)
    tail = found.get("tail")
    return LogQuery(
        tail=None if tail is None else int(tail),
        since=found.get("since"),
        until=found.get("until"),
        phases=frozenset(phases),
    )


def _tail(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MAX_TAIL):
        raise ValueError(f"must be a number from 0 to {MAX_TAIL}")
    return int(text)


def _moment(text: str, now: float) -> float:
    """A moment as ISO 8601 (UTC, unless it says otherwise), or how long ago: `10m`, `90`."""
    if "-" not in text:
        try:
            return now - parse_duration(text)
        except ValueError as error:
            raise ValueError(f"{error}, or a time such as '2026-11-21T09:30:00Z'") from None
    # In a query, a plus that was not escaped arrives as a blank.
    text = _OFFSET.sub(r"\1+\2", text)
    try:
        return parse_moment(text)
    except ValueError:
        example = "must be a time such as '2026-11-21T09:30:00Z' or a duration such as '10m', not"
        raise ValueError(f"{example} {shown(text)}") from None


def _phase(word: str, bad: dict[str, str]) -> str:
    """A part of the log, or the phase of a launch that is in it."""
    if word in LOG_PHASES:
        return word
    if word in PHASES:
        return log_phase(word)
    known = ", ".join(LOG_PHASES)
    bad["phase"] = f"must be of {known}, not {shown(word)}.{did_you_mean(word, LOG_PHASES)}"
    return ""
