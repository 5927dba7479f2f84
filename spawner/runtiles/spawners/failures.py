"""Why did a launch fail, in words for the person who waits, and for the Hub's metrics.

The one place where our errors become the Hub's SpawnException.
"""

from html import escape
from typing import Any

from jupyterhub.spawner import SpawnException

from runtiles.contract.errors import (
    Cancelled,
    ContainerExited,
    Interrupted,
    InvalidRequest,
    LaunchFailed,
    LimitReached,
    NotAllowed,
    PhaseTimeout,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.contract.events import LaunchEvent
from runtiles.pages import FormError

#: The `reason` label of the Hub's spawn metric, by our error code. Few and stable.
_REASONS = {
    "engine_unavailable": "docker_unavailable",
    "image_not_found": "pull_failed",
    "pull_failed": "pull_failed",
    "registry_denied": "registry_auth",
    "layer_failed": "layer_failed",
    "no_python": "layer_failed",
    "no_gpu": "gpu_capacity",
    "container_exited": "crashed",
    "timeout": "start_timeout",
    "not_allowed": "denied",
    "limit_reached": "quota",
    "name_taken": "name_taken",
    "invalid_request": "invalid_options",
    "unavailable": "unavailable",
}

_SIGKILL, _NOT_EXECUTABLE, _NOT_FOUND = 137, 126, 127


_STATUS = {InvalidRequest: 400, NotAllowed: 403, LimitReached: 429, ServiceUnavailable: 503}


def exited(
    exit_code: int | None, *, oom_killed: bool, log: str, memory: int = 0
) -> ContainerExited:
    """The container ended while starting: what happened and what to try. `memory` in bytes."""
    message, hint = _explain(exit_code, oom_killed=oom_killed, log=log, memory=memory)
    details = {"exit_code": exit_code, "oom_killed": oom_killed}
    return ContainerExited(message, hint=hint, log=log, details=details)


def _explain(code: int | None, *, oom_killed: bool, log: str, memory: int) -> tuple[str, str]:
    if oom_killed:
        limit = f" of {memory / 2**30:.3g} GiB" if memory else ""
        return (
            f"The container ran out of memory while starting: it reached its limit{limit}.",
            "Choose a machine with more memory.",
        )
    if code == _SIGKILL:
        return (
            "The container was killed while starting.",
            "Somebody or something stopped it from outside; try again, and ask the admin if it "
            "happens twice.",
        )
    if code in (_NOT_EXECUTABLE, _NOT_FOUND):
        return (
            f"The container's command could not be run (exit code {code}).",
            "Check the Command field: the program must exist in the image and be executable.",
        )
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return (
            "The runtime ran out of disk space while starting.",
            "Delete files you no longer need from your storage, or ask the admin for more space.",
        )
    return (
        f"The container ended while starting, with exit code {code}.",
        "Its last lines below usually say why.",
    )


def silent(phase: str, seconds: float, log: str) -> PhaseTimeout:
    """Nothing was heard from the container for `seconds` in `phase`."""
    return PhaseTimeout(
        f"Nothing was heard from the container for {seconds:.0f} seconds in the phase '{phase}'.",
        hint="Try again; if it happens twice, the image or its command does not start a server.",
        log=log,
    )


def failed_event(phase: str, error: RuntilesError, log: str = "") -> LaunchEvent:
    """The last event of a failed launch: pages build their failure card from it."""
    details: dict[str, Any] = {"code": error.code, **error.details}
    if error.hint:
        details["hint"] = error.hint
    tail = getattr(error, "log", "") or log
    if tail:
        details["log"] = tail
    return LaunchEvent(phase=phase, kind="failed", message=error.message, details=details)


def failure_card(event: LaunchEvent) -> dict[str, Any]:
    """What the pages show: message, phase and, where known, code, hint, log, exit_code, oom_killed."""
    known = ("code", "hint", "log", "exit_code", "oom_killed")
    card: dict[str, Any] = {key: event.details[key] for key in known if key in event.details}
    return {"message": event.message, "phase": event.phase, **card}


def spawn_exception(error: RuntilesError) -> SpawnException:
    """For the Hub: it labels the metric, logs one line without a traceback and keeps our text.

    JupyterHub 6.1.1 shows users an exception's `jupyterhub_message` and not SpawnException's own
    message, so both are set.
    """
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    text = str(error)
    result = SpawnException(text, reason=_REASONS.get(error.code, error.code), status_code=status)
    result.jupyterhub_message = _said(error)
    result.jupyterhub_html_message = _html(error)
    return result


def _said(error: RuntilesError) -> str:
    """What the Hub's pages get; with its fields, where the page can show each at its place."""
    if isinstance(error, InvalidRequest):
        return FormError(str(error), error.fields)
    return str(error)


def _html(error: RuntilesError) -> str:
    hint = f"<br>{escape(error.hint)}" if error.hint else ""
    return f"{escape(error.message)}{hint}"


def unexpected(error: BaseException) -> LaunchFailed:
    """A defect of ours or a foreign exception: named by its type, never by its text, which may hold
    anything. The Hub's log has the traceback."""
    return LaunchFailed(
        f"The launch failed for a reason that Runtiles does not know ({type(error).__name__}).",
        hint="Ask the admin to look into the Hub's log.",
    )


def cancelled() -> Cancelled:
    return Cancelled("The launch was cancelled.")


def interrupted() -> Interrupted:
    return Interrupted(
        "The launch was interrupted: the Hub ended in the middle of it.",
        hint="Start the runtime again.",
    )
