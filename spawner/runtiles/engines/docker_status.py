"""A container's status from the engine's description, and from its events. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from runtiles.contract.protocol import STORAGE_DIR

from .base import ContainerState, ContainerStatus

_STATES: Mapping[str, ContainerState] = {
    "created": "created",
    "running": "running",
    "restarting": "running",
    "paused": "paused",
    "exited": "exited",
    "dead": "exited",
    "removing": "exited",
}


def from_description(found: Mapping[str, Any]) -> ContainerStatus:
    """`found` is the answer to inspect."""
    state = found.get("State") or {}
    name = _STATES.get(str(state.get("Status")), "exited")
    ended = name == "exited"
    return ContainerStatus(
        state=name,
        exit_code=int(state.get("ExitCode") or 0) if ended else None,
        oom_killed=ended and bool(state.get("OOMKilled")),
        started_at=_seconds(str(state.get("StartedAt") or "")),
        ended_at=_seconds(str(state.get("FinishedAt") or "")) if ended else None,
        ip=_address(found.get("NetworkSettings") or {}) if not ended else "",
        error=str(state.get("Error") or ""),
    )


def storage_source(found: Mapping[str, Any]) -> str:
    """The volume's name or the host's path that is mounted at /storage; empty for none that outlives the
    container. `found` is the answer to inspect."""
    mounts = {str(mount.get("Destination")): mount for mount in found.get("Mounts") or ()}
    mount = mounts.get(STORAGE_DIR, {})
    if mount.get("Type") == "volume":
        return str(mount.get("Name") or "")
    return str(mount.get("Source") or "") if mount.get("Type") == "bind" else ""


def after_event(status: ContainerStatus, action: str, exit_code: str) -> ContainerStatus | None:
    """The status that an event leads to; None when only the engine can tell."""
    if action == "pause":
        return replace(status, state="paused")
    if action == "unpause":
        return replace(status, state="running")
    if action == "oom":
        return replace(status, oom_killed=True)
    if action == "die":
        code = int(exit_code) if exit_code.lstrip("-").isdigit() else None
        return replace(status, state="exited", exit_code=code, ip="")
    return None


def _address(network: Mapping[str, Any]) -> str:
    networks = (network.get("Networks") or {}).values()
    return next((str(one["IPAddress"]) for one in networks if one.get("IPAddress")), "")


def _seconds(text: str) -> float | None:
    """The engine writes nanoseconds, and the year 1 for "never"."""
    if not text or text.startswith("0001-"):
        return None
    head, _, fraction = text.rstrip("Z").partition(".")
    try:
        moment = datetime.fromisoformat(f"{head}.{fraction[:6]:0<6}+00:00")
    except ValueError:
        return None
    return moment.timestamp()
