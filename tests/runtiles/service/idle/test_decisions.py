"""What is done at an end, and what instead."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.contract.errors import Conflict
from runtiles.policy import LossAction
from runtiles.service.idle.decisions import (
    Step,
    after_refusal,
    first_step,
    is_elsewhere,
    rest_after,
    step_after_failure,
)
from runtiles.service.idle.watched import Cause
from runtiles.store import PauseRecord

CAUSES = st.sampled_from(get_args(Cause))
LOSS = st.sampled_from(get_args(LossAction))
ACTIONS = st.sampled_from(["pause", "stop", "freeze"])
CODES = st.sampled_from(["would_lose", "no_storage", "quota", "snapshot_refused", "conflict"])


def walk(action: str, cause: Cause, on_loss: LossAction, *codes: str) -> list[str]:
    """The actions that are tried when one after the other is refused with these codes."""
    step: Step | None = first_step(action, cause, on_loss)
    found: list[str] = []
    for code in (*codes, "end"):
        if step is None:
            return [*found, "left"]
        found.append(step.action + ("!" if step.options.get("accept_loss") else ""))
        if code == "end":
            return found
        step = after_refusal(step, cause, code, on_loss)
    return found


@pytest.mark.parametrize(
    ("action", "cause", "on_loss", "codes", "expected"),
    [
        ("pause", "idle", "hold", [], ["pause"]),
        ("pause", "idle", "hold", ["would_lose"], ["pause", "left"]),
        ("pause", "idle", "hold", ["no_storage"], ["pause", "left"]),
        ("pause", "idle", "freeze", ["would_lose"], ["pause", "freeze"]),
        ("pause", "idle", "freeze", ["quota"], ["pause", "freeze"]),
        ("pause", "idle", "pause", [], ["pause!"]),
        ("pause", "idle", "pause", ["no_storage"], ["pause!", "stop"]),
        ("pause", "idle", "pause", ["conflict"], ["pause!", "left"]),
        ("stop", "idle", "hold", ["conflict"], ["stop", "left"]),
        ("freeze", "idle", "hold", [], ["freeze"]),
        ("freeze", "expired", "hold", [], ["pause"]),
        ("pause", "expired", "hold", ["would_lose"], ["pause", "pause!"]),
        ("pause", "expired", "freeze", ["would_lose", "quota"], ["pause", "pause!", "stop"]),
        ("pause", "expired", "hold", ["no_storage"], ["pause", "stop"]),
        ("pause", "frozen", "hold", ["would_lose"], ["pause", "left"]),
        ("pause", "frozen", "freeze", ["would_lose"], ["pause", "left"]),
    ],
)
def test_step_by_step(
    action: str, cause: Cause, on_loss: LossAction, codes: list[str], expected: list[str]
) -> None:
    assert walk(action, cause, on_loss, *codes) == expected


@given(ACTIONS, CAUSES, LOSS, st.lists(CODES, min_size=8, max_size=8))
def test_it_comes_to_an_end_and_loses_only_what_it_may(
    action: str, cause: Cause, on_loss: LossAction, codes: list[str]
) -> None:
    tried = walk(action, cause, on_loss, *codes)
    assert len(tried) <= 4
    assert "left" in tried or tried[-1] == "end"
    if cause != "expired" and on_loss != "pause":
        assert "pause!" not in tried
        assert "stop" not in tried or action == "stop"


def failed(ended: float | None = 1000.0, kernels: list[str] | None = None) -> PauseRecord:
    return PauseRecord("ann", "lab", "l1", "s1", "runtiles", 900.0, ended=ended, kernels=kernels)


@pytest.mark.parametrize(
    ("cause", "now", "rests"),
    [
        ("idle", 1000.0, 3600.0),
        ("idle", 2800.0, 1800.0),
        ("idle", 4600.0, 0.0),
        ("frozen", 1000.0, 3600.0),
        # The end of a reservation is not put off.
        ("expired", 1000.0, 0.0),
        # Nor is anything for ever, when the clock was set.
        ("idle", -90_000.0, 3600.0),
        ("idle", 90_000.0, 0.0),
    ],
)
def test_what_failed_rests(cause: Cause, now: float, rests: float) -> None:
    assert rest_after(failed(), cause, now) == rests


def test_at_its_end_a_runtime_goes_without_what_hangs() -> None:
    assert rest_after(failed(ended=None), "idle", 2000.0) == 0
    first = step_after_failure(failed(), ["k1", "k2"])
    assert first.action == "pause"
    assert first.options["kernels"] == ["k1", "k2"]
    assert first.options["accept_loss"]
    # Nothing can be saved, or the second attempt failed, too.
    assert step_after_failure(failed(), []) == Step("stop")
    assert step_after_failure(failed(kernels=["k1", "k2"]), ["k1"]) == Step("stop")


@pytest.mark.parametrize(
    ("state", "elsewhere"),
    [("pausing", True), ("stopping", True), ("stopped", True), ("running", False), (None, False)],
)
def test_what_somebody_else_is_at_is_left_to_them(state: str | None, elsewhere: bool) -> None:
    """Two services, or an owner who is quicker: nobody is told that it was left running."""
    assert is_elsewhere(Conflict("No.", details={"state": state} if state else {})) is elsewhere
