"""What is done at an end, and what instead."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.policy import LossAction
from runtiles.service.idle.board import Cause
from runtiles.service.idle.decisions import Step, after_refusal, first_step

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
