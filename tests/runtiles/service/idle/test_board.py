"""When to look at which runtime, with clocks that the test turns."""

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import strategies as st

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Kernel
from runtiles.service.idle.board import Board
from runtiles.service.idle.deadlines import Deadlines
from runtiles.service.idle.watched import Clock, Watched

ANN = ("ann", "lab")


def clock(seconds: float) -> Clock:
    return Clock(1000.0 + seconds, 1_800_000_000.0 + seconds)


def activity(quiet_for: float = 0.0, *, up_for: float = 9999.0, busy: bool = False) -> Activity:
    kernel = Kernel("k", "a.ipynb", quiet_for=quiet_for, busy_for=quiet_for if busy else None)
    return Activity(up_for=up_for, kernels=(kernel,), occupied_for=0.0)


def watched(timeout: int = 1800, **changes: object) -> Watched:
    one = Watched("l1", IdlePolicy(timeout=timeout, type="activity"))
    return replace(one, **changes)  # type: ignore[arg-type]


def due(board: Board, at: Clock) -> list[tuple[str, str]]:
    found = list(board.due(at))
    for key in found:
        board.again(key, at)
    return found


def test_it_looks_at_each_warning_and_at_the_end() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(), clock(0))
    seen = []
    for second in range(0, 1801, 5):
        if second % 30 == 0:
            board.heard(ANN, activity(second, up_for=9999 + second), clock(second))
        for key in due(board, clock(second)):
            warning = board.warning(key, clock(second))
            if warning is not None:
                board.gave(key, warning, clock(second))
                seen.append((second, warning))
                board.again(key, clock(second))
    assert seen == [(1200, 600.0), (1500, 300.0), (1740, 60.0)]
    verdict = board.verdict(ANN, clock(1801))
    assert verdict is not None
    assert verdict.due


def test_whoever_works_again_is_warned_anew() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(1250), clock(0))
    assert board.warning(ANN, clock(0)) == 600.0
    board.gave(ANN, 600.0, clock(0))
    assert board.warning(ANN, clock(1)) is None
    board.heard(ANN, activity(0, up_for=10_100), clock(30))
    assert board.warning(ANN, clock(30)) is None
    board.heard(ANN, activity(1201, up_for=12_000), clock(1300))
    assert board.warning(ANN, clock(1300)) == 600.0


def test_a_warning_that_was_missed_is_given_late_and_once() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(1750), clock(0))
    assert board.warning(ANN, clock(0)) == 60.0


def test_a_reservation_ends_also_while_it_works() -> None:
    board = Board()
    board.put(ANN, watched(expires=clock(500).wall), clock(0))
    board.heard(ANN, activity(busy=True), clock(0))
    end = board.end(ANN, clock(0))
    assert end is not None
    assert end.seconds == pytest.approx(500)
    assert end.cause == "expired"


def test_a_wall_clock_that_jumps_changes_nothing_about_idleness() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(100), clock(0))
    day_later = Clock(clock(10).mono, clock(10).wall + 86_400)
    verdict = board.verdict(ANN, day_later)
    assert verdict is not None
    assert verdict.idle_for == pytest.approx(110)


def test_what_never_reports_is_looked_at() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    assert due(board, clock(60)) == []
    assert due(board, clock(121)) == [ANN]
    assert board.verdict(ANN, clock(121)) is None


def test_what_stops_reporting_is_looked_at_before_its_time() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(), clock(0))
    assert due(board, clock(70)) == []
    assert due(board, clock(80)) == [ANN]


def test_who_says_the_same_is_there_and_its_deadline_stays() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(), clock(0))
    seen: list[int] = []
    for second in range(0, 1801, 5):
        if second and second % 30 == 0:
            board.still(ANN, clock(second))
        for key in due(board, clock(second)):
            if (warning := board.warning(key, clock(second))) is not None:
                board.gave(key, warning, clock(second))
                board.again(key, clock(second))
            seen.append(second)
    assert seen == [1200, 1500, 1740, 1800]
    verdict = board.verdict(ANN, clock(1800))
    assert verdict is not None
    assert verdict.due


def test_who_says_the_same_no_more_is_looked_at_in_time() -> None:
    board = Board()
    board.put(ANN, watched(timeout=9000), clock(0))
    board.heard(ANN, activity(busy=True), clock(0))
    for second in range(30, 301, 30):
        board.still(ANN, clock(second))
    for second in range(300, 375, 5):
        assert due(board, clock(second)) == []
    assert due(board, clock(376)) == [ANN]
    verdict = board.verdict(ANN, clock(376))
    assert verdict is not None
    assert verdict.stale


def test_a_new_launch_did_not_say_what_the_last_one_did() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(), clock(0))
    board.still(ANN, clock(300))
    board.put(ANN, replace(watched(), launch_id="l2"), clock(301))
    board.heard(ANN, activity(), clock(302))
    assert board.last_heard(ANN) == clock(302).mono


def test_the_same_terms_change_nothing() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(), clock(0))
    known = board.get(ANN)
    board.put(ANN, watched(), clock(5))
    assert board.get(ANN) is known
    board.put(ANN, watched(held_until=clock(99).wall), clock(5))
    assert board.get(ANN) is not known


def test_an_older_report_does_not_take_the_place_of_a_newer_one() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    assert board.heard(ANN, activity(5, up_for=100), clock(0))
    assert not board.heard(ANN, activity(500, up_for=70), clock(1))
    assert board.heard(ANN, activity(5, up_for=100), clock(2))
    assert not board.heard(("bob", "lab"), activity(), clock(2))


