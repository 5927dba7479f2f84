"""What a body says of a moment, and what the caps make of it. Pure."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from runtiles.contract.errors import InvalidRequest, LimitReached
from runtiles.service.runtimes.view import iso
from runtiles.values.moments import parse_moment
from runtiles.values.quantities import format_duration, parse_duration

#: The year 9000: beyond it a number is no moment.
_LAST = 221_845_392_000.0


@dataclass(frozen=True)
class Moment:
    """`{"seconds": 1800}` or `"30m"`, or `{"until": "2026-01-31T17:40:00Z"}` or seconds since the epoch.
    Neither: nothing, where that is something one may say."""

    seconds: int | None = None
    until: float | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any], *, or_none: bool = False) -> "Moment":
        """Raises InvalidRequest."""
        if unknown := body.keys() - {"seconds", "until"}:
            raise InvalidRequest({name[:100]: "is not known here" for name in unknown})
        said = {name: value for name, value in body.items() if value is not None}
        if len(said) > 1:
            raise InvalidRequest({"until": "either this or 'seconds'"})
        if not said:
            if or_none and body:
                return cls()
            raise InvalidRequest({"seconds": "is missing; or say 'until'"})
        if "seconds" in said:
            return cls(seconds=_seconds(said["seconds"]))
        return cls(until=_until(said["until"]))


@dataclass(frozen=True)
class Latest:
    """The latest end that a reservation may have, and who sets it."""

    at: float
    who: str = "this site"


def extended(wish: Moment, ends: float, latest: Latest | None, now: float) -> float:
    """The new end of a reservation that ends at `ends`. Never an earlier one. Raises InvalidRequest,
    LimitReached."""
    end = ends + wish.seconds if wish.seconds is not None else float(wish.until or 0.0)
    if end <= max(ends, now):
        raise InvalidRequest({"until": f"must be after {iso(max(ends, now))}"})
    if latest is not None and end > latest.at:
        raise _too_late(ends, latest)
    return end


def _too_late(ends: float, latest: Latest) -> LimitReached:
    left = max(0, int(latest.at - ends))
    by = f"by {format_duration(left)} at most, until {iso(latest.at)}" if left else "no further"
    return LimitReached(
        f"It can be extended {by}: set by {latest.who}.",
        hint="Pause it and resume it, or ask an admin.",
        details={"latest": iso(latest.at), "max_seconds": left},
    )


def held(wish: Moment, longest: int | None, now: float) -> float | None:
    """Until when an idle runtime is kept; None: no longer. Raises InvalidRequest, LimitReached."""
    if wish == Moment():
        return None
    until = now + wish.seconds if wish.seconds is not None else float(wish.until or 0.0)
    if until <= now:
        raise InvalidRequest({"until": "is in the past"})
    # A moment more: who asks for all of it has a clock, and a way to us.
    if longest is not None and until > now + longest + 60:
        raise LimitReached(
            f"An idle runtime can be kept for {format_duration(longest)} at most.",
            details={"latest": iso(now + longest)},
        )
    return until


def _seconds(value: Any) -> int:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise InvalidRequest({"seconds": str(error)}) from None


def _until(value: Any) -> float:
    found: float = 0
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = value
    elif isinstance(value, str):
        with suppress(ValueError):
            found = parse_moment(value)
    # Compared before it becomes a float: JSON has integers that are none.
    if 0 < found < _LAST:
        return float(found)
    raise InvalidRequest({"until": "must be a moment like 2026-01-31T17:40:00Z"})
