"""What a listing says of a runtime's idleness, and when that is news. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from runtiles.values.moments import parse_moment

#: Of all that `GET /runtimes/NAME/idle` says.
_KEPT = (
    *("since", "ends", "held_until", "warning", "reason", "reason_at", "found"),
    *("warnings", "extend", "hold"),
)
#: Two readings of one moment differ by this much at most, in seconds.
_SAME_S = 5.0
_IN_USE = "it is in use"


def listed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**(told["policy"] or {}), **{key: told[key] for key in _KEPT}}


def discreet(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same for who may see that it runs, and not what runs in it: notebooks, programs, variables have
    names."""
    alive = [{"kind": each["kind"], "about": "", "text": _IN_USE} for each in told["alive"]]
    reason = f"Alive because {_IN_USE}." if alive else "Idle."
    found = "It was left running." if told["found"] else None
    return {**told, "alive": alive, "reason": reason, "reason_at": None, "found": found}


def news(old: Mapping[str, Any] | None, told: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is to be said of a runtime of which `old` was said; None while that is still true: that time
    goes by is no news, other than in the sentence."""
    new = listed(told)
    if old is None or "ends" not in old:
        # It runs since a moment ago.
        return new
    same = _gist(old) == _gist(new) and all(
        _apart(one, other) <= _SAME_S
        for one, other in zip(_moments(old), _moments(new), strict=True)
    )
    return None if same else new


def _gist(idle: Mapping[str, Any]) -> dict[str, Any]:
    ends = idle["ends"] or {}
    kept = {key: value for key, value in idle.items() if key not in ("since", "ends", "reason_at")}
    return {**kept, "cause": ends.get("cause"), "does": ends.get("action")}


def _moments(idle: Mapping[str, Any]) -> list[str | None]:
    return [idle["since"], (idle["ends"] or {}).get("at")]


def _apart(one: str | None, other: str | None) -> float:
    if one is None or other is None:
        return 0.0 if one is other else math.inf
    return abs(parse_moment(one) - parse_moment(other))
