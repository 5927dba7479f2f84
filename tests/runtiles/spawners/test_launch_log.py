"""The replayable list of a launch's events."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.contract.events import KINDS, PHASES, LaunchEvent
from runtiles.spawners.launch_log import LaunchLog, overall_percent

READY = LaunchEvent("ready", "ready")


def moved(percent: float) -> LaunchEvent:
    return LaunchEvent("pulling", "progress", percent=percent)


async def collect(log: LaunchLog) -> list[LaunchEvent]:
    return [event async for event in log.follow()]


async def test_every_follower_hears_every_event_in_order() -> None:
    log = LaunchLog()
    early = asyncio.create_task(collect(log))
    events = [LaunchEvent("pulling", "phase"), LaunchEvent("creating", "phase"), READY]
    for event in events:
        log.add(event)
        await asyncio.sleep(0)
    assert await early == events
    assert await collect(log) == events


async def test_a_late_follower_is_spared_overtaken_progress_but_not_log_lines() -> None:
    log = LaunchLog(progress_interval=0)
    line = LaunchEvent("pulling", "log", "layer one")
    for event in (moved(1), line, moved(50), moved(70), READY):
        log.add(event)
    heard = [(event.kind, event.percent) for event in await collect(log)]
    assert heard == [("log", None), ("progress", 70), ("ready", None)]


async def test_events_that_come_while_the_backlog_is_read_are_not_lost() -> None:
    log = LaunchLog()
    log.add(LaunchEvent("pulling", "phase"))
    log.add(LaunchEvent("creating", "phase"))
    seen = []
    async for event in log.follow():
        seen.append(event.phase)
        if len(seen) == 1:
            log.add(LaunchEvent("starting", "phase"))
            log.add(READY)
    assert seen == ["pulling", "creating", "starting", "ready"]


async def test_a_launch_that_fails_before_anything_else_ends_its_followers() -> None:
    log = LaunchLog()
    follower = asyncio.create_task(collect(log))
    await asyncio.sleep(0)
    log.add(LaunchEvent("queued", "failed", "Cancelled."))
    assert len(await asyncio.wait_for(follower, 60)) == 1


async def test_nothing_is_added_after_the_end() -> None:
    log = LaunchLog()
    log.add(READY)
    log.add(LaunchEvent("server", "failed", "too late"))
    assert log.last == READY


async def test_a_flood_of_output_is_capped_and_the_state_is_kept() -> None:
    log = LaunchLog()
    for number in range(5000):
        log.add(LaunchEvent("hook", "log", str(number)))
    log.add(READY)
    assert len(log.events) < 1100
    assert log.last == READY


@pytest.mark.parametrize("kind", ["notice", "progress", "phase"])
async def test_no_kind_of_event_can_flood_the_hub(kind: str) -> None:
    log = LaunchLog()
    kept = sum(log.add(LaunchEvent("hook", kind, str(n), percent=n % 99)) for n in range(20_000))
    assert kept == len(log.events) < 1100
    assert log.add(READY)


async def test_the_end_of_a_flood_is_kept_beside_its_beginning() -> None:
    log = LaunchLog()
    log.add(LaunchEvent("preparing", "phase", "Adding the launcher"))
    for number in range(5000):
        log.add(LaunchEvent("preparing", "log", f"step {number}"))
    assert log.add(LaunchEvent("server", "phase", "Starting the server"))
    assert log.log_tail(2) == "step 4998\nstep 4999"
    taken = log.take_lines()
    assert {line.phase for line in taken} == {"build"}
    assert (len(taken), taken[-1].text) == (1000, "step 4999")
    assert log.take_lines() == []


async def test_every_part_of_the_log_before_the_server_is_kept() -> None:
    log = LaunchLog()
    for phase in ("pulling", "preparing", "creating", "workspace", "hook", "server"):
        log.add(LaunchEvent(phase, "phase", f"now {phase}"))
        log.add(LaunchEvent(phase, "progress", "moved", percent=50))
    assert [(line.phase, line.text) for line in log.take_lines()] == [
        ("pull", "now pulling"),
        ("build", "now preparing"),
        ("workspace", "now workspace"),
        ("workspace", "now hook"),
    ]


events = st.builds(
    LaunchEvent,
    phase=st.sampled_from(PHASES),
    kind=st.sampled_from([k for k in KINDS if k not in ("ready", "failed")]),
    percent=st.none() | st.floats(allow_nan=False),
)


@given(st.lists(events, max_size=30))
def test_the_bar_never_goes_back_and_is_full_only_when_ready(sequence: list[LaunchEvent]) -> None:
    async def play() -> None:
        log, before = LaunchLog(), 0
        for event in sequence:
            log.add(event)
            assert before <= log.percent <= 100
            before = log.percent

    asyncio.run(play())


def test_a_phase_fills_its_own_part_of_the_bar() -> None:
    begun = overall_percent(LaunchEvent("pulling", "phase"))
    half = overall_percent(moved(50))
    done = overall_percent(moved(100))
    assert begun < half < done <= overall_percent(LaunchEvent("preparing", "phase"))
