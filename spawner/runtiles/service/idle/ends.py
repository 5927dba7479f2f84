"""When a watched runtime ends, and why: its report, its terms and the clocks put together. Pure."""

from dataclasses import replace

from runtiles.contract.activity import Activity

from .policy import Verdict, decide
from .watched import Clock, End, Watched


def judged(watched: Watched, report: Activity, heard: float, clock: Clock) -> Verdict:
    """As if this were its last report. `heard`: when it said anything, on the monotonic clock."""
    held, awake, spared = watched.held_until, watched.thawed, watched.spared_until
    return decide(
        report,
        clock.mono - watched.arrived,
        watched.policy,
        held_for=None if held is None else held - clock.wall,
        silent=clock.mono - heard,
        # While it was frozen nobody could use it.
        awake=None if awake is None else clock.mono - awake,
        spared_for=None if spared is None else spared - clock.mono,
    )


def first_end(watched: Watched, verdict: Verdict | None, clock: Clock) -> End | None:
    """What comes first of the idle timeout, the end of the reservation and that of being frozen."""
    ends = []
    if watched.expires is not None:
        ends.append(End(watched.expires - clock.wall, "expired"))
    if watched.frozen and watched.pause_at is not None:
        ends.append(End(max(watched.pause_at, watched.held_until or 0.0) - clock.wall, "frozen"))
    if verdict is not None and verdict.acts_in is not None:
        ends.append(End(verdict.acts_in, "idle", verdict.put_off))
    return min(ends, key=lambda end: end.seconds, default=None)


def without_loads(report: Activity) -> Activity:
    """To save a snapshot is work for processor and GPU. One above its threshold is in `worked_for`, too."""
    return replace(report, cpu=None, gpu=None, worked_for=None)
