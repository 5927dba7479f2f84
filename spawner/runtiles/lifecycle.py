"""The states of a runtime, from what the Hub says and what the launch last reported. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from runtiles.contract.events import LaunchEvent


class State(str, Enum):
    """What a runtime is doing, in the words of the API."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    FROZEN = "frozen"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"

    def __str__(self) -> str:
        return self.value


class Action(str, Enum):
    """What one may ask of a runtime."""

    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    FREEZE = "freeze"
    THAW = "thaw"
    DELETE = "delete"

    def __str__(self) -> str:
        return self.value


#: States that hold a container (or will in a moment), and with it memory and GPUs.
ACTIVE = frozenset(
    {
        State.STARTING,
        State.RUNNING,
        State.FROZEN,
        State.PAUSING,
        State.RESUMING,
        State.STOPPING,
    }
)
#: States that a runtime leaves by itself.
TRANSIENT = frozenset({State.QUEUED, State.STARTING, State.PAUSING, State.RESUMING, State.STOPPING})

_ACTIONS: Mapping[State, frozenset[Action]] = {
    State.QUEUED: frozenset({Action.STOP, Action.DELETE}),
    State.STARTING: frozenset({Action.STOP, Action.DELETE}),
    State.RUNNING: frozenset({Action.STOP, Action.PAUSE, Action.FREEZE, Action.DELETE}),
    State.FROZEN: frozenset({Action.THAW, Action.STOP, Action.DELETE}),
    # A snapshot that is being written is left alone.
    State.PAUSING: frozenset(),
    State.PAUSED: frozenset({Action.RESUME, Action.START, Action.DELETE}),
    State.RESUMING: frozenset({Action.STOP, Action.DELETE}),
    State.STOPPING: frozenset(),
    State.STOPPED: frozenset({Action.START, Action.DELETE}),
    State.FAILED: frozenset({Action.START, Action.DELETE}),
}


def state_of(
    hub_server: Mapping[str, Any] | None,
    last_event: LaunchEvent | None = None,
    *,
    frozen: bool = False,
    pausing: bool = False,
    paused: bool = False,
    resuming: bool = False,
) -> State:
    """The state of a runtime.

    `hub_server` is the Hub's model of the server (`ready`, `pending`, `stopped`), None when the Hub
    has none. `last_event` is the last one of the runtime's newest launch. `frozen`: the engine holds
    its clock. `pausing`: a pause was asked for and is under way. `paused`: a verified snapshot waits
    to be resumed. `resuming`: the newest launch restores one.

    The Hub decides whether there is a server: an event only tells what it is doing.
    """
    pending = (hub_server or {}).get("pending")
    if pending == "stop":
        return State.PAUSING if pausing else State.STOPPING
    if pending == "spawn":
        return _starting(last_event, resuming=resuming)
    if not _has_server(hub_server):
        return _without_server(last_event, paused=paused)
    if hub_server and hub_server.get("ready"):
        return _ready(frozen=frozen, pausing=pausing)
    return _starting(last_event, resuming=resuming)


def allowed_actions(state: State) -> frozenset[Action]:
    """What may be asked of a runtime in this state; anything else is a conflict."""
    return _ACTIONS[state]


def _has_server(hub_server: Mapping[str, Any] | None) -> bool:
    if hub_server is None:
        return False
    # `stopped` is missing from the models of Hubs before 2.0 and of filtered answers.
    return bool(hub_server.get("ready")) or hub_server.get("stopped") is False


def _starting(last_event: LaunchEvent | None, *, resuming: bool) -> State:
    if last_event is not None and last_event.phase == "queued" and last_event.kind != "failed":
        return State.QUEUED
    return State.RESUMING if resuming else State.STARTING


def _ready(*, frozen: bool, pausing: bool) -> State:
    if pausing:
        return State.PAUSING
    return State.FROZEN if frozen else State.RUNNING


def _without_server(last_event: LaunchEvent | None, *, paused: bool) -> State:
    if last_event is not None and last_event.kind == "failed":
        # A failed resume leaves its snapshot as it was: the runtime can be resumed again.
        return State.PAUSED if paused else State.FAILED
    return State.PAUSED if paused else State.STOPPED
