"""What can go wrong with kernels and snapshots here, and how every error is told over HTTP."""

import http
from typing import Any, Dict, Optional

from tornado.web import HTTPError

from runtiles.contract.errors import Conflict, RuntilesError
from runtiles.contract.statuses import CODES, STATUSES


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


def status_of(error: RuntilesError) -> int:
    for kind, status in STATUSES.items():
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
    if isinstance(error, HTTPError) or status in CODES:
        code = CODES.get(status, "error")
        message = f"{http.HTTPStatus(status).phrase}."
    else:
        code, message = "internal", "Something went wrong in the runtime; its log has the reason."
    return {"error": {"code": code, "message": message, "hint": "", "details": {}}}
