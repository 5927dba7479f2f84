"""The states of a runtime, as a table of what the Hub and the launch say."""

from itertools import product
from typing import Any

import pytest

from runtiles.contract.events import PHASES, LaunchEvent
from runtiles.lifecycle import ACTIVE, TRANSIENT, Action, State, allowed_actions, state_of

GONE: dict[str, Any] = {"ready": False, "pending": None, "stopped": True}
SPAWNING = {"ready": False, "pending": "spawn", "stopped": False}
READY = {"ready": True, "pending": None, "stopped": False}
CHECKED = {"ready": True, "pending": "check", "stopped": False}
STOPPING = {"ready": False, "pending": "stop", "stopped": False}
STOPPING_READY = {"ready": True, "pending": "stop", "stopped": False}
ODD = {"ready": False, "pending": None, "stopped": False}

PULLING = LaunchEvent("pulling", "progress")
QUEUED = LaunchEvent("queued", "phase")
IN_QUEUE = LaunchEvent("queued", "progress")
FAILED = LaunchEvent("pulling", "failed")
FAILED_IN_QUEUE = LaunchEvent("queued", "failed")
DONE = LaunchEvent("ready", "ready")


@pytest.mark.parametrize(
    ("server", "event", "flags", "state"),
    [
        (None, None, {}, "stopped"),
        (GONE, None, {}, "stopped"),
        (GONE, DONE, {}, "stopped"),
        (GONE, PULLING, {}, "stopped"),
        (GONE, FAILED, {}, "failed"),
        (None, FAILED, {}, "failed"),
        (GONE, DONE, {"paused": True}, "paused"),
        (GONE, FAILED, {"paused": True}, "paused"),
        (SPAWNING, None, {}, "starting"),
        (SPAWNING, PULLING, {}, "starting"),
        (SPAWNING, QUEUED, {}, "queued"),
        (SPAWNING, IN_QUEUE, {}, "queued"),
        (SPAWNING, FAILED_IN_QUEUE, {}, "starting"),
        (SPAWNING, FAILED, {}, "starting"),
        (SPAWNING, DONE, {}, "starting"),
        (SPAWNING, PULLING, {"resuming": True}, "resuming"),
        (SPAWNING, QUEUED, {"resuming": True}, "queued"),
        (SPAWNING, PULLING, {"paused": True}, "starting"),
        (ODD, PULLING, {}, "starting"),
        (READY, DONE, {}, "running"),
        (READY, None, {}, "running"),
        (READY, FAILED, {}, "running"),
        (READY, DONE, {"paused": True}, "running"),
        (READY, DONE, {"frozen": True}, "frozen"),
        (READY, DONE, {"pausing": True}, "pausing"),
        (READY, DONE, {"pausing": True, "frozen": True}, "pausing"),
        (CHECKED, DONE, {}, "running"),
        (STOPPING, DONE, {}, "stopping"),
        (STOPPING_READY, DONE, {}, "stopping"),
        (STOPPING, DONE, {"frozen": True}, "stopping"),
        (STOPPING, DONE, {"pausing": True}, "pausing"),
        ({"ready": True}, DONE, {}, "running"),
        ({}, None, {}, "stopped"),
    ],
)
def test_states(
    server: dict[str, Any] | None, event: LaunchEvent | None, flags: dict[str, bool], state: str
) -> None:
    assert state_of(server, event, **flags) is State(state)


def test_any_combination_has_a_state() -> None:
    servers = [None, {}, GONE, SPAWNING, READY, CHECKED, STOPPING, STOPPING_READY, ODD]
    events = [None, *(LaunchEvent(p, k) for p in PHASES for k in ("phase", "failed", "ready"))]
    flags = ("frozen", "pausing", "paused", "resuming")
    for server, event, values in product(servers, events, product((False, True), repeat=4)):
        state = state_of(server, event, **dict(zip(flags, values, strict=True)))
        assert isinstance(state, State)


def test_the_words_are_those_of_the_api() -> None:
    words = "queued starting running frozen pausing paused resuming stopping stopped failed"
    assert [str(state) for state in State] == words.split()
    assert f"{State.RUNNING}" == "running"


def test_every_state_says_what_may_be_asked() -> None:
    for state in State:
        assert allowed_actions(state) <= set(Action)


@pytest.mark.parametrize(
    ("action", "states"),
    [
        (Action.START, {"paused", "stopped", "failed"}),
        (Action.STOP, {"queued", "starting", "running", "frozen", "resuming"}),
        (Action.PAUSE, {"running"}),
        (Action.RESUME, {"paused"}),
        (Action.FREEZE, {"running"}),
        (Action.THAW, {"frozen"}),
    ],
)
def test_when_an_action_is_allowed(action: Action, states: set[str]) -> None:
    assert {str(state) for state in State if action in allowed_actions(state)} == states


def test_a_snapshot_that_is_being_written_is_left_alone() -> None:
    assert allowed_actions(State.PAUSING) == frozenset()


def test_active_and_transient_states() -> None:
    assert State.QUEUED not in ACTIVE
    assert State.PAUSED not in ACTIVE
    assert State.FROZEN in ACTIVE
    assert not TRANSIENT & {State.RUNNING, State.PAUSED, State.STOPPED, State.FAILED, State.FROZEN}
