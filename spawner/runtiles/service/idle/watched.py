"""A runtime that is watched, its end, and the clocks that tell when that comes."""

from dataclasses import dataclass, replace
from typing import Literal

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity

Key = tuple[str, str]
#: Idle for too long, at the end of the reservation, or frozen for too long.
Cause = Literal["idle", "expired", "frozen"]


@dataclass(frozen=True)
class Watched:
    """One running runtime. `arrived` is when the last report came, on the service's monotonic clock;
    `expires`, `held_until` and `pause_at` are seconds since the epoch: the end of the reservation, until
    when somebody keeps it, when a frozen one is paused. `lasts`: seconds of the whole reservation.
    `frozen`: nobody can ask it, and it is not idle. `warned`: the smallest warning given for the end that
    is coming, None for none yet. On the service's monotonic clock: `warned_at` when the first one was
    given, `told_end` the end that it spoke of, `thawed` when it was thawed last, `rest_until` when whoever
    tried to end it tries again, `spared_until` when idleness may end it at the earliest: its owner could
    not see that coming."""

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
    told_end: float | None = None
    thawed: float | None = None
    rest_until: float = 0.0
    spared_until: float | None = None

    @property
    def terms(self) -> tuple[object, ...]:
        """What decides about its end, beside what it reports."""
        return (self.policy, self.expires, self.held_until, self.frozen, self.pause_at)

    def after(self, known: "Watched", mono: float) -> "Watched":
        """The same launch under these terms: what it said and was told is kept."""
        # What it said before it was frozen is of then: it has to report anew.
        thawed = known.frozen and not self.frozen
        return replace(
            self,
            report=None if thawed else known.report,
            arrived=known.arrived,
            since=mono if thawed else known.since,
            warned=known.warned,
            warned_at=known.warned_at,
            told_end=known.told_end,
            thawed=mono if thawed else known.thawed,
            rest_until=known.rest_until if self.terms == known.terms else 0.0,
            spared_until=known.spared_until,
        )


@dataclass(frozen=True)
class End:
    """What comes: in how many seconds, and why. `put_off`: it is due earlier, but for the notice that its
    owner gets."""

    seconds: float
    cause: Cause
    put_off: bool = False


@dataclass(frozen=True)
class Clock:
    """`mono` for ages, which no correction of the clock may change; `wall` for what people agreed upon."""

    mono: float
    wall: float
