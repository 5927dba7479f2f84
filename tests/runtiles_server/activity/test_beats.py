"""When a report says nothing that the one before did not."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Kernel, Load, Terminal
from runtiles.service.idle.policy import decide
from runtiles_server.activity.beats import goes_on

AGE = st.floats(1.0, 50_000.0)
UP = 100_000.0


def kernels() -> st.SearchStrategy[Kernel]:
    def made(number: int, busy: float | None, quiet: float, connections: int) -> Kernel:
        return Kernel(f"k{number}", "a.ipynb", busy, quiet, connections)

    return st.builds(made, st.integers(0, 9), st.none() | AGE, AGE, st.integers(0, 2))


def terminals() -> st.SearchStrategy[Terminal]:
    def made(running: float | None, quiet: float) -> Terminal:
        return Terminal("1", "" if running is None else "python", running, quiet)

    return st.builds(made, st.none() | AGE, AGE)


def loads() -> st.SearchStrategy[Load | None]:
    def made(above: float | None, quiet: float | None) -> Load:
        return Load(60.0 if above else 1.0, above, 0.0 if above else quiet)

    return st.none() | st.builds(made, st.none() | AGE, st.none() | AGE)


@st.composite
def reports(draw: st.DrawFn) -> Activity:
    seen = tuple(draw(st.lists(kernels(), max_size=3)))
    programs = tuple(draw(st.lists(terminals(), max_size=2)))
    occupied = 0.0 if seen or programs else draw(st.none() | AGE)
    connected = 0.0 if any(k.connections for k in seen) else draw(st.none() | AGE)
    busy = any(k.busy_for is not None for k in seen)
    loaded = draw(loads()), draw(loads())
    working = any(t.running for t in programs) or any(each and each.above_for for each in loaded)
    return Activity(
        sequence=draw(st.integers(0, 99)),
        up_for=UP,
        kernels=seen,
        terminals=programs,
        sessions=len(seen),
        occupied_for=occupied,
        connected_for=connected,
        input_for=draw(st.none() | st.floats(60.0, 9000.0)),
        active_for=0.0 if busy else draw(st.none() | AGE),
        worked_for=0.0 if working else draw(st.none() | AGE),
        gpu=loaded[0],
        cpu=loaded[1],
        syncing=draw(st.sampled_from(["", "workspace"])),
    )


def later(report: Activity, seconds: float) -> Activity:
    """The same runtime so much later, when nothing happened meanwhile."""

    def aged(age: float | None) -> float | None:
        return None if age is None else age + seconds

    def on(age: float | None) -> float | None:
        return age and age + seconds

    def load(found: Load | None) -> Load | None:
        if found is None:
            return None
        return replace(found, above_for=aged(found.above_for), quiet_for=on(found.quiet_for))

    return replace(
        report,
        sequence=report.sequence + 1,
        up_for=report.up_for + seconds,
        kernels=tuple(
            replace(k, busy_for=aged(k.busy_for), quiet_for=k.quiet_for + seconds)
            for k in report.kernels
        ),
        terminals=tuple(
            replace(t, running_for=aged(t.running_for), quiet_for=t.quiet_for + seconds)
            for t in report.terminals
        ),
        occupied_for=on(report.occupied_for),
        connected_for=on(report.connected_for),
        input_for=aged(report.input_for),
        active_for=on(report.active_for),
        worked_for=on(report.worked_for),
        gpu=load(report.gpu),
        cpu=load(report.cpu),
    )


@given(reports(), st.floats(0, 600))
def test_time_alone_is_no_news(report: Activity, seconds: float) -> None:
    assert goes_on(report, later(report, seconds))


@pytest.mark.parametrize("kind", ["kernels_or_terminals", "kernel_connections", "activity", "work"])
@given(before=reports(), now=reports(), seconds=st.floats(0, 600))
def test_whoever_has_the_report_before_decides_the_same(
    kind: str, before: Activity, now: Activity, seconds: float
) -> None:
    """The point of it all. Also of two reports of which chance made the second."""
    policy = IdlePolicy(timeout="30m", type=kind)
    for then in (later(before, seconds), replace(now, up_for=UP + seconds)):
        if not goes_on(before, then):
            continue
        old, new = decide(before, seconds, policy, silent=0.0), decide(then, 0.0, policy)
        assert [each.kind for each in old.alive] == [each.kind for each in new.alive]
        assert (old.idle_for is None) == (new.idle_for is None)
        if old.idle_for is not None and new.idle_for is not None:
            assert old.idle_for == pytest.approx(new.idle_for, abs=1.0)


KERNEL = Kernel("k", "a.ipynb", None, 600.0, 1)
SHELL = Terminal("1", "", None, 600.0)
BEFORE = Activity(
    sequence=5,
    up_for=5000.0,
    kernels=(KERNEL,),
    terminals=(SHELL,),
    sessions=1,
    occupied_for=0.0,
    connected_for=0.0,
    input_for=700.0,
    active_for=600.0,
    worked_for=0.0,
    gpu=Load(1.0, None, None),
    cpu=Load(90.0, 60.0, 0.0),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"kernels": ()},
        {"kernels": (replace(KERNEL, quiet_for=3.0),)},
        {"kernels": (replace(KERNEL, busy_for=0.0),)},
        {"kernels": (replace(KERNEL, connections=0, quiet_for=630.0),)},
        {"kernels": (replace(KERNEL, path="b.ipynb", quiet_for=630.0),)},
        {"terminals": (replace(SHELL, quiet_for=2.0),)},
        {"terminals": (replace(SHELL, running="python", running_for=1.0, quiet_for=630.0),)},
        {"sessions": 2},
        {"input_for": 20.0},
        {"input_for": 100.0},
        {"gpu": None},
        {"gpu": Load(1.0, None, 0.5)},
        {"cpu": Load(3.0, None, 9.0)},
        {"cpu": Load(50.0, 90.0, 0.0)},
        {"cpu": Load(90.0, 12.0, 0.0)},
        {"active_for": 20.0},
        {"worked_for": 20.0},
        {"syncing": "workspace"},
        {"up_for": 12.0},
    ],
    ids=str,
)
def test_what_is_news(changes: dict[str, Any]) -> None:
    then = later(BEFORE, 30.0)
    assert goes_on(BEFORE, then)
    assert not goes_on(BEFORE, replace(then, **changes))


def test_what_a_busy_kernel_prints_is_none() -> None:
    busy = replace(BEFORE, kernels=(replace(KERNEL, busy_for=50.0),))
    then = replace(later(busy, 30.0), kernels=(replace(KERNEL, busy_for=80.0, quiet_for=0.0),))
    assert goes_on(busy, then)
