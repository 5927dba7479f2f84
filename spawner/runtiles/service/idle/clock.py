"""The clocks that deadlines go by, and what happens when somebody sets one."""

import logging
import time
from collections.abc import Callable

from .watched import Clock

_log = logging.getLogger(__name__)
#: Seconds by which the wall clock may go its own way before it counts as set: slewing is slower.
_JUMP = 30.0
#: So long a clock that was set must stay so before anything is done by it.
_PROBATION = 300.0


class SteadyClock:
    """The monotonic clock, and a wall clock that does not jump forward.

    Who agreed upon 17:40 means the wall's 17:40; but a wall clock that jumps is wrong before the jump or
    after it. So for five minutes the earlier one is believed: neither a slip that somebody corrects nor the
    wrong time of a machine that has just started ends anybody's runtime, and what is meant is followed a
    little later.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic, self._wall = monotonic, wall
        self._offset = wall() - monotonic()
        self._jumped: tuple[float, float] | None = None

    def __call__(self) -> Clock:
        mono = self._monotonic()
        offset = self._wall() - mono
        if abs(offset - self._offset) <= _JUMP:
            self._offset, self._jumped = offset, None
        elif self._jumped is None or abs(offset - self._jumped[1]) > _JUMP:
            _log.warning("The clock was set by %.0f s; followed later", offset - self._offset)
            self._jumped = (mono, offset)
        elif mono - self._jumped[0] >= _PROBATION:
            self._offset, self._jumped = offset, None
        believed = self._offset if self._jumped is None else min(self._offset, self._jumped[1])
        return Clock(mono, mono + believed)
