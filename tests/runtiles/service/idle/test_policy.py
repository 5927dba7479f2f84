"""The idle types, as tables and as properties."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Kernel, Load, Terminal
from runtiles.service.idle.policy import STALE_AFTER, Verdict, decide

HOUR = 3600.0
QUIET = Kernel("k", "a.ipynb", quiet_for=600.0)
BUSY = Kernel("k", "a.ipynb", busy_for=2520.0, quiet_for=2520.0)
SHELL = Terminal("1", quiet_for=900.0)
TRAINING = Terminal("1", running="python", running_for=50.0, quiet_for=900.0)
#: An hour old, with nothing in it, that once had something.
EMPTY = Activity(up_for=HOUR, occupied_for=1200.0, connected_for=1800.0)


def report(**changes: object) -> Activity:
    there = {"occupied_for": 0.0} if changes.get("kernels") or changes.get("terminals") else {}
    return replace(EMPTY, **{**there, **changes})  # type: ignore[arg-type]


def judged(activity: Activity, kind: str, *, age: float = 0.0, timeout: str = "30m") -> Verdict:
    return decide(activity, age, IdlePolicy(timeout=timeout, type=kind))


@pytest.mark.parametrize(
    ("kind", "activity", "alive", "idle_for"),
    [
        # Determined: idle when there are no kernels, no terminals and no sessions.
        ("kernels_or_terminals", EMPTY, [], 1200),
        ("kernels_or_terminals", report(kernels=(QUIET,)), ["kernel_there"], None),
        ("kernels_or_terminals", report(terminals=(SHELL,)), ["terminal_there"], None),
        ("kernels_or_terminals", report(sessions=1, occupied_for=0.0), ["session_there"], None),
        # Determined: idle when every kernel has no connection, however busy. Terminals tell none.
        ("kernel_connections", report(kernels=(BUSY,)), [], 1800),
        ("kernel_connections", report(terminals=(TRAINING,)), [], 1800),
        (
            "kernel_connections",
            report(kernels=(replace(QUIET, connections=1),), connected_for=0.0),
            ["kernel_connected"],
            None,
        ),
        # Determined: idle when no kernel is busy and the last activity did not move.
        ("activity", report(kernels=(BUSY,)), ["kernel_busy"], None),
        ("activity", report(kernels=(QUIET,)), [], 600),
        ("activity", report(kernels=(QUIET,), terminals=(SHELL,)), [], 600),
        ("activity", report(terminals=(SHELL,)), [], 900),
        ("activity", EMPTY, [], HOUR),
        # A kernel that was busy for long and is shut down; one of two, and the other one is old.
        ("activity", report(active_for=2.0), [], 2),
        ("activity", report(kernels=(QUIET,), active_for=2.0), [], 2),
        ("activity", report(terminals=(TRAINING,), active_for=900.0, worked_for=0.0), [], 900),
        # Ours: somebody works, or something computes.
        ("work", report(kernels=(BUSY,)), ["kernel_busy"], None),
        ("work", report(terminals=(TRAINING,)), ["terminal_running"], None),
        ("work", report(terminals=(SHELL,)), [], 900),
        ("work", report(kernels=(replace(QUIET, connections=3),)), [], 600),
        ("work", report(input_for=5.0), ["input"], None),
        ("work", report(input_for=700.0), [], 700),
        ("work", report(gpu=Load(87.0, above_for=30.0, quiet_for=0.0)), ["gpu"], None),
        ("work", report(gpu=Load(0.0, quiet_for=400.0)), [], 400),
        ("work", report(cpu=Load(0.0)), [], HOUR),
        # A job that ends in a terminal without a tab; a kernel that is shut down; a GPU nobody sees.
        ("work", report(terminals=(SHELL,), active_for=900.0, worked_for=2.0), [], 2),
        ("work", report(active_for=2.0, worked_for=1800.0), [], 2),
        ("work", report(gpu=None, worked_for=30.0), [], 30),
        # Determined's own types know nothing of it.
        ("kernels_or_terminals", report(active_for=2.0, worked_for=2.0), [], 1200),
        ("kernel_connections", report(active_for=2.0, worked_for=2.0), [], 1800),
    ],
)
def test_a_type_counts_what_it_says(
    kind: str, activity: Activity, alive: list[str], idle_for: float | None
) -> None:
    verdict = judged(activity, kind)
    assert [signal.kind for signal in verdict.alive] == alive
    assert verdict.idle_for == (None if idle_for is None else pytest.approx(idle_for))


def test_what_is_there_is_named_rather_than_what_is_gone() -> None:
    same = judged(report(kernels=(QUIET,), active_for=599.9, worked_for=700.0), "work").last
    assert same is not None
    assert (same.kind, same.about) == ("kernel_message", "a.ipynb")
    gone = judged(report(kernels=(QUIET,), active_for=5.0), "work").last
    assert gone is not None
    assert (gone.kind, gone.ago) == ("gone", 5.0)


def test_the_rest_of_the_timeout_is_left() -> None:
    verdict = judged(report(kernels=(QUIET,)), "activity", age=20.0)
    assert verdict.acts_in == pytest.approx(1800 - 620)
    assert not verdict.due


def test_it_is_due_at_its_time() -> None:
    assert judged(report(kernels=(QUIET,)), "activity", timeout="10m").due
    assert not judged(report(kernels=(QUIET,)), "activity", timeout="11m").due


def test_a_report_that_is_old_never_acts() -> None:
    verdict = judged(report(kernels=(QUIET,)), "activity", age=STALE_AFTER + 1, timeout="1m")
    assert verdict.stale
    assert not verdict.due


def test_a_hold_and_a_sync_keep_it_whatever_the_type() -> None:
    for kind in ("kernels_or_terminals", "kernel_connections", "activity", "work"):
        policy = IdlePolicy(timeout="1m", type=kind)
        held = decide(EMPTY, 0.0, policy, held_for=60.0)
        assert [signal.kind for signal in held.alive] == ["hold"]
        assert not decide(EMPTY, 0.0, policy, held_for=-1.0).alive
        syncing = decide(replace(EMPTY, syncing="results"), 0.0, policy)
        assert [(signal.kind, signal.about) for signal in syncing.alive] == [("sync", "results")]


def test_without_a_policy_nothing_is_ever_due() -> None:
    verdict = decide(EMPTY, 0.0, None)
    assert verdict.idle_for == pytest.approx(HOUR)
    assert verdict.acts_in is None
    assert not verdict.due


def test_a_new_runtime_is_not_older_than_itself() -> None:
    verdict = judged(Activity(up_for=30.0), "kernels_or_terminals")
    assert verdict.idle_for == pytest.approx(30.0)
    assert verdict.last is not None
    assert verdict.last.kind == "started"


ages = st.floats(0, 1e7)
kernels = st.builds(
    Kernel,
    id=st.sampled_from("abc"),
    busy_for=st.none() | ages,
    quiet_for=ages,
    connections=st.integers(0, 3),
)
terminals = st.builds(
    Terminal, name=st.just("1"), running=st.sampled_from(["", "make"]), quiet_for=ages
)
loads = st.none() | st.builds(
    Load, percent=st.floats(0, 100), above_for=st.none() | ages, quiet_for=st.none() | ages
)
reports = st.builds(
    Activity,
    up_for=ages,
    kernels=st.lists(kernels, max_size=3).map(tuple),
    terminals=st.lists(terminals, max_size=2).map(tuple),
    sessions=st.integers(0, 2),
    occupied_for=st.none() | ages,
    connected_for=st.none() | ages,
    input_for=st.none() | ages,
    active_for=st.none() | ages,
    worked_for=st.none() | ages,
    gpu=loads,
    cpu=loads,
)
policies = st.builds(
    IdlePolicy,
    timeout=st.integers(1, 10**6),
    type=st.sampled_from(["kernels_or_terminals", "kernel_connections", "activity", "work"]),
)


@given(reports, policies, st.floats(0, STALE_AFTER))
def test_it_is_idle_or_alive_and_never_idle_for_longer_than_it_lives(
    activity: Activity, policy: IdlePolicy, age: float
) -> None:
    verdict = decide(activity, age, policy)
    assert bool(verdict.alive) == (verdict.idle_for is None)
    assert bool(verdict.alive) == (verdict.acts_in is None)
    if verdict.idle_for is not None:
        assert 0 <= verdict.idle_for <= activity.up_for + age


@given(reports, policies, st.floats(0, STALE_AFTER))
def test_a_busy_kernel_is_never_due_where_work_counts(
    activity: Activity, policy: IdlePolicy, age: float
) -> None:
    busy = any(kernel.busy_for is not None for kernel in activity.kernels)
    if busy and policy.type != "kernel_connections":
        assert not decide(activity, age, policy).due


@given(reports, policies, st.floats(0, STALE_AFTER), st.integers(1, 10**6))
def test_a_longer_timeout_never_acts_earlier(
    activity: Activity, policy: IdlePolicy, age: float, more: int
) -> None:
    longer = policy.model_copy(update={"timeout": policy.timeout + more})
    if decide(activity, age, longer).due:
        assert decide(activity, age, policy).due


@given(reports)
def test_a_report_comes_through_the_wire_unchanged(activity: Activity) -> None:
    assert Activity.from_dict(activity.to_dict()) == activity


def test_a_runtime_of_before_tells_nothing_of_what_is_gone() -> None:
    old = report(kernels=(QUIET,)).to_dict()
    del old["active_for"], old["worked_for"]
    assert judged(Activity.from_dict(old), "work").idle_for == pytest.approx(600)


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"up_for": "1"},
        {"up_for": -1},
        {"up_for": float("nan")},
        {"kernels": {}},
        {"kernels": [1]},
        {"kernels": [{"path": "no id"}]},
        {"kernels": [{"id": "k"}] * 1001},
        {"gpu": 3},
        {"sessions": True},
    ],
)
def test_what_is_no_report_is_refused(data: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for people
        Activity.from_dict(data)  # type: ignore[arg-type]