def given(board: Board, second: float) -> float | None:
    """The warning that is given now."""
    warning = board.warning(ANN, clock(second))
    if warning is not None:
        board.gave(ANN, warning, clock(second))
        board.again(ANN, clock(second))
    return warning


def test_an_end_that_moved_is_warned_of_again_though_it_is_near() -> None:
    """A timeout below the first warnings: every end lies within them."""
    board = Board()
    board.put(ANN, watched(timeout=300), clock(0))
    board.heard(ANN, activity(0), clock(0))
    assert given(board, 0) is None
    board.heard(ANN, activity(250), clock(250))
    assert given(board, 250) == 60.0
    board.heard(ANN, activity(0), clock(260))
    assert board.relieved() == [ANN]
    board.heard(ANN, activity(240), clock(500))
    assert given(board, 500) == 60.0
    assert board.grace(ANN, clock(501)) == pytest.approx(59)


def test_a_reservation_that_was_extended_is_warned_of_again() -> None:
    board, terms = Board(), watched(expires=clock(50).wall, lasts=9000.0)
    board.put(ANN, terms, clock(0))
    assert given(board, 0) == 60.0
    board.put(ANN, replace(terms, expires=clock(350).wall), clock(1))
    assert board.relieved() == [ANN]
    assert given(board, 2) is None
    assert given(board, 50) == 300.0
    board.put(ANN, replace(terms, expires=clock(380).wall), clock(341))
    # It is the last minute of the new end: told again, with its hour.
    assert given(board, 341) == 60.0


def test_reports_that_come_a_little_late_take_nothing_back() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(1250), clock(0))
    assert given(board, 0) == 600.0
    board.heard(ANN, activity(1276), clock(30))
    assert board.relieved() == []
    assert given(board, 30) is None


def test_what_is_kept_is_warned_of_before_the_hold_is_over() -> None:
    board = Board()
    board.put(ANN, watched(held_until=clock(4000).wall), clock(0))
    board.heard(ANN, activity(1799), clock(0))
    seen = []
    for second in range(0, 4001, 10):
        board.still(ANN, clock(second))
        if (warning := given(board, second)) is not None:
            seen.append((second, warning))
    assert seen == [(3400, 600.0), (3700, 300.0), (3940, 60.0)]
    verdict = board.verdict(ANN, clock(3990))
    assert verdict is not None
    assert not verdict.due
    assert board.verdict(ANN, clock(4001)).due  # type: ignore[union-attr]


def test_the_hours_on_ice_are_not_idle_ones() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(100), clock(0))
    board.put(ANN, watched(frozen=True), clock(10))
    board.put(ANN, watched(), clock(36_000))
    board.heard(ANN, activity(36_100), clock(36_001))
    verdict = board.verdict(ANN, clock(36_001))
    assert verdict is not None
    assert verdict.idle_for == pytest.approx(1)
    assert board.end(ANN, clock(36_001)).seconds == pytest.approx(1799)  # type: ignore[union-attr]


def test_a_hold_also_keeps_what_is_frozen() -> None:
    board = Board()
    terms = watched(frozen=True, pause_at=clock(100).wall, held_until=clock(900).wall)
    board.put(ANN, terms, clock(0))
    end = board.end(ANN, clock(0))
    assert end is not None
    assert end.cause == "frozen"
    assert end.seconds == pytest.approx(900)


def test_new_terms_end_a_rest_and_a_new_look_at_the_same_ones_does_not() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(1900), clock(0))
    board.again(ANN, clock(0), after=3600)
    board.put(ANN, watched(), clock(5))
    board.put(ANN, watched(lasts=5.0), clock(5))
    assert board.next() == clock(3600).mono
    board.put(ANN, watched(timeout=1850), clock(6))
    assert board.next() == clock(6).mono


def test_a_new_launch_begins_anew() -> None:
    board = Board()
    board.put(ANN, watched(), clock(0))
    board.heard(ANN, activity(1700), clock(0))
    board.put(ANN, replace(watched(), launch_id="l2"), clock(50))
    assert board.verdict(ANN, clock(50)) is None


@hypothesis.given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.none() | st.floats(0, 100)), max_size=60)
)
def test_deadlines_come_in_order_each_once(steps: list[tuple[str, float | None]]) -> None:
    deadlines: Deadlines[str] = Deadlines()
    expected: dict[str, float] = {}
    for key, at in steps:
        if at is None:
            deadlines.drop(key)
            expected.pop(key, None)
        else:
            deadlines.put(key, at)
            expected[key] = at
    assert len(deadlines) == len(expected)
    assert deadlines.next() == min(expected.values(), default=None)
    found = list(deadlines.due(50.0))
    assert sorted(found) == sorted(key for key, at in expected.items() if at <= 50.0)
    assert [expected[key] for key in found] == sorted(expected[key] for key in found)
    assert len(deadlines) == len(expected) - len(found)


def test_a_deadline_that_moves_for_ever_does_not_fill_the_memory() -> None:
    deadlines: Deadlines[int] = Deadlines()
    for round_ in range(10_000):
        deadlines.put(round_ % 3, float(round_))
    assert len(deadlines._heap) < 200
    for round_ in range(10_000):
        deadlines.put(round_ % 3, 10_000.0 - round_)
    assert len(deadlines._heap) < 200
    assert sorted(deadlines.due(3.0)) == [0, 1, 2]
