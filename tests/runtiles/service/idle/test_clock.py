"""A clock that is set ends nobody's runtime early, and keeps nobody's for ever."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.service.idle.clock import SteadyClock
from runtiles.service.idle.pace import Pace

WALL = 1_800_000_000.0


class Time:
    def __init__(self) -> None:
        self.mono, self.set_by = 50.0, 0.0
        self.clock = SteadyClock(lambda: self.mono, lambda: WALL + self.mono + self.set_by)

    def passes(self, seconds: float) -> float:
        """What the wall says then, from the beginning."""
        for _ in range(10):
            self.mono += seconds / 10
            found = self.clock()
        assert found.mono == self.mono
        return found.wall - WALL - 50.0


def test_a_jump_is_followed_later() -> None:
    time = Time()
    assert time.passes(10) == 10
    time.set_by = 3600.0
    assert time.passes(100) == 110
    assert time.passes(300) == 410 + 3600


def test_a_jump_that_is_corrected_never_was() -> None:
    time = Time()
    time.set_by = 3600.0
    assert time.passes(200) == 200
    time.set_by = 0.0
    assert time.passes(1000) == 1200


def test_a_clock_that_is_set_back_is_followed_too() -> None:
    time = Time()
    time.set_by = -7200.0
    assert time.passes(299) == 299 - 7200
    assert time.passes(100) == 399 - 7200


def test_a_service_that_started_with_a_wrong_clock_ends_nothing_by_it() -> None:
    time = Time()
    time.clock = SteadyClock(lambda: time.mono, lambda: WALL + time.mono + time.set_by + 9e6)
    time.set_by = -9e6
    for _ in range(40):
        assert time.passes(10) < 401


def test_a_clock_that_is_slewed_is_followed_at_once() -> None:
    time = Time()
    for _ in range(100):
        time.set_by += 0.5
        time.passes(1)
    assert time.passes(0) == 100 + 50


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200), st.integers(1, 600))
def test_the_pace_is_kept_in_every_minute(steps: list[float], per_minute: int) -> None:
    pace, now, let = Pace(per_minute), 0.0, []
    for step in steps:
        now += step
        if pace.take(now):
            let.append(now)
    for at in let:
        assert sum(at <= other < at + 60 for other in let) <= 1.25 * per_minute + 1


@given(st.integers(1, 600), st.integers(2, 300))
def test_who_waits_has_a_place_after_those_before(per_minute: int, crowd: int) -> None:
    pace = Pace(per_minute)
    while pace.take(0.0):
        pass
    waits = [pace.wait(0.0) for _ in range(crowd)]
    assert waits[0] > 0
    for one, next_ in pairwise(waits):
        assert next_ - one == pytest.approx(60 / per_minute)
    assert all(pace.take(at + 1e-6) for at in waits)
