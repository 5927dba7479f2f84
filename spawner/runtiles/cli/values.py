"""Durations, sizes and moments: as people type them and as they read them. Pure."""

import re
from datetime import datetime, timezone
from typing import Any, List, Optional

from .errors import BadUsage

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?"
)
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:([kmgt])(?:i?b)?|b)?", re.IGNORECASE)


def seconds(text: str) -> int:
    """Of `30m`, `4h`, `1h30m`, `90s` or `90`. Raises BadUsage."""
    match = _DURATION.fullmatch(text.strip().lower())
    total = 0.0
    for number, unit in zip(match.groups() if match else (), _UNITS.values()):
        total += float(number or 0) * unit
    if total < 1:
        raise BadUsage(f"{text!r} is not a duration.", hint="Write 30m, 4h or 1h30m.")
    return round(total)


def size(text: str) -> int:
    """Bytes of `512m`, `8g`, `8GiB` (powers of 1024). Raises BadUsage."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise BadUsage(f"{text!r} is not a size.", hint="Write 512m or 8g.")
    return round(float(match[1]) * 1024.0 ** " kmgt".index((match[2] or " ").lower()))


def show_duration(total: Optional[float]) -> str:
    """The two largest units: `1d 4h`, `2h 5m`, `40s`; "" for None."""
    if total is None:
        return ""
    parts: List[str] = []
    rest = max(0, round(total))
    for unit, length in _UNITS.items():
        count, rest = divmod(rest, length)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count}{unit}")
    shown = [part for part in parts[:2] if not part.startswith("0")]
    return " ".join(shown) or "0s"


def show_size(count: Optional[float]) -> str:
    """`8 GiB`, `1.5 GiB`, `300 B`; "" for None."""
    if count is None:
        return ""
    number, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    text = f"{number:.0f}" if number >= 100 or number == int(number) else f"{number:.1f}"
    return f"{text} {unit}"


def moment(iso: Any) -> Optional[float]:
    """Seconds since the epoch of the API's ISO 8601; None for what is none."""
    if not isinstance(iso, str) or not iso:
        return None
    try:
        found = datetime.fromisoformat(re.sub(r"\.\d+", "", iso).replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()


def show_age(iso: Any, now: float) -> str:
    """How long ago: `5m`, `2h 3m`; "" for what is no moment."""
    then = moment(iso)
    return show_duration(now - then) if then is not None else ""


def show_left(iso: Any, now: float) -> str:
    """How long until then; "" for what is no moment."""
    then = moment(iso)
    return show_duration(then - now) if then is not None else ""
