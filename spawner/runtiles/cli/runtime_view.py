"""A runtime in words: the columns of a listing and the lines of one. Pure."""

from typing import Any, Dict, List, Mapping, Optional

from . import pause_words
from .columns import Column, Row, plain
from .values import (
    local_times,
    moment,
    show_age,
    show_duration,
    show_left,
    show_moment,
    show_size,
)

STATES = (
    *("queued", "starting", "running", "frozen", "pausing", "paused"),
    *("resuming", "stopping", "stopped", "failed"),
)
_AT_REST = ("paused", "frozen")
_COLOURS = {
    "running": "green",
    "failed": "red",
    "paused": "cyan",
    "frozen": "cyan",
    "stopped": "dim",
}


def columns(
    now: float, *, owners: bool = False, sizes: Optional[Mapping[str, int]] = None
) -> List[Column]:
    """Of `list`; with whose it is where several people's are shown. `now` in seconds; `sizes` of
    snapshots in bytes, by id."""

    def standing(row: Row) -> str:
        return state(row, now, sizes or {})

    found = [
        Column("name", whole=True),
        Column("tile"),
        Column("machine"),
        Column("state", show=standing, style=state_style, whole=True),
        Column("gpus", show=lambda row: str(len(row.get("gpus") or [])) if row.get("gpus") else ""),
        Column("started_at", "up", show=lambda row: show_age(row.get("started_at"), now)),
        Column("expires_at", "left", show=lambda row: show_left(row.get("expires_at"), now)),
        Column("title"),
    ]
    return [Column("user", whole=True), *found] if owners else found


def familiar(image: str) -> str:
    """As people write it: without the default registry, which a local image never came from."""
    for prefix in ("docker.io/library/", "docker.io/"):
        if image.startswith(prefix):
            return image[len(prefix) :]
    return image


def state(row: Row, now: float, sizes: Mapping[str, int]) -> str:
    """With the phase and how far it is, while it starts or pauses: `starting: pulling 40 %`; else with
    how long it is at rest, and with what: `paused 2h, 1.2 GiB`."""
    text, phase = plain(row.get("state")), plain(row.get("phase"))
    if text in _AT_REST:
        saved = show_size(sizes.get(plain(row.get("snapshot"))))
        age = show_age(row.get("since"), now)
        return ", ".join(part for part in (f"{text} {age}".rstrip(), saved) if part)
    if text == "pausing":
        return f"{text}: {pause_words.progress(row)}" if phase else text
    percent = (row.get("progress") or {}).get("percent")
    if not phase or phase == text:
        return text
    return f"{text}: {phase}" + (f" {percent:.0f} %" if isinstance(percent, (int, float)) else "")


def state_style(row: Row) -> str:
    return _COLOURS.get(plain(row.get("state")), "yellow")


def lines(
    row: Row, now: float, address: str, sizes: Optional[Mapping[str, int]] = None
) -> Dict[str, str]:
    """Of `show`: what is known, as a person says it."""
    saved = show_size((sizes or {}).get(plain(row.get("snapshot"))))
    return {
        "Name": plain(row.get("name")),
        "User": plain(row.get("user")),
        "Title": plain(row.get("title")),
        "Description": plain(row.get("description")),
        "State": state(row, now, {}),
        "Progress": "" if row.get("state") == "pausing" else _progress(row),
        "Address": address,
        "Tile": plain(row.get("tile")),
        "Machine": plain(row.get("machine")),
        "GPUs": plain(row.get("gpus")),
        "Image": familiar(plain(row.get("image"))),
        "Digest": plain(row.get("image_digest")),
        "Started": _when(row, "started_at", now, f"{show_age(row.get('started_at'), now)} ago"),
        "Ends": _when(row, "expires_at", now, f"{show_left(row.get('expires_at'), now)} left"),
        "Idle": _idle(row.get("idle")),
        **_end(row.get("idle") or {}, now),
        "Snapshot": plain(row.get("snapshot")) + (f" ({saved})" if saved else ""),
        **_error(row),
    }


def _progress(row: Row) -> str:
    progress = row.get("progress") or {}
    parts = [plain(progress.get("message"))]
    if progress.get("total"):
        parts.append(f"{show_size(progress.get('done'))} of {show_size(progress['total'])}")
    return ", ".join(part for part in parts if part)


def _when(row: Row, key: str, now: float, words: str) -> str:
    at = show_moment(row.get(key), now)
    return f"{at} ({words})" if at else ""


def _end(idle: Mapping[str, Any], now: float) -> Dict[str, str]:
    """What comes of its idleness, and why it is alive."""
    ends = idle.get("ends") or {}
    action, at = plain(ends.get("action")), show_moment(ends.get("at"), now)
    return {
        "Next": f"{action} at {at} (in {show_left(ends.get('at'), now)})" if at else "",
        "Kept until": show_moment(idle.get("held_until"), now),
        "Why": why(idle, now),
        "Found": local_times(plain(idle.get("found")), None, now),
    }


def why(idle: Mapping[str, Any], now: float) -> str:
    """Why it is alive, in this machine's time."""
    return local_times(plain(idle.get("reason")), moment(idle.get("reason_at")), now)


def _idle(policy: Any) -> str:
    if not isinstance(policy, Mapping) or not policy.get("timeout"):
        return ""
    action, timeout = plain(policy.get("action")) or "ends", policy["timeout"]
    after = show_duration(timeout) if isinstance(timeout, (int, float)) else plain(timeout)
    return f"{action} after {after} without {plain(policy.get('type')) or 'activity'}"


def _error(row: Row) -> Dict[str, str]:
    """Why it failed; of one that runs, why it could not be paused."""
    error = row.get("last_error")
    if not isinstance(error, Mapping):
        return {}
    details = error.get("details") or {}
    return {
        "Failed" if row.get("state") == "failed" else "Not paused": plain(error.get("message")),
        "Hint": plain(details.get("hint")),
        "Exit code": plain(details.get("exit_code")),
        "Log": plain(details.get("log")).strip(),
    }
