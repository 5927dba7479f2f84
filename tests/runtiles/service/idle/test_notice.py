"""How much notice there is of an end: under new terms, and of a service that begins."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from runtiles.catalogue.models import IdlePolicy
from runtiles.service.idle.board import Board
from runtiles.service.idle.notice import WARNINGS
from runtiles.service.idle.watched import End, Key, Watched

from .test_board import ANN, activity, clock, given, watched
from .test_watcher import WALL, World, play

# -- new terms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("idle", "before", "after", "ends_in"),
    [
        # Due at once under the new terms: ten minutes.
        (3600, {"timeout": 7200}, {"timeout": 1800}, 600),
        (3600, None, {"timeout": 1800}, 600),
        (3600, {"timeout": 7200}, {"timeout": 120}, 600),
        # Nearer than the notice, and farther.
        (1500, {"timeout": 7200}, {"timeout": 1800}, 600),
        (900, {"timeout": 7200}, {"timeout": 1800}, 900),
        # It would have ended as soon by the old ones: no day is gained by changing a tile every day.
        (3600, {"timeout": 3900}, {"timeout": 1800}, 300),
        (3600, {"timeout": 3600}, {"timeout": 1800}, -1800),
        # Another type, for which a kernel counts no more.
        (3600, {"timeout": 1800, "type": "kernels_or_terminals"}, {"timeout": 1800}, 600),
        # What was to be paused is stopped now: another end.
        (3600, {"timeout": 3660}, {"timeout": 3660, "action": "stop"}, 600),
        # More generous ones, and the same.
        (3600, {"timeout": 3900}, {"timeout": 7200}, 3600),
        (3600, {"timeout": 3900}, {"timeout": 3900}, 300),
    ],
)
def test_new_terms_leave_time_to_answer(
    idle: float, before: dict[str, Any] | None, after: dict[str, Any], ends_in: float
) -> None:
    board = Board()
    board.put(ANN, terms(before), clock(0))
    board.heard(ANN, activity(idle), clock(0))
    board.put(ANN, terms(after), clock(0))
    end = board.end(ANN, clock(0))
    assert end is not None
    assert end.seconds == pytest.approx(ends_in)
    # And so it is said, with the warning that belongs to it, at once.
    verdict = board.verdict(ANN, clock(0))
    assert verdict is not None
    assert verdict.acts_in == end.seconds
    reached = min((each for each in WARNINGS if each >= ends_in), default=None)
    assert board.warning(ANN, clock(0)) == reached


def terms(idle: dict[str, Any] | None) -> Watched:
    policy = None if idle is None else IdlePolicy.model_validate({"type": "activity", **idle})
    return Watched("l1", policy)


def test_under_new_terms_every_warning_comes_and_then_the_end_stays_where_it_was() -> None:
    board, seen = Board(), []
    board.put(ANN, watched(timeout=7200), clock(0))
    board.heard(ANN, activity(3600), clock(0))
    board.put(ANN, watched(timeout=300), clock(10))
    for second in range(10, 611, 10):
        board.still(ANN, clock(second))
        if (warning := given(board, second)) is not None:
            seen.append((second, warning))
    assert seen == [(10, 600.0), (310, 300.0), (550, 60.0)]
    assert not board.verdict(ANN, clock(609)).due  # type: ignore[union-attr]
    assert board.verdict(ANN, clock(610)).due  # type: ignore[union-attr]
    assert board.end(ANN, clock(650)).seconds == pytest.approx(-40)  # type: ignore[union-attr]
    assert board.grace(ANN, clock(610)) == 0


def test_terms_that_change_again_put_nothing_off_again() -> None:
    board = Board()
    board.put(ANN, watched(timeout=7200), clock(0))
    board.heard(ANN, activity(3600), clock(0))
    for second, timeout in ((0, 1800), (200, 900), (400, 1200)):
        board.put(ANN, watched(timeout=timeout), clock(second))
        board.still(ANN, clock(second))
    assert board.end(ANN, clock(400)).seconds == pytest.approx(200)  # type: ignore[union-attr]


def test_who_works_after_the_change_has_what_the_new_terms_give() -> None:
    board = Board()
    board.put(ANN, watched(timeout=7200), clock(0))
    board.heard(ANN, activity(3600), clock(0))
    board.put(ANN, watched(timeout=300), clock(0))
    board.heard(ANN, activity(0, busy=True, up_for=10_010), clock(10))
    board.heard(ANN, activity(0, up_for=10_020), clock(20))
    assert board.end(ANN, clock(20)).seconds == pytest.approx(300, abs=1)  # type: ignore[union-attr]


def test_a_warning_of_another_end_is_taken_back_and_the_new_one_told() -> None:
    """It was to be paused in a minute, and is to be stopped now."""
    board = Board()
    board.put(ANN, watched(timeout=3660), clock(0))
    board.heard(ANN, activity(3600), clock(0))
    assert given(board, 0) == 60.0
    stops = IdlePolicy(timeout=3660, type="activity", action="stop")
    board.put(ANN, Watched("l1", stops), clock(10))
    assert board.relieved() == [ANN]
    assert given(board, 10) == 600.0


def test_a_site_that_warns_nobody_waits_for_nobody() -> None:
    board = Board(())
    board.put(ANN, watched(timeout=7200), clock(0))
    board.heard(ANN, activity(3600), clock(0))
    board.put(ANN, watched(timeout=300), clock(0))
    assert board.verdict(ANN, clock(0)).due  # type: ignore[union-attr]


# -- a service that begins ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("idle", "told_ago", "ends_in", "next_"),
    [
        # The last warning was given ten seconds before the service began: it is not given again.
        (1750, 10, 50, None),
        # That of ten minutes was: those of five and of one are to come.
        (1400, 100, 400, 300.0),
        (1300, 90, 500, 300.0),
        # It was missed while there was no service: given at once, with all its time.
        (1400, None, 600, 600.0),
        (1750, None, 600, 600.0),
        (9000, None, 600, 600.0),
        # What they were told is of another end, or its hour has passed.
        (1400, 5000, 600, 600.0),
        (1900, 160, 600, 600.0),
        # A clock that was set back.
        (1750, -3600, 600, 600.0),
        # Nothing was missed.
        (600, None, 1200, 600.0),
    ],
)
def test_what_a_service_before_this_one_told_is_not_told_again(
    idle: float, told_ago: float | None, ends_in: float, next_: float | None
) -> None:
    for report_first in (True, False):
        board = Board()
        board.put(ANN, watched(), clock(0))
        told = {} if told_ago is None else {ANN: clock(0).wall - told_ago}
        if report_first:
            board.heard(ANN, activity(idle), clock(0))
        board.found(told, clock(0))
        if not report_first:
            board.heard(ANN, activity(idle), clock(0))
        assert board.end(ANN, clock(0)).seconds == pytest.approx(ends_in)  # type: ignore[union-attr]
        given_: list[float] = []
        for second in range(int(ends_in) + 1):
            board.still(ANN, clock(second))
            if (warning := given(board, second)) is not None:
                given_.append(warning)
        assert given_ == [each for each in WARNINGS if next_ is not None and each <= next_]
        assert board.grace(ANN, clock(ends_in)) == 0


def test_of_the_end_of_a_reservation_too_nobody_is_told_twice() -> None:
    board = Board()
    board.put(ANN, watched(expires=clock(40).wall, lasts=7200.0), clock(0))
    board.found({ANN: clock(0).wall - 20}, clock(0))
    assert given(board, 0) is None
    board.heard(ANN, activity(busy=True), clock(10))
    assert given(board, 10) is None
    assert board.grace(ANN, clock(40)) == 0
    assert board.relieved() == []


def test_what_starts_later_has_the_terms_that_it_was_told() -> None:
    board = Board()
    board.found({}, clock(0))
    board.put(ANN, watched(), clock(1))
    board.heard(ANN, activity(1750), clock(1))
    assert board.end(ANN, clock(1)).seconds == pytest.approx(50)  # type: ignore[union-attr]


def test_what_is_taken_back_does_not_take_the_next_warning_with_it() -> None:
    """Both are due at the same moment, and the first of them is slow."""
    done: list[str] = []

    async def story(world: World) -> None:
        gate = asyncio.Event()

        async def safe(key: Key) -> None:
            await gate.wait()
            done.append("taken back")

        async def warn(key: Key, seconds: float, end: End) -> None:
            done.append("warned")

        world.safe, world.warn = safe, warn  # type: ignore[method-assign]
        world.begin(expires=WALL + 50)
        await world.at(0)
        terms = replace(world.watcher.board.get(ANN) or Watched("l1"), expires=WALL + 59)
        world.watcher.board.put(ANN, terms, world.clock())
        world.watcher.step()
        for _ in range(50):
            await asyncio.sleep(0)
        gate.set()
        await world.watcher.settled()

    play(story, warnings=(60.0,))
    assert done == ["warned", "taken back", "warned"]
