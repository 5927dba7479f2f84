"""What is known of every watched runtime, and when to look at it next. Pure: clocks are handed in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity

from .deadlines import Deadlines
from .policy import STALE_AFTER, Verdict, decide

Key = tuple[str, str]
Cause = Literal["idle", "expired"]

#: Seconds before the end at which people are told of it, unless the site says otherwise.
WARNINGS = (600.0, 300.0, 60.0)
#: A runtime that never reported is looked at so long after it was first seen.
_FIRST_REPORT = 120.0


@dataclass(frozen=True)
class Watched:
    """One running runtime. `arrived` is when the last report came, on the service's monotonic clock;
    `expires` and `held_until` are seconds since the epoch. `warned`: the smallest warning given for the end
    that is coming, None for none yet."""

    launch_id: str
    policy: IdlePolicy | None = None
    expires: float | None = None
    held_until: float | None = None
    report: Activity | None = None
    arrived: float = 0.0
    since: float = 0.0
    warned: float | None = None


@dataclass(frozen=True)
class End:
    """What comes: in how many seconds, and why."""

    seconds: float
    cause: Cause


@dataclass(frozen=True)
class Clock:
    """`mono` for ages, which no correction of the clock may change; `wall` for what people agreed upon."""

    mono: float
    wall: float


@dataclass
class Board:
    warnings: Sequence[float] = WARNINGS
    _watched: dict[Key, Watched] = field(default_factory=dict)
    _deadlines: Deadlines[Key] = field(default_factory=Deadlines)

    def __len__(self) -> int:
        return len(self._watched)

    def get(self, key: Key) -> Watched | None:
        return self._watched.get(key)

    def put(self, key: Key, watched: Watched, clock: Clock) -> None:
        """New, or changed: a policy, a hold, an extension. Another launch begins anew."""
        known = self._watched.get(key)
        if known is None or known.launch_id != watched.launch_id:
            watched = replace(watched, since=clock.mono)
        self._watched[key] = watched
        self._plan(key, clock)

    def forget(self, key: Key) -> None:
        self._watched.pop(key, None)
        self._deadlines.drop(key)

    def heard(self, key: Key, report: Activity, clock: Clock) -> bool:
        """A report came. False for a runtime that nobody watches, or an older report than the last."""
        known = self._watched.get(key)
        if known is None:
            return False
        if known.report is not None and report.up_for < known.report.up_for:
            return False
        self._watched[key] = replace(known, report=report, arrived=clock.mono)
        self._plan(key, clock)
        return True

    def verdict(self, key: Key, clock: Clock) -> Verdict | None:
        """None as long as the runtime has reported nothing."""
        watched = self._watched[key]
        if watched.report is None:
            return None
        held = None if watched.held_until is None else watched.held_until - clock.wall
        age = clock.mono - watched.arrived
        return decide(watched.report, age, watched.policy, held_for=held)

    def end(self, key: Key, clock: Clock) -> End | None:
        """What comes first of the idle timeout and the end of the reservation."""
        watched, verdict = self._watched[key], self.verdict(key, clock)
        ends = []
        if watched.expires is not None:
            ends.append(End(watched.expires - clock.wall, "expired"))
        if verdict is not None and verdict.acts_in is not None and not verdict.alive:
            ends.append(End(verdict.acts_in, "idle"))
        return min(ends, key=lambda end: end.seconds, default=None)

    def warning(self, key: Key, clock: Clock) -> float | None:
        """The warning that is due now and was not given, in seconds before the end; None for none."""
        end, watched = self.end(key, clock), self._watched[key]
        if end is None:
            return None
        reached = [each for each in self.warnings if each >= end.seconds]
        if not reached or (watched.warned is not None and min(reached) >= watched.warned):
            return None
        return min(reached)

    def gave(self, key: Key, warning: float) -> None:
        self._watched[key] = replace(self._watched[key], warned=warning)

    def next(self) -> float | None:
        """On the monotonic clock."""
        return self._deadlines.next()

    def due(self, clock: Clock) -> Iterator[Key]:
        """Those to look at now. Whoever looks puts them back with `again`, or forgets them."""
        yield from self._deadlines.due(clock.mono)

    def again(self, key: Key, clock: Clock, *, after: float | None = None) -> None:
        """Look at it again when something is to be seen, or after so many seconds at the latest."""
        if key in self._watched:
            self._plan(key, clock)
            if after is not None:
                self._deadlines.put(key, clock.mono + after)

    def _plan(self, key: Key, clock: Clock) -> None:
        watched, end = self._watched[key], self.end(key, clock)
        warned = watched.warned
        if warned is not None and (end is None or end.seconds > max(self.warnings, default=0.0)):
            # The end went away: the next one is told of anew.
            self._watched[key] = replace(watched, warned=None)
            warned = None
        moments = list(self._moments(watched, end, warned, clock))
        if moments:
            self._deadlines.put(key, clock.mono + max(0.0, min(moments)))
        else:
            self._deadlines.drop(key)

    def _moments(
        self, watched: Watched, end: End | None, warned: float | None, clock: Clock
    ) -> Iterator[float]:
        """Seconds until each moment at which there is something to be done."""
        if watched.report is None:
            yield watched.since + _FIRST_REPORT - clock.mono
        elif watched.policy is not None:
            yield watched.arrived + STALE_AFTER - clock.mono
        if end is not None:
            yield end.seconds
            coming = [w for w in self.warnings if warned is None or w < warned]
            yield from (end.seconds - each for each in coming if each <= max(coming))
