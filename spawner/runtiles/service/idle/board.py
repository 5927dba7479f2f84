"""What is known of every watched runtime, and when to look at it next. Pure: clocks are handed in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from runtiles.contract.activity import Activity

from .deadlines import Deadlines
from .ends import first_end, judged, without_loads
from .expected import Expected
from .notice import MOVED, WARNINGS, after_change, recalled, warnings_before
from .policy import STALE_AFTER, Verdict
from .watched import Clock, End, Key, Watched

#: A runtime that never reported is looked at so long after it was first seen.
_FIRST_REPORT = 120.0


@dataclass
class Board:
    warnings: Sequence[float] = WARNINGS
    _watched: dict[Key, Watched] = field(default_factory=dict)
    #: When those that said since their report that nothing changed did so last.
    _still: dict[Key, float] = field(default_factory=dict)
    _deadlines: Deadlines[Key] = field(default_factory=Deadlines)
    _expected: Expected = field(default_factory=Expected)
    #: Those that ran before this service did, and have not reported to it: under which terms nobody knows.
    _strange: set[Key] = field(default_factory=set)
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
            watched = replace(
                watched.after(known, clock.mono),
                spared_until=after_change(
                    known, watched, self.end(key, clock), self.warnings, clock
                ),
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
        self._strange.discard(key)
        if key in self._expected or (known is not None and known.warned is not None):
            self._expected.relieve(key)
        self._deadlines.drop(key)

    def expect(self, key: Key) -> None:
        """The owner expects its end, though nobody warned them here: a service before this one did, or
        it has begun. They are relieved as who was warned, but not before the runtime has told anything."""
        self._expected.add(key)
        if key not in self._watched:
            self.forget(key)

    def found(self, told: Mapping[Key, float], clock: Clock) -> None:
        """All that are there now ran before this service did. `told`: when, on the wall clock, a service
        before this one told which owners of an end: what they were told is not said again. For the others a
        warning may have been missed, or the terms were different: who would be ended soon has the notice
        that new terms bring."""
        for key, at in told.items():
            self._expected.add(key, at)
            if key not in self._watched:
                self.forget(key)
        for key, watched in list(self._watched.items()):
            if watched.report is None:
                self._strange.add(key)
            self._recall(key, clock)
            self._plan(key, clock)

    def _recall(self, key: Key, clock: Clock) -> None:
        """One of those, as soon as it is known when it ends."""
        watched, told_at = self._watched[key], self._expected.told_at(key)
        end = self.end(key, clock)
        self._watched[key] = recalled(watched, end, told_at, self.warnings, clock)
        if watched.report is not None:
            self._strange.discard(key)
            self._expected.settle(key)

    def relieved(self) -> list[Key]:
        """Those whose owners were told of an end that does not come any more; each is said once."""
        return self._expected.relieved()

    @property
    def anything_relieved(self) -> bool:
        return self._expected.any_relieved

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
        if key in self._strange:
            self._recall(key, clock)
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
            found = judged(watched, watched.report, heard, clock)
            known = self._decided = (watched, clock, heard, found)
        return known[3]

    def _is_alive(self, key: Key, clock: Clock) -> bool:
        verdict = self.verdict(key, clock)
        return verdict is not None and verdict.idle_for is None

    def end(self, key: Key, clock: Clock) -> End | None:
        """What comes first of the idle timeout, the end of the reservation and that of being frozen."""
        return self.end_of(key, self.verdict(key, clock), clock)

    def end_of(self, key: Key, verdict: Verdict | None, clock: Clock) -> End | None:
        """The same for who has the verdict."""
        return first_end(self._watched[key], verdict, clock)

    def is_due_but_for_loads(self, key: Key, clock: Clock) -> bool:
        """Is it to end now, whatever its processor and its GPU do?"""
        watched = self._watched.get(key)
        if watched is None:
            return True
        verdict = self.verdict(key, clock)
        if verdict is not None and watched.report is not None:
            quiet = without_loads(watched.report)
            verdict = judged(watched, quiet, self.last_heard(key), clock)
        end = self.end_of(key, verdict, clock)
        return end is not None and end.seconds <= 0

    def replan(self, clock: Clock) -> None:
        """The wall clock was set: every end is at another moment now."""
        for key in self._watched:
            self._plan(key, clock)

    def warning(self, key: Key, clock: Clock) -> float | None:
        """The warning that is due now and was not given, in seconds before the end; None for none."""
        end, watched = self.end(key, clock), self._watched[key]
        if end is None:
            return None
        reached = [each for each in self.wanted(watched, end) if each >= end.seconds]
        if not reached or (watched.warned is not None and min(reached) >= watched.warned):
            return None
        return min(reached)

    def wanted(self, watched: Watched, end: End | None) -> Sequence[float]:
        """The warnings that are given before this end."""
        return warnings_before(self.warnings, watched, end)

    def gave(self, key: Key, warning: float, clock: Clock) -> None:
        known, end = self._watched[key], self.end(key, clock)
        first = clock.mono if known.warned_at is None else known.warned_at
        told = None if end is None else clock.mono + end.seconds
        self._watched[key] = replace(known, warned=warning, warned_at=first, told_end=told)

    def grace(self, key: Key, clock: Clock) -> float:
        """Seconds for which nothing may be done yet, though it is due: after a restart or a jump of the
        clock too its owner has the time of the last warning, from when they were told."""
        watched = self._watched[key]
        wanted = self.wanted(watched, self.end(key, clock))
        if not wanted:
            return 0.0
        if watched.warned_at is None:
            return min(wanted)
        return max(0.0, watched.warned_at + min(wanted) - clock.mono)

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
        watched = self._watched[key]
        if watched.spared_until is not None and self._is_alive(key, clock):
            # Who worked since has all that the new terms give.
            watched = self._watched[key] = replace(watched, spared_until=None)
        if watched.warned is not None or (key in self._expected and watched.report is not None):
            self._take_back(key, clock)
        at = self._moment(key, clock)
        if at is None:
            self._deadlines.drop(key)
        else:
            self._deadlines.put(key, at)

    def _take_back(self, key: Key, clock: Clock) -> None:
        """What its owner was told, when the end that comes is not that one. Warned of another end they were
        not: what is still to come of its warnings comes, and the last one in any case."""
        watched, end = self._watched[key], self.end(key, clock)
        wanted = self.wanted(watched, end)
        if end is None or end.seconds > max(wanted, default=0.0):
            warned = None
        elif watched.told_end is None or clock.mono + end.seconds <= watched.told_end + MOVED:
            return
        else:
            reached = min(each for each in wanted if each >= end.seconds)
            # Of what is put off they are told anew, at once.
            late = reached == min(wanted) or end.put_off
            warned = None if late else reached
        told = None if warned is None or end is None else clock.mono + end.seconds
        self._watched[key] = replace(watched, warned=warned, warned_at=None, told_end=told)
        self._expected.relieve(key)

    def _moment(self, key: Key, clock: Clock) -> float | None:
        """When to look at it next, on the monotonic clock; None for never."""
        watched, end = self._watched[key], self.end(key, clock)
        rest = max(0.0, watched.rest_until - clock.mono)
        if end is not None and end.seconds <= 0:
            return clock.mono + rest
        moments = [rest] if rest else []
        if (silent := self._silent_in(key, clock)) is not None:
            moments.append(max(silent, rest))
        if end is not None:
            warned = watched.warned
            coming = [w for w in self.wanted(watched, end) if warned is None or w < warned]
            moments += [end.seconds, *(end.seconds - each for each in coming)]
        return clock.mono + max(0.0, min(moments)) if moments else None

    def _silent_in(self, key: Key, clock: Clock) -> float | None:
        """Seconds after which nobody knows any more what it does; None where that is of no interest."""
        watched = self._watched[key]
        if watched.frozen or watched.policy is None:
            return None
        if watched.report is None:
            return watched.since + _FIRST_REPORT - clock.mono
        return self.last_heard(key) + STALE_AFTER - clock.mono
