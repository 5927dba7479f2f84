"""Who is acted upon and who is not, with a clock that the test turns and hands that write down."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Kernel
from runtiles.contract.errors import ServiceUnavailable
from runtiles.service.idle.board import Board
from runtiles.service.idle.pace import Pace
from runtiles.service.idle.watched import Clock, End, Key, Watched
from runtiles.service.idle.watcher import Silence, Watcher

ANN = ("ann", "lab")
WALL = 1_800_000_000.0


def report(quiet_for: float, *, up_for: float = 5000.0, busy: bool = False) -> Activity:
    kernel = Kernel("k", "a.ipynb", quiet_for=quiet_for, busy_for=1.0 if busy else None)
    return Activity(up_for=up_for, kernels=(kernel,), occupied_for=0.0)


@dataclass
class World:
    """`answers` is what a runtime says when it is asked; None: it does not answer."""

    seconds: float = 0.0
    answers: Activity | None = None
    fails: bool = False
    warnings: tuple[float, ...] = ()
    warned: list[float] = field(default_factory=list)
    acted: list[tuple[Key, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    relieved: list[Key] = field(default_factory=list)
    asked: int = 0

    def clock(self) -> Clock:
        return Clock(1000.0 + self.seconds, WALL + self.seconds)

    async def ask(self, key: Key) -> Activity | Silence:  # noqa: ARG002
        self.asked += 1
        return self.answers or Silence()

    async def warn(self, key: Key, seconds: float, end: End) -> None:  # noqa: ARG002
        self.warned.append(seconds)

    async def act(self, key: Key, end: End) -> None:
        if self.fails:
            raise ServiceUnavailable("The Hub does not answer.")
        self.acted.append((key, end.cause))
        self.watcher.board.forget(key)

    async def told(self, key: Key, text: str) -> None:  # noqa: ARG002
        self.texts.append(text)

    async def safe(self, key: Key) -> None:
        self.relieved.append(key)

    def __post_init__(self) -> None:
        self.watcher = Watcher(Board(self.warnings), self, clock=self.clock)

    async def at(self, seconds: float) -> None:
        """The time is now so late."""
        self.seconds = seconds
        self.watcher.step()
        await self.watcher.settled()

    def begin(self, quiet_for: float = 0.0, **changes: object) -> None:
        watched = Watched("l1", IdlePolicy(timeout="30m", type="activity"))
        self.watcher.board.put(ANN, replace(watched, **changes), self.clock())  # type: ignore[arg-type]
        self.watcher.board.heard(ANN, report(quiet_for), self.clock())


def play(story: Callable[[World], Awaitable[None]], **begin: Any) -> World:
    async def whole() -> World:
        world = World(**begin)
        await story(world)
        return world

    return asyncio.run(whole())


def test_it_acts_at_the_deadline_after_a_second_reading() -> None:
    async def story(world: World) -> None:
        world.begin(1770)
        world.answers = report(1799.9)
        await world.at(29)
        assert world.acted == []
        world.answers = report(1800.5)
        await world.at(30.5)

    assert play(story).acted == [(ANN, "idle")]


def test_the_second_reading_may_save_it() -> None:
    async def story(world: World) -> None:
        world.begin(1770)
        world.answers = report(0, busy=True)
        await world.at(31)

    world = play(story)
    assert (world.acted, world.asked) == ([], 1)


def test_silence_is_never_acted_upon() -> None:
    async def story(world: World) -> None:
        world.begin(1770)
        for minute in range(1, 120):
            await world.at(60.0 * minute)

    world = play(story)
    assert world.acted == []
    assert any("does not answer" in text for text in world.texts)
    # And it is not asked all the time.
    assert world.asked < 130


def test_an_action_that_fails_is_tried_again_later() -> None:
    async def story(world: World) -> None:
        world.begin(1800)
        world.answers, world.fails = report(1800), True
        await world.at(1)
        await world.at(10)
        assert world.acted == []
        world.fails = False
        await world.at(400)

    world = play(story)
    assert world.acted == [(ANN, "idle")]
    assert any("The Hub does not answer" in text for text in world.texts)


def test_the_end_of_a_reservation_needs_no_report() -> None:
    async def story(world: World) -> None:
        world.begin(0, expires=WALL + 90)
        await world.at(30)
        await world.at(91)

    world = play(story, warnings=(60.0,))
    assert world.acted == [(ANN, "expired")]
    assert world.warned == [pytest.approx(60)]


def test_nobody_ends_without_having_been_warned() -> None:
    """As after a restart of the service, or of a clock: it is due, and nobody was told."""

    async def story(world: World) -> None:
        world.begin(4000)
        world.answers = report(4000)
        await world.at(1)
        assert world.warned == [60.0]
        for second in range(2, 61):
            await world.at(second)
        assert world.acted == []
        await world.at(62)

    world = play(story, warnings=(600.0, 300.0, 60.0))
    assert world.acted == [(ANN, "idle")]
    assert world.asked <= 3


def test_a_reservation_shorter_than_the_last_warning_ends_in_time() -> None:
    async def story(world: World) -> None:
        world.begin(0, expires=WALL + 4, lasts=4.0)
        await world.at(0.1)
        assert not world.warned
        await world.at(2.1)
        await world.at(4.2)

    world = play(story, warnings=(600.0, 60.0))
    assert world.acted == [(ANN, "expired")]
    assert len(world.warned) == 1


def test_who_comes_back_is_told_that_it_stays() -> None:
    async def story(world: World) -> None:
        world.begin(1750)
        await world.at(1)
        assert world.warned
        world.watcher.board.heard(ANN, report(0, busy=True, up_for=6000), world.clock())
        await world.at(2)

    world = play(story, warnings=(60.0,))
    assert (world.acted, world.relieved) == ([], [ANN])


def test_what_failed_is_not_tried_with_every_report() -> None:
    async def story(world: World) -> None:
        world.begin(1800)
        world.answers, world.fails = report(1800), True
        for second in range(0, 290, 10):
            world.watcher.board.heard(ANN, report(1800.0 + second), world.clock())
            await world.at(second)

    world = play(story)
    assert len(world.texts) == 1


def test_no_more_than_so_many_in_a_minute() -> None:
    async def story(world: World) -> None:
        world.watcher.pace = Pace(12)
        world.answers = report(4000)
        for number in range(20):
            watched = Watched("l1", IdlePolicy(timeout="30m", type="activity"))
            world.watcher.board.put((f"u{number}", "lab"), watched, world.clock())
            world.watcher.board.heard((f"u{number}", "lab"), report(4000), world.clock())
        for second in range(1, 62):
            for _ in range(3):
                await world.at(second)

    assert 12 <= len(play(story).acted) <= 15


def test_a_frozen_one_is_not_asked_and_paused_later() -> None:
    async def story(world: World) -> None:
        world.begin(4000, frozen=True, pause_at=WALL + 100)
        await world.at(99)
        assert (world.acted, world.asked) == ([], 0)
        await world.at(101)

    world = play(story, warnings=(60.0,))
    assert world.acted == [(ANN, "frozen")]
    assert (world.asked, world.warned) == (0, [])


def test_a_crowd_that_is_due_at_once_is_taken_a_few_at_a_time() -> None:
    most = 0

    async def story(world: World) -> None:
        nonlocal most
        world.answers = report(4000)
        acting = 0

        async def slow(key: Key, end: End) -> None:
            nonlocal acting, most
            acting += 1
            most = max(most, acting)
            await asyncio.sleep(0)
            acting -= 1
            world.acted.append((key, end.cause))
            world.watcher.board.forget(key)

        world.act = slow  # type: ignore[method-assign]
        for number in range(50):
            watched = Watched("l1", IdlePolicy(timeout="30m", type="activity"))
            world.watcher.board.put((f"u{number}", "lab"), watched, world.clock())
            world.watcher.board.heard((f"u{number}", "lab"), report(4000), world.clock())
        for _ in range(50):
            await world.at(1)

    world = play(story)
    assert len(world.acted) == 50
    assert most <= 8


def test_who_has_to_wait_for_their_turn_are_not_asked_meanwhile() -> None:
    async def story(world: World) -> None:
        world.watcher.pace = Pace(12)
        world.answers = report(4000)
        for number in range(200):
            watched = Watched("l1", IdlePolicy(timeout="30m", type="activity"))
            world.watcher.board.put((f"u{number}", "lab"), watched, world.clock())
            world.watcher.board.heard((f"u{number}", "lab"), report(4000), world.clock())
        for second in range(1, 122):
            await world.at(second)

    world = play(story)
    assert 24 <= len(world.acted) <= 27
    assert world.asked <= len(world.acted) + 3


def test_what_keeps_silent_for_long_is_asked_once_a_minute() -> None:
    async def story(world: World) -> None:
        world.begin(0)
        for step in range(900):
            await world.at(76 + step / 10)

    world = play(story)
    assert world.asked == 2
