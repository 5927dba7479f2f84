"""What is reported of what is seen, with a clock that the test turns."""

from typing import Any

from runtiles_server.activity.loads import CpuMeter
from runtiles_server.activity.programs import Foreground
from runtiles_server.activity.tracker import Tracker

PYTHON = Foreground(77, "python")


class World:
    def __init__(self) -> None:
        self.now = 100.0
        self.tracker = Tracker(cpu_threshold=50, gpu_threshold=5, clock=lambda: self.now)

    def seen(
        self,
        kernels: Any = (),
        terminals: Any = (),
        sessions: int = 0,
        loads: dict[str, float | None] | None = None,
    ) -> Any:
        return self.tracker.report(kernels, {"k": "a.ipynb"}, terminals, sessions, loads or {})


def kernel(state: str = "idle", last: str = "t0", connections: int = 0) -> dict[str, Any]:
    model = {"id": "k", "execution_state": state, "last_activity": last}
    return {**model, "connections": connections}


def test_a_silent_loop_is_busy_from_its_beginning_on() -> None:
    world = World()
    world.seen([kernel()])
    for _ in range(10):
        world.now += 30
        report = world.seen([kernel("busy", "t1")])
    (one,) = report.kernels
    assert (one.busy_for, one.quiet_for, one.path) == (270, 270, "a.ipynb")
    world.now += 1
    assert world.seen([kernel("idle", "t2")]).kernels[0].busy_for is None


def test_only_a_change_of_jupyters_times_is_believed() -> None:
    world = World()
    world.seen([kernel(last="2026-01-01T00:00:00Z")])
    world.now += 60
    # The wall clock was set back by a year: something happened, now.
    assert world.seen([kernel(last="2025-01-01T00:00:00Z")]).kernels[0].quiet_for == 0
    world.now += 60
    assert world.seen([kernel(last="2025-01-01T00:00:00Z")]).kernels[0].quiet_for == 60


def test_a_program_in_a_terminal_and_the_prompt_again() -> None:
    world = World()
    assert world.seen(terminals=[("1", None, 1)]).terminals[0].running == ""
    world.now += 10
    world.seen(terminals=[("1", PYTHON, 1)])
    world.now += 40
    (terminal,) = world.seen(terminals=[("1", PYTHON, 1)]).terminals
    assert (terminal.running, terminal.running_for, terminal.quiet_for) == ("python", 40, 50)
    other = Foreground(78, "make")
    assert world.seen(terminals=[("1", other, 1)]).terminals[0].running_for == 0


def test_it_remembers_when_there_was_something_last() -> None:
    world = World()
    assert world.seen().occupied_for is None
    world.seen([kernel(connections=1)])
    world.now += 50
    report = world.seen([kernel(connections=0)])
    assert (report.occupied_for, report.connected_for) == (0, 50)
    world.now += 50
    report = world.seen()
    assert (report.occupied_for, report.connected_for, report.up_for) == (50, 100, 100)
    assert world.seen(terminals=[("1", None, 1)]).occupied_for == 0
    assert world.seen(sessions=1).occupied_for == 0


def test_loads_over_their_thresholds() -> None:
    world = World()
    report = world.seen(loads={"gpu": 90.0, "cpu": 10.0})
    assert report.gpu.above_for == 0
    assert (report.cpu.above_for, report.cpu.quiet_for) == (None, None)
    world.now += 30
    assert world.seen(loads={"gpu": 90.0, "cpu": None}).gpu.above_for == 30
    world.now += 30
    report = world.seen(loads={"gpu": 0.0})
    assert (report.gpu.above_for, report.gpu.quiet_for) == (None, 30)
    assert report.cpu is None


def test_input_is_a_moment() -> None:
    world = World()
    assert world.seen().input_for is None
    world.tracker.touched()
    world.now += 20
    assert world.seen().input_for == 20


def test_the_servers_own_share_of_the_processor_is_not_the_users() -> None:
    used, own = iter([10.0, 10.5, 20.5]), iter([1.0, 1.4, 1.5])
    meter = CpuMeter(used=lambda: next(used), own=lambda: next(own))
    assert meter.percent() is None
    first = meter.percent()
    second = meter.percent()
    assert first is not None
    assert second is not None
    assert second > first


HOURS = 36_000.0


def test_a_kernel_that_was_busy_for_long_and_is_shut_down_was_active_just_now() -> None:
    world = World()
    world.seen([kernel("busy", "t1")])
    world.now += HOURS
    assert world.seen([kernel("busy", "t1")]).active_for == 0
    world.now += 2
    gone = world.seen()
    assert (gone.active_for, gone.kernels, gone.up_for) == (2, (), HOURS + 2)


def test_what_was_heard_is_remembered_when_it_is_gone() -> None:
    world = World()
    world.seen([kernel(last="t0")], [("1", None, 1)])
    world.now += 60
    world.seen([kernel(last="t1")], [("1", None, 1)])
    world.now += 10
    assert world.seen([kernel(last="t1")], [("1", None, 1)]).active_for == 10
    world.now += 10
    assert world.seen().active_for == 20
    assert World().seen().active_for is None


def test_a_job_that_ends_in_a_terminal_without_a_tab_ran_just_now() -> None:
    world = World()
    world.seen(terminals=[("1", PYTHON, 1)])
    world.now += HOURS
    assert world.seen(terminals=[("1", PYTHON, 1)]).worked_for == 0
    world.now += 2
    ended = world.seen(terminals=[("1", None, 1)])
    assert (ended.worked_for, ended.active_for, ended.terminals[0].quiet_for) == (
        2,
        HOURS + 2,
        HOURS + 2,
    )


def test_a_driver_that_fails_once_does_not_lose_when_the_gpu_last_worked() -> None:
    world = World()
    world.seen(loads={"gpu": 90.0})
    world.now += 20
    world.seen(loads={"gpu": 0.0})
    world.now += 10
    report = world.seen(loads={"gpu": None})
    assert (report.gpu.percent, report.gpu.above_for, report.gpu.quiet_for) == (0.0, None, 30)
    assert report.worked_for == 30
    world.seen(loads={"gpu": 90.0})
    world.now += 10
    assert world.seen(loads={"gpu": None}).gpu.quiet_for == 10
    # It was at it all the time, as far as anybody can tell.
    assert world.seen(loads={"gpu": 90.0}).gpu.above_for == 10
