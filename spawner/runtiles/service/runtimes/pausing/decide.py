"""What follows from what a runtime tells of a pause. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtiles.contract.errors import Conflict, LimitReached, RuntilesError
from runtiles.service.runtimes import distrust

from .terminals import named

#: What the runtime says, and how it stands to the end: `hold` keeps the kernels still.
_FAILED = ("failed", "released")
#: Bytes: below it, an advance would only be noise in the database.
_STEP = 1 << 20
#: Bytes of what would be lost, as JSON: it is stored, and told whenever the runtime is.
_MOST_LOSSES = 4 << 20


class WouldLose(Conflict):
    """Something that the kernels hold cannot be saved, and nobody has accepted that."""

    code = "would_lose"


class QuotaReached(LimitReached):
    code = "quota"


class PauseFailed(Conflict):
    code = "pause_failed"


class CalledOff(Conflict):
    """Somebody did not want it any more, before it was too late for that."""


@dataclass(frozen=True)
class Going:
    """It goes on. `phase`, `message`, `done` and `total` are for people."""

    phase: str
    message: str
    done: int
    total: int


@dataclass(frozen=True)
class Saved:
    """Saved and verified; the kernels are held. `result` is the content of the snapshot's manifest."""

    result: Mapping[str, Any]


@dataclass(frozen=True)
class Failed:
    error: RuntilesError


@dataclass(frozen=True)
class Unknown:
    """The runtime knows of no pause: it was never asked, or its server has been started anew."""


Step = Going | Saved | Failed | Unknown


def step_of(status: Mapping[str, Any], snapshot: str) -> Step:
    """What the answer to `GET pause` means for the pause that makes this snapshot."""
    state = str(status.get("state") or "none")
    told, result = status.get("error"), status.get("result")
    if state == "none" or status.get("snapshot") not in (None, "", snapshot):
        return Unknown()
    if state in _FAILED:
        return Failed(_error(told, state))
    if state == "saved" and isinstance(result, Mapping):
        return Saved(result)
    done, total = _count(status.get("done")), _count(status.get("total"))
    return Going(state[:16], _message(state, status.get("waiting_for")), done, total)


def worth_telling(before: Going | None, now: Going) -> bool:
    """Does it change what people see?"""
    if before is None or (before.phase, before.message) != (now.phase, now.message):
        return True
    return abs(now.done - before.done) >= _STEP or now.total != before.total


def losses(kernels: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By kernel, what of it is lost: parts, or with a `reason` the whole of it. Nothing for those that
    are carried whole."""
    found = []
    for kernel in kernels:
        lost = [dict(loss) for loss in kernel.get("losses") or []]
        whole = kernel.get("status") == "not_carried"
        if lost or whole:
            about = {key: kernel.get(key) for key in ("id", "name", "language", "path", "status")}
            reason = kernel.get("reason") if whole else None
            found.append({**about, "reason": reason, "losses": lost})
    return found


def would_lose(
    lost: Sequence[Mapping[str, Any]],
    jobs: Sequence[Mapping[str, Any]] = (),
    *,
    changed: bool = True,
) -> WouldLose:
    """`lost` by kernel, `jobs` of terminals. `changed`: it only showed after the kernels were saved."""
    count = sum(len(kernel["losses"]) or 1 for kernel in lost)
    things = "One thing" if count == 1 else f"{count} things"
    said = [f"{things} would be lost"] if count else []
    said += [f"{'a' if said else 'A'} pause would end {named(jobs)}"] if jobs else []
    when = "the runtime goes on running" if changed else "nothing has changed"
    details: dict[str, Any] = {"kernels": [dict(kernel) for kernel in lost]}
    if jobs:
        details["terminals"] = [dict(job) for job in jobs]
    if len(json.dumps(details)) > _MOST_LOSSES:
        details["kernels"] = [{**kernel, "losses": []} for kernel in lost[:1000]]
    return WouldLose(
        f"{', and '.join(said)}; {when}.",
        hint="Look at `details`, and pause with `accept_loss` if that is fine.",
        details=details,
    )


def check_quota(limit: int | None, used: int, wanted: int) -> None:
    """`used`: bytes of the snapshots that stay. Raises QuotaReached."""
    if limit is None or used + wanted <= limit:
        return
    raise QuotaReached(
        f"Your snapshots take {used} bytes, this one needs {wanted}, and {limit} are allowed.",
        hint="Delete a snapshot that you no longer need.",
        details={"used": used, "wanted": wanted, "limit": limit},
    )


def size_of(result: Mapping[str, Any]) -> int:
    """Of the snapshot, in bytes: a number that a database can add up."""
    return min(_count(result.get("bytes")), 1 << 50)


def summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result without its lists of variables: what a list of snapshots shows."""
    kernels = [_kernel(kernel) for kernel in result.get("kernels") or []]
    return {**{k: v for k, v in result.items() if k != "kernels"}, "kernels": kernels}


def _kernel(kernel: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "name", "language", "path", "status", "reason")
    more = sum(v.get("more", 0) for v in kernel.get("variables") or [] if isinstance(v, Mapping))
    return {
        **{key: kernel.get(key) for key in kept},
        "bytes": _count(kernel.get("bytes")),
        "variables": len(kernel.get("variables") or []) + _count(kernel.get("more")) + more,
        "lost": len(kernel.get("losses") or []),
    }


def _message(state: str, waiting_for: Any) -> str:
    waiting = waiting_for if isinstance(waiting_for, list) else []
    if state != "waiting" or not waiting:
        return ""
    first = waiting[0]
    name = str(first.get("path") or first.get("kernel") or "a kernel")[:200]
    others = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    if any(one.get("stuck") for one in waiting):
        return f"Waiting for {name}{others}, stuck in code that cannot be interrupted"
    return f"Waiting for {name}{others}, {_busy(waiting)}"


def _busy(waiting: Sequence[Mapping[str, Any]]) -> str:
    """To the minute: each change of it is told to everybody who looks."""
    minutes = int(max(_seconds(one.get("busy_seconds")) for one in waiting) // 60)
    if not minutes:
        return "busy"
    hours, rest = divmod(minutes, 60)
    return f"busy for {hours} h {rest} min" if hours else f"busy for {minutes} min"


def _error(told: Any, state: str) -> RuntilesError:
    if not isinstance(told, Mapping):
        text = "Somebody ended the pause." if state == "released" else "The snapshot failed."
        return PauseFailed(text)
    details = told.get("details")
    details = dict(details) if isinstance(details, Mapping) else {}
    if len(json.dumps(details)) > distrust.MOST_ERROR:
        details = {}
    hint = distrust.line(told.get("hint")) or distrust.line(details.pop("hint", ""))
    error = PauseFailed(
        distrust.line(told.get("message")) or "The snapshot failed.", hint=hint, details=details
    )
    error.code = distrust.code(told.get("code"), error.code)
    return error


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and value > 0 else 0.0


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
