"""What is done at an end, and what instead when that is refused. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtiles.contract.errors import RuntilesError
from runtiles.policy import LossAction
from runtiles.store import PauseRecord

from .explain import rough
from .watched import Cause

#: Refusals of a pause that mean: something would be lost.
_LOSES_PART = "would_lose"
#: Nothing can be saved, so all would be lost.
_LOSES_ALL = frozenset(
    {"no_storage", "quota", "snapshot_refused", "old_runtime", "not_implemented"}
)


@dataclass(frozen=True)
class Step:
    """An action of `Actions.act` with its options."""

    action: str
    options: Mapping[str, Any] = field(default_factory=dict)


def first_step(action: str, cause: Cause, on_loss: LossAction) -> Step:
    """`expired` is a limit that everybody knew from the beginning: nothing is held up for it, and what
    runs is interrupted. A frozen runtime that is to be paused computes nothing."""
    if cause == "expired" and action == "freeze":
        # Frozen it would keep its GPU beyond the end of its reservation.
        action = "pause"
    if action != "pause":
        return Step(action)
    return Step("pause", {"accept_loss": on_loss == "pause", "interrupt": cause == "expired"})


def after_refusal(step: Step, cause: Cause, code: str, on_loss: LossAction) -> Step | None:
    """What is done instead of a step that was refused; None: it is left running."""
    if step.action != "pause" or code not in {_LOSES_PART, *_LOSES_ALL}:
        return None
    if cause == "expired" or (on_loss == "pause" and code in _LOSES_ALL):
        # First what can be saved without the rest; where nothing can, its time is over all the same.
        accepted = step.options.get("accept_loss")
        if code == _LOSES_PART and not accepted:
            return Step("pause", {**step.options, "accept_loss": True})
        return Step("stop")
    if on_loss == "freeze" and cause == "idle":
        return Step("freeze")
    return None


#: How long a runtime is left alone whose pause failed.
_REST_S = 3600.0


def rest_after(failed: PauseRecord, cause: Cause, now: float) -> float:
    """Seconds for which a runtime is left alone since this pause of it failed: it may well fail again, and
    each attempt lets its kernels stand still. The end of a reservation is not put off."""
    if cause == "expired" or failed.ended is None:
        return 0.0
    return max(0.0, min(_REST_S, failed.ended + _REST_S - now))


def step_after_failure(failed: PauseRecord, ready: Sequence[str]) -> Step:
    """At the end of a reservation, when it could not be paused as a whole: once more without the kernels
    that hang; `ready` are the ids of the others. Its time is over all the same."""
    if failed.kernels is not None or not ready:
        return Step("stop")
    return Step("pause", {"accept_loss": True, "interrupt": True, "kernels": list(ready)})


def is_elsewhere(error: RuntilesError) -> bool:
    """Somebody else is pausing, stopping or starting it at this moment: nothing is left to be done."""
    return error.details.get("state") not in (None, "running", "frozen")


_DONE = {"pause": "paused", "stop": "stopped", "freeze": "frozen"}


def text_of_warning(title: str, action: str, seconds: float, hour: str, cause: Cause) -> str:
    """For the owner, some time before. `hour` is when it happens, as a person reads it."""
    why = "its reservation ends" if cause == "expired" else "it is idle"
    then = _DONE.get(action, action)
    return f"{title} will be {then} at {hour}, in {rough(seconds)}, because {why}."


def text_of_end(title: str, action: str, reason: str, cause: Cause) -> str:
    """For the owner, afterwards."""
    # A pause has only begun, and may still fail.
    then = "is being paused" if action == "pause" else f"was {_DONE.get(action, action)}"
    if cause == "expired":
        return f"{title} {then} at the end of its reservation."
    return f"{title} {then}. {reason}"
