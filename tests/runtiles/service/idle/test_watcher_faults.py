"""What goes wrong around the watcher: a Hub that is away, runtimes that hang, clocks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Load
from runtiles.service.idle.board import Board
from runtiles.service.idle.clock import SteadyClock
from runtiles.service.idle.pace import Few
from runtiles.service.idle.watched import Clock, End, Key, Watched
from runtiles.service.idle.watcher import Silence

from .test_watcher import ANN, WALL, World, play, report

POLICY = IdlePolicy(timeout="30m", type="activity")


def put(world: World, key: Key, quiet_for: float = 4000.0) -> None:
    world.watcher.board.put(key, Watched("l1", POLICY), world.clock())
    world.watcher.board.heard(key, report(quiet_for), world.clock())


async def turns(many: int = 50) -> None:
    for _ in range(many):
        await asyncio.sleep(0)


def test_a_hub_that_is_away_for_ten_minutes_delays_and_nothing_else() -> None:
    tried: list[float] = []

    async def story(world: World) -> None:
        async def act(key: Key, end: End) -> float | None:
            tried.append(world.seconds)
            if world.seconds < 600:
                return 30.0
            world.acted.append((key, end.cause))
            world.watcher.board.forget(key)
            return None

        world.act = act  # type: ignore[method-assign, assignment]
        world.begin(1800)
        for second in range(0, 800, 5):
            world.answers = report(1800.0 + second, up_for=5000.0 + second)
            await world.at(second)

    assert play(story).acted == [(ANN, "idle")]
    assert 600 <= tried[-1] <= 635
    assert len(tried) <= 22


def test_who_comes_back_while_the_hub_is_away_is_spared() -> None:
    async def story(world: World) -> None:
        async def act(key: Key, end: End) -> float | None:
            assert world.seconds < 300
            return 30.0

        world.act = act  # type: ignore[method-assign, assignment]
        world.begin(1800)
        for second in range(0, 900, 5):
            back = second >= 300
            world.answers = report(0 if back else 1800.0 + second, up_for=5000.0 + second)
            await world.at(second)
        assert world.relieved == [ANN]

    play(story, warnings=(60.0,))


def test_runtimes_that_hang_at_their_snapshot_keep_nobody_waiting() -> None:
    async def story(world: World) -> None:
        hanging, done = asyncio.Event(), asyncio.Event()

        async def act(key: Key, end: End) -> None:
            if key[0].startswith("hangs"):
                await hanging.wait()
            world.acted.append((key, end.cause))
            done.set()

        world.act = act  # type: ignore[method-assign]
        world.answers = report(4000)
        world.watcher.acting = Few(2, 0.05)
        for number in range(7):
            put(world, (f"hangs{number}", "lab"))
        world.watcher.step()
        await turns()
        put(world, ANN)
        world.watcher.step()
        await asyncio.wait_for(done.wait(), 60)
        assert world.acted == [(ANN, "idle")]
        hanging.set()
        await world.watcher.settled()
        assert len(world.acted) == 8

    play(story)


def test_silent_runtimes_keep_nobody_waiting() -> None:
    async def story(world: World) -> None:
        never = asyncio.Event()

        async def ask(key: Key) -> Activity | Silence:
            if key != ANN:
                await never.wait()
            return report(4000)

        world.ask = ask  # type: ignore[method-assign]
        for number in range(100):
            put(world, (f"u{number}", "lab"))
        world.watcher.step()
        await turns()
        put(world, ANN)
        world.watcher.step()
        await turns()
        assert world.acted == [(ANN, "idle")]
        never.set()
        await world.watcher.settled()

    play(story)


def test_who_comes_back_while_it_waits_for_its_turn_is_spared() -> None:
    async def story(world: World) -> None:
        gate, asked = asyncio.Event(), []

        async def act(key: Key, end: End) -> None:
            asked.append(key)
            await gate.wait()

        world.act = act  # type: ignore[method-assign]
        world.answers = report(4000)
        world.watcher.acting = Few(1, 3600.0)
        put(world, ("first", "lab"))
        world.watcher.step()
        await turns()
        put(world, ANN)
        world.watcher.step()
        await turns()
        world.watcher.board.heard(ANN, report(0, busy=True, up_for=6000), world.clock())
        gate.set()
        await world.watcher.settled()
        assert asked == [("first", "lab")]

    play(story)


def test_silence_is_explained() -> None:
    async def story(world: World) -> None:
        async def ask(key: Key) -> Activity | Silence:
            return Silence("It cannot be asked. The Hub saw its last activity at noon.")

        world.ask = ask  # type: ignore[method-assign]
        world.begin(1800)
        await world.at(1)
        await world.at(200)

    texts = play(story).texts
    assert texts[0].startswith("It is due, and nothing is done. It cannot be asked.")
    assert all(text.endswith("at noon.") for text in texts)


# -- clocks ---------------------------------------------------------------------------------------


class Walls(World):
    """A wall clock that somebody sets, behind the real steady clock."""

    def begin_clock(self) -> None:
        self.set_by = 0.0
        wall: Callable[[], float] = lambda: WALL + self.seconds + self.set_by  # noqa: E731
        self.watcher.clock = SteadyClock(lambda: 1000.0 + self.seconds, wall)


def played(story: Callable[[Walls], Awaitable[None]]) -> Walls:
    async def whole() -> Walls:
        world = Walls(warnings=(60.0,))
        world.begin_clock()
        await story(world)
        return world

    return asyncio.run(whole())


async def passes(world: Walls, until: float) -> None:
    for second in range(round(world.seconds), round(until), 10):
        await world.at(second)


def test_a_clock_set_forward_ends_a_reservation_late_and_warned() -> None:
    async def story(world: Walls) -> None:
        watched = Watched("l1", expires=WALL + 36_000, lasts=36_000)
        world.watcher.board.put(ANN, watched, world.watcher.clock())
        await passes(world, 100)
        world.set_by = 50_000.0
        await passes(world, 390)
        assert (world.warned, world.acted) == ([], [])
        await passes(world, 430)
        assert len(world.warned) == 1
        assert world.acted == []
        await passes(world, 500)

    assert played(story).acted == [(ANN, "expired")]


def test_a_clock_set_back_keeps_nothing_for_ever() -> None:
    async def story(world: Walls) -> None:
        watched = Watched("l1", expires=WALL + 3600, lasts=3600)
        world.watcher.board.put(ANN, watched, world.watcher.clock())
        await passes(world, 100)
        world.set_by = -7200.0
        await passes(world, 3600 + 7190)
        assert world.acted == []
        await passes(world, 3600 + 7300)

    assert played(story).acted == [(ANN, "expired")]


def test_idleness_is_not_a_matter_of_the_wall_clock() -> None:
    async def story(world: Walls) -> None:
        world.watcher.board.put(ANN, Watched("l1", POLICY), world.watcher.clock())
        for second in range(0, 1700, 20):
            world.set_by = 86_400.0 * (second // 400 % 3 - 1)
            world.seconds = second
            told = report(float(second), up_for=5000.0 + second)
            world.answers = told
            world.watcher.board.heard(ANN, told, world.watcher.clock())
            await world.at(second)
        assert (world.acted, world.warned) == ([], [])

    played(story)


# -- a service before this one --------------------------------------------------------------------


def board(quiet_for: float | None) -> Board:
    """Of a service that has just begun: its predecessor had told ann of an end."""
    found, clock = Board((600.0, 60.0)), Clock(1000.0, WALL)
    found.put(ANN, Watched("l1", POLICY), clock)
    found.expect(ANN)
    if quiet_for is not None:
        found.heard(ANN, report(quiet_for), clock)
    return found


def test_what_a_service_before_told_is_taken_back_when_it_is_known_to_be_untrue() -> None:
    assert board(None).relieved() == []
    assert board(1750).relieved() == []
    assert board(10).relieved() == [ANN]
    gone = board(None)
    gone.forget(ANN)
    assert gone.relieved() == [ANN]


def test_what_has_begun_without_a_warning_is_called_off_too() -> None:
    async def story(world: World) -> None:
        async def act(key: Key, end: End) -> None:
            world.acted.append((key, end.cause))

        world.act = act  # type: ignore[method-assign]
        world.begin(1800)
        world.answers = report(1800)
        await world.at(1)
        assert world.acted
        world.watcher.board.heard(ANN, report(0, busy=True, up_for=6000), world.clock())
        await world.at(2)

    assert play(story).relieved == [ANN]


def test_a_snapshot_that_is_being_written_is_not_taken_for_work() -> None:
    found, clock = Board(()), Clock(1000.0, WALL)
    found.put(ANN, Watched("l1", IdlePolicy(timeout="30m", type="work")), clock)
    writing = replace(report(4000, up_for=9000), cpu=Load(180.0, above_for=9.0))
    found.heard(ANN, writing, clock)
    assert found.end(ANN, clock) is None
    assert found.is_due_but_for_loads(ANN, clock)
    # So says a runtime that is above its threshold now.
    found.heard(ANN, replace(writing, up_for=9050, active_for=4000.0, worked_for=0.0), clock)
    assert found.is_due_but_for_loads(ANN, clock)
    found.heard(ANN, replace(report(0, busy=True, up_for=9100), cpu=writing.cpu), clock)
    assert not found.is_due_but_for_loads(ANN, clock)
