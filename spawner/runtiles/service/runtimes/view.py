"""A runtime as JSON. Pure: the Hub's word, our records and the catalogue in, one dict out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from runtiles.catalogue import Tile
from runtiles.contract.errors import RuntilesError
from runtiles.contract.events import LaunchEvent
from runtiles.lifecycle import ACTIVE, State, allowed_actions, state_of
from runtiles.store import LaunchRecord, PauseRecord

from .idle_view import discreet, listed

_LAUNCHING = frozenset({State.QUEUED, State.STARTING, State.RESUMING})
_REACHABLE = frozenset({State.RUNNING, State.FROZEN, State.PAUSING})


@dataclass(frozen=True)
class Facts:
    """What is known of one runtime. `server` is the Hub's model, None when the Hub has none; `title` is
    what its owner calls it, empty for the tile's own title."""

    user: str
    name: str
    server: Mapping[str, Any] | None = None
    launch: LaunchRecord | None = None
    last: LaunchEvent | None = None
    tile: Tile | None = None
    title: str = ""
    idle: Mapping[str, Any] | None = None
    pause: PauseRecord | None = None

    @property
    def state(self) -> State:
        launch = self.launch
        return state_of(
            self.server,
            self.last,
            frozen=launch is not None and launch.frozen_at is not None,
            pausing=self.pausing,
            paused=launch is not None and bool(launch.snapshot),
            resuming=launch is not None and bool(launch.options.get("resume")),
        )

    @property
    def pausing(self) -> bool:
        """Is the pause of this very launch under way?"""
        mine = self.own_pause
        return mine is not None and mine.active

    @property
    def own_pause(self) -> PauseRecord | None:
        """The pause of the newest launch, not one that an earlier launch left."""
        if self.pause is None or self.launch is None or self.pause.launch_id != self.launch.id:
            return None
        return self.pause

    @property
    def options(self) -> Mapping[str, Any]:
        """What was asked for: as recorded, else as the Hub keeps it."""
        if self.launch is not None:
            return self.launch.options
        return (self.server or {}).get("user_options") or {}


def to_json(facts: Facts, *, whole: bool = True) -> dict[str, Any]:
    """The Runtime of the REST contract: these keys, always; what is not known is null.

    Not the `whole` is for who may not read what its programs print: a pause names notebooks and variables,
    and so does the reason why it is alive.
    """
    if not whole:
        idle = None if facts.idle is None else discreet(facts.idle)
        facts = replace(facts, pause=_discreet(facts.pause), idle=idle)
    return _whole(facts)


def _discreet(pause: PauseRecord | None) -> PauseRecord | None:
    if pause is None:
        return None
    code = (pause.error or {}).get("code", RuntilesError.code)
    error = {"code": code, "message": "It could not be paused.", "details": {}}
    return replace(pause, message="", error=error if pause.error else None)


def _whole(facts: Facts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "user": facts.user,
        **_made_of(facts),
        **_doing(facts),
        "actions": _actions(facts),
        "idle": _idle(facts),
        "snapshot": _snapshot(facts),
        "usage": None,
        "last_error": _error(facts),
    }


def _made_of(facts: Facts) -> dict[str, Any]:
    options, tile = facts.options, facts.tile
    recorded = facts.launch or LaunchRecord("", facts.user, "", 0.0)
    return {
        "tile": recorded.tile or options.get("tile"),
        "title": facts.title or (tile.title if tile else None),
        "description": options.get("description") or (tile.description if tile else None),
        "image": recorded.image or options.get("image"),
        "image_digest": recorded.image_digest or None,
        "machine": recorded.machine or options.get("machine"),
        "gpus": list(recorded.gpus) if facts.state in ACTIVE else [],
    }


def _doing(facts: Facts) -> dict[str, Any]:
    state, server = facts.state, facts.server or {}
    launching, reachable = state in _LAUNCHING, state in _REACHABLE
    phase = facts.last.phase if facts.last and launching else None
    progress = _progress(facts.last) if facts.last and launching else None
    if facts.pause is not None and state is State.PAUSING:
        phase, progress = facts.pause.phase, _pause_progress(facts.pause)
    return {
        "state": str(state),
        "phase": phase,
        "progress": progress,
        "url": server.get("url") if reachable else None,
        "since": _since(facts),
        "started_at": _started(facts) if reachable else None,
        "expires_at": _expires(facts) if reachable else None,
    }


def _actions(facts: Facts) -> list[str]:
    """What may be asked of it now: those that change its state, and those that move its end."""
    found = {str(action) for action in allowed_actions(facts.state)}
    if facts.state in (State.RUNNING, State.FROZEN):
        found.add("hold")
        if facts.launch is not None and facts.launch.ends_at is not None:
            found.add("extend")
    return sorted(found)


def _since(facts: Facts) -> str | None:
    """When it got into this state, as far as anybody wrote it down."""
    if facts.state is State.PAUSING and facts.pause is not None:
        return iso(facts.pause.started)
    if facts.state is State.FROZEN and facts.launch is not None and facts.launch.frozen_at:
        return iso(facts.launch.frozen_at)
    if facts.state in _REACHABLE:
        return _started(facts)
    if facts.launch is None:
        return None
    if facts.state in _LAUNCHING:
        return iso(facts.launch.created)
    ended = facts.launch.ended_at if facts.state not in ACTIVE else None
    return iso(ended) if ended else None


def _progress(last: LaunchEvent) -> dict[str, Any]:
    """How far the present phase is: percent of the phase, bytes done and total, the latest words."""
    numbers = {"percent": last.percent, "done": last.done, "total": last.total}
    return {**numbers, "message": last.message or None}


def _pause_progress(pause: PauseRecord) -> dict[str, Any]:
    percent = round(100 * pause.done / pause.total, 1) if pause.total else None
    numbers = {"percent": percent, "done": pause.done or None, "total": pause.total or None}
    return {**numbers, "message": pause.message or None}


def _snapshot(facts: Facts) -> str | None:
    """The one that it waits to be resumed from, else the one that its launch was resumed from."""
    waiting = facts.launch.snapshot if facts.launch else ""
    return waiting or facts.options.get("resume") or None


def _idle(facts: Facts) -> dict[str, Any] | None:
    if facts.idle is not None:
        return listed(facts.idle)
    rule = facts.tile.idle if facts.tile else None
    own = rule.model_dump(exclude_none=True) if rule and not rule.never else {}
    return {**own, **(facts.options.get("idle") or {})} or None


def _error(facts: Facts) -> dict[str, Any] | None:
    pause = facts.own_pause
    if pause is not None and pause.error:
        return dict(pause.error)
    if facts.state not in (State.FAILED, State.PAUSED):
        return None
    if facts.launch and facts.launch.error:
        return dict(facts.launch.error)
    if facts.last is None or facts.last.kind != "failed":
        return None
    details = dict(facts.last.details)
    code = details.pop("code", RuntilesError.code)
    return {"code": code, "message": facts.last.message, "details": details}


def _started(facts: Facts) -> str | None:
    if facts.launch and facts.launch.started_at:
        return iso(facts.launch.started_at)
    return (facts.server or {}).get("started")


def _expires(facts: Facts) -> str | None:
    """The end of its reservation."""
    ends = facts.launch.ends_at if facts.launch else None
    return None if ends is None else iso(ends)


def iso(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, to the second."""
    return (
        datetime.fromtimestamp(seconds, timezone.utc)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )
