"""How much notice an owner gets of an end, and what a warning that was given is still worth. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from .watched import Clock, End, Watched

#: Seconds before the end at which people are told of it, unless the site says otherwise.
WARNINGS = (600.0, 300.0, 60.0)
#: More than this nobody needs to see to a runtime that would end at once.
_ENOUGH = 600.0
#: An end that is so much later than people were told is another one: reports come a little late or early.
MOVED = 5.0


def warnings_before(
    warnings: Sequence[float], watched: Watched, end: End | None
) -> Sequence[float]:
    """The warnings that are given before this end. Nobody is warned the moment they stop typing, or
    start: of less time than the last warning leaves they are told when half of it is over."""
    if end is None or end.cause == "frozen" or not warnings:
        return ()
    if end.put_off:
        return warnings
    lasts = watched.lasts
    if end.cause == "idle":
        lasts = None if watched.policy is None else watched.policy.timeout
    if lasts is None:
        return warnings
    return [each for each in warnings if each < lasts] or [lasts / 2]


def enough(warnings: Sequence[float]) -> float:
    """Seconds of notice that everybody gets of an end that nobody could see coming."""
    return min(max(warnings, default=0.0), _ENOUGH)


def after_change(
    known: Watched, new: Watched, end: End | None, warnings: Sequence[float], clock: Clock
) -> float | None:
    """Until when, on the monotonic clock, idleness ends nothing under new terms. `end` is what came under
    those before: new ones bring it no nearer than this notice. What was to be paused and is now to be
    stopped is another end altogether. That of a reservation moves with no tile."""
    if new.policy == known.policy:
        return known.spared_until
    other = known.policy is None or new.policy is None or new.policy.action != known.policy.action
    left = enough(warnings)
    if end is not None and not other:
        left = min(left, end.seconds)
    return clock.mono + left if left > 0 else None


def recalled(
    watched: Watched,
    end: End | None,
    told_at: float | None,
    warnings: Sequence[float],
    clock: Clock,
) -> Watched:
    """What ran before this service did: with the warning that its owner has who was told at `told_at` on
    the wall clock. Who was told of no end, of another one or of an hour that has passed gets enough notice,
    if idleness would end it soon: a warning was missed, or the terms were others before."""
    if end is None:
        return watched
    before = warnings_before(warnings, watched, end)
    ago = -1.0 if told_at is None else clock.wall - told_at
    warned = _was_given(before, end, ago)
    if warned is not None:
        at, ends = clock.mono - ago, clock.mono + end.seconds
        return replace(watched, warned=warned, warned_at=at, told_end=ends)
    if end.cause == "idle" and end.seconds < max(before, default=0.0):
        return replace(watched, spared_until=clock.mono + enough(warnings))
    return watched


def _was_given(before: Sequence[float], end: End, ago: float) -> float | None:
    if ago < 0 or end.seconds <= 0:
        return None
    return min((each for each in before if each + MOVED >= end.seconds + ago), default=None)
