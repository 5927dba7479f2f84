"""What is known of every watched runtime, and when to look at it next. Pure: clocks are handed in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity

from .deadlines import Deadlines
from .policy import STALE_AFTER, Verdict, decide

Key = tuple[str, str]
#: Idle for too long, at the end of the reservation, or frozen for too long.
Cause = Literal["idle", "expired", "frozen"]

#: Seconds before the end at which people are told of it, unless the site says otherwise.
WARNINGS = (600.0, 300.0, 60.0)
#: A runtime that never reported is looked at so long after it was first seen.
_FIRST_REPORT = 120.0


@dataclass(frozen=True)
class Watched:
    """One running runtime. `arrived` is when the last report came, on the service's monotonic clock;
    `expires`, `held_until` and `pause_at` are seconds since the epoch: the end of the reservation, until
    when somebody keeps it, when a frozen one is paused. `lasts`: seconds of the whole reservation.
    `frozen`: nobody can ask it, and it is not idle. `warned`: the smallest warning given for the end that
    is coming, None for none yet; `warned_at` when the first one was given, `rest_until` when whoever tried
    to end it tries again, both on the service's monotonic clock."""

    launch_id: str
    policy: IdlePolicy | None = None
    expires: float | None = None
    held_until: float | None = None
    lasts: float | None = None
    frozen: bool = False
    pause_at: float | None = None
    report: Activity | None = None
    arrived: float = 0.0
    since: float = 0.0
    warned: float | None = None
    warned_at: float | None = None
    rest_until: float = 0.0


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
    #: When those that said since their report that nothing changed did so last.
    _still: dict[Key, float] = field(default_factory=dict)
    _deadlines: Deadlines[Key] = field(default_factory=Deadlines)
    _relieved: list[Key] = field(default_factory=list)
    _expecting: set[Key] = field(default_factory=set)
    _decided: tuple[Watched, Clock, float, Verdict] | None = None

    def __len__(self) -> int:
        return len(self._watched)

    def get(self, key: Key) -> Watched | None:
        return self._watched.get(key)

    def put(self, key: Key, watched: Watched, clock: Clock) -> None:
        """New, or changed: a policy, a hold, an extension. Of the same launch what it said and was told is
        kept; another one begins anew."""
        known = self._watched.get(key)
        if known is None or known.launch_id != watched.launch_id:
            if known is not None:
                self.forget(key)
            watched = replace(watched, since=clock.mono)
        else:
            # What it said before it was frozen is of then: it has to report anew.
            thawed = known.frozen and not watched.frozen
            watched = replace(
                watched,
                report=None if thawed else known.report,
                arrived=known.arrived,
                since=clock.mono if thawed else known.since,
                warned=known.warned,
                warned_at=known.warned_at,
            )
        if watched == known:
            return
        if watched.report is None:
            self._still.pop(key, None)
        self._watched[key] = watched
        self._plan(key, clock)

    def forget(self, key: Key) -> None:
        known = self._watched.pop(key, None)
        self._still.pop(key, None)
        if key in self._expecting or (known is not None and known.warned is not None):
            self._relieve(key)
        self._deadlines.drop(key)

    def expect(self, key: Key) -> None:
        """The owner expects its end, though nobody warned them here: a service before this one did, or
        it has begun. They are relieved as who was warned, but not before the runtime has told anything."""
        self._expecting.add(key)

    def _relieve(self, key: Key) -> None:
        self._expecting.discard(key)
        self._relieved.append(key)

    def relieved(self) -> list[Key]:
        """Those whose owners were told of an end that does not come any more; each is said once."""
        found, self._relieved = self._relieved, []
        return found

    @property
    def anything_relieved(self) -> bool:
        return bool(self._relieved)

    def heard(self, key: Key, report: Activity, clock: Clock) -> bool:
        """A report came. False for a runtime that nobody watches, or an older report than the last.

        One of a younger server is believed when the last server has been silent for long: it was started
        anew.
        """
        known = self._watched.get(key)
        if known is None:
            return False
        silent = clock.mono - self.last_heard(key) > STALE_AFTER
        if known.report is not None and report.up_for < known.report.up_for and not silent:
            return False
        self._still.pop(key, None)
        self._watched[key] = replace(known, report=report, arrived=clock.mono)
        self._plan(key, clock)
        return True

    def still(self, key: Key, clock: Clock) -> None:
        """It is there, and all that changed since its report are ages. Nothing is planned anew, which is
        most of what a report costs: `due` puts off what waits for its silence."""
        self._still[key] = clock.mono

    def last_heard(self, key: Key) -> float:
        """When it said anything, on the service's monotonic clock."""
        return self._still.get(key) or self._watched[key].arrived

    def verdict(self, key: Key, clock: Clock) -> Verdict | None:
        """None as long as the runtime has reported nothing, and while it is frozen."""
        watched = self._watched[key]
        if watched.report is None or watched.frozen:
            return None
        heard, known = self.last_heard(key), self._decided
        # A report is asked about several times: for the plan, for the warning, for the answer.
        if known is None or known[0] is not watched or known[1:3] != (clock, heard):
            held = None if watched.held_until is None else watched.held_until - clock.wall
            age, silent = clock.mono - watched.arrived, clock.mono - heard
            found = decide(watched.report, age, watched.policy, held_for=held, silent=silent)
            known = self._decided = (watched, clock, heard, found)
        return known[3]

    def end(self, key: Key, clock: Clock) -> End | None:
        """What comes first of the idle timeout, the end of the reservation and that of being frozen."""
        return self.end_of(key, self.verdict(key, clock), clock)

    def end_of(self, key: Key, verdict: Verdict | None, clock: Clock) -> End | None:
        """The same for who has the verdict."""
        watched = self._watched[key]
        ends = []
        if watched.expires is not None:
            ends.append(End(watched.expires - clock.wall, "expired"))
        if watched.frozen and watched.pause_at is not None:
            ends.append(End(watched.pause_at - clock.wall, "frozen"))
        if verdict is not None and verdict.acts_in is not None and not verdict.alive:
            ends.append(End(verdict.acts_in, "idle"))
        return min(ends, key=lambda end: end.seconds, default=None)

    def is_due_but_for_loads(self, key: Key, clock: Clock) -> bool:
        """Is it to end now, whatever its processor and its GPU do? To save a snapshot is work for both."""
        watched = self._watched.get(key)
        if watched is None:
            return True
        verdict = self.verdict(key, clock)
        if verdict is not None and watched.report is not None:
            quiet = replace(watched.report, cpu=None, gpu=None)
            age, held = clock.mono - watched.arrived, watched.held_until
            left = None if held is None else held - clock.wall
            verdict = decide(quiet, age, watched.policy, held_for=left)
        end = self.end_of(key, verdict, clock)
        return end is not None and end.seconds <= 0

    def replan(self, clock: Clock) -> None:
        """The wall clock was set: every end is at another moment now."""
        for key in self._watched:
            self._plan(key, clock)

    def warning(self, key: Key, clock: Clock) -> float | None:
        """The warning that is due now and was not given, in seconds before the end; None for none."""
        end, watched = self.end(key, clock), self._watched[key]
        if end is None or end.cause == "frozen":
            return None
        reached = [each for each in self.warnings if each >= end.seconds]
        if not reached or (watched.warned is not None and min(reached) >= watched.warned):
            return None
        return min(reached)

    def gave(self, key: Key, warning: float, clock: Clock) -> None:
        known = self._watched[key]
        first = clock.mono if known.warned_at is None else known.warned_at
        self._watched[key] = replace(known, warned=warning, warned_at=first)

    def grace(self, key: Key, clock: Clock) -> float:
        """Seconds for which nothing may be done yet, though it is due: after a restart or a jump of the
        clock too its owner has the time of the last warning, from when they were told."""
        watched, end = self._watched[key], self.end(key, clock)
        if not self.warnings or end is None or end.cause == "frozen":
            return 0.0
        if watched.warned_at is None:
            return min(self.warnings)
        wanted = min(self.warnings)
        if end.cause == "idle" and watched.policy is not None:
            # Nobody can be told earlier than it is idle.
            wanted = min(wanted, watched.policy.timeout)
        if end.cause == "expired" and watched.lasts is not None:
            wanted = min(wanted, watched.lasts)
        return max(0.0, watched.warned_at + wanted - clock.mono)

    def next(self) -> float | None:
        """On the monotonic clock."""
        return self._deadlines.next()

    def due(self, clock: Clock) -> Iterator[Key]:
        """Those to look at now. Whoever looks puts them back with `again`, or forgets them."""
        for key in self._deadlines.due(clock.mono):
            if key in self._still and (at := self._moment(key, clock)) != clock.mono:
                if at is not None:
                    self._deadlines.put(key, at)
                continue
            yield key

    def again(self, key: Key, clock: Clock, *, after: float | None = None) -> None:
        """Look at it again when something is to be seen, or after so many seconds at the latest: and not
        earlier, as long as nothing new comes of it."""
        if key in self._watched:
            if after is not None:
                rest = clock.mono + after
                self._watched[key] = replace(self._watched[key], rest_until=rest)
            self._plan(key, clock)

    def _plan(self, key: Key, clock: Clock) -> None:
        watched, end = self._watched[key], self.end(key, clock)
        told = watched.warned is not None or (key in self._expecting and watched.report is not None)
        if told and (end is None or end.seconds > max(self.warnings, default=0.0)):
            # The end went away: the next one is told of anew.
            self._watched[key] = replace(watched, warned=None, warned_at=None)
            self._relieve(key)
        at = self._moment(key, clock)
        if at is None:
            self._deadlines.drop(key)
        else:
            self._deadlines.put(key, at)

    def _moment(self, key: Key, clock: Clock) -> float | None:
        """When to look at it next, on the monotonic clock; None for never."""
        watched, end = self._watched[key], self.end(key, clock)
        moments = list(self._moments(key, end, clock))
        if watched.rest_until > clock.mono:
            rest = watched.rest_until - clock.mono
            due = end is not None and end.seconds <= 0
            moments = [rest] if due else [*moments, rest]
        return clock.mono + max(0.0, min(moments)) if moments else None

    def _moments(self, key: Key, end: End | None, clock: Clock) -> Iterator[float]:
        """Seconds until each moment at which there is something to be done."""
        watched = self._watched[key]
        if watched.frozen:
            pass
        elif watched.report is None:
            if watched.policy is not None:
                yield watched.since + _FIRST_REPORT - clock.mono
        elif watched.policy is not None:
            yield self.last_heard(key) + STALE_AFTER - clock.mono
        if end is not None:
            yield end.seconds
            wanted = () if end.cause == "frozen" else self.warnings
            warned = watched.warned
            coming = [w for w in wanted if warned is None or w < warned]
            yield from (end.seconds - each for each in coming if each <= max(coming))
