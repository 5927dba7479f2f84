"""What can go wrong with kernels and snapshots here, and how every error is told over HTTP."""

import http
from typing import Any, Dict, Optional, Tuple, Type

from tornado.web import HTTPError

from runtiles.contract.errors import (
    Conflict,
    InvalidRequest,
    LimitReached,
    NotAllowed,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)


class KernelBusy(Conflict):
    """It ran something else for longer than somebody wanted to wait. `details`: kernel, busy_seconds."""

    code = "kernel_busy"


class KernelStuck(Conflict):
    """Not even its control channel answers: C code holds it. `details`: kernel."""

    code = "kernel_stuck"


class KernelGone(Conflict):
    """It ended or was restarted before it answered."""

    code = "kernel_gone"


class NotCarried(Conflict):
    """A kernel of another language, or one that cannot see our files."""

    code = "not_carried"


class Withdrawn(Conflict):
    """Nobody waits for the answer any more; the kernel did nothing."""

    code = "withdrawn"


class KernelFailed(RuntilesError):
    """The kernel refused or broke the call. `details`: kind, the class of what was raised there."""

    code = "state"


class NoStorage(Conflict):
    code = "no_storage"


class NoSpace(Conflict):
    """`details`: free and needed, in bytes."""

    code = "no_space"


class PauseRunning(Conflict):
    code = "pause_running"


class Released(Conflict):
    """A held kernel was let go by somebody else: what it did since is in no snapshot."""

    code = "released"


class SnapshotRefused(Conflict):
    """Not this user's snapshot, or not what was written."""

    code = "snapshot_refused"


_STATUS: Tuple[Tuple[Type[RuntilesError], int], ...] = (
    (InvalidRequest, 400),
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (LimitReached, 429),
    (ServiceUnavailable, 503),
)
#: Codes of answers that the server gives on its own.
_CODES = {
    400: "invalid_request",
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


def status_of(error: RuntilesError) -> int:
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return 500


def told(error: RuntilesError) -> Dict[str, Any]:
    """code, message, hint and details, as every answer that is no success has them below `error`."""
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": dict(error.details),
    }


def body_of(error: Optional[BaseException], status: int) -> Dict[str, Any]:
    """Of an unforeseen error it tells nothing: its text may hold anything."""
    if isinstance(error, RuntilesError):
        return {"error": told(error)}
    if isinstance(error, HTTPError) or status in _CODES:
        code = _CODES.get(status, "error")
        message = f"{http.HTTPStatus(status).phrase}."
    else:
        code, message = "internal", "Something went wrong in the runtime; its log has the reason."
    return {"error": {"code": code, "message": message, "hint": "", "details": {}}}
