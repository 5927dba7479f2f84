"""Durations, sizes and moments: as people type them and as they read them. Pure."""

import re
from datetime import datetime, timezone
from typing import Any, List, Optional

from .errors import BadUsage

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?"
)
#: How sentences of the service name a moment: `17:40 UTC`, `3 Mar 17:40 UTC`, ISO 8601.
_HOUR = re.compile(r"(?:(\d{1,2}) ([A-Z][a-z]{2}) )?(\d\d):(\d\d) UTC")
_ISO = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_S = 86400
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


def show_moment(iso: Any, now: float) -> str:
    """In this machine's time: `17:40` today, `3 Mar 17:40` on another day; "" for what is no moment."""
    then = moment(iso)
    return "" if then is None else _local(then, now)


def local_times(text: str, near: Optional[float], now: float) -> str:
    """A sentence of the service with this machine's hours in the place of UTC's: of each hour the one that
    is nearest to `near`, in seconds since the epoch, None for now."""
    around = now if near is None else near

    def hour(found: "re.Match[str]") -> str:
        day, month, hours, minutes = found.groups()
        if month is None:
            at = around - around % _DAY_S + int(hours) * 3600 + int(minutes) * 60
            return _local(at + _DAY_S * round((around - at) / _DAY_S), now)
        if month not in _MONTHS:
            return found[0]
        year = datetime.fromtimestamp(around, timezone.utc).year
        clock = (_MONTHS.index(month) + 1, int(day), int(hours), int(minutes))
        possible = [_at(each, *clock) for each in (year - 1, year, year + 1)]
        there = [each for each in possible if each is not None]
        return _local(min(there, key=lambda at: abs(at - around)), now) if there else found[0]

    return _ISO.sub(lambda found: show_moment(found[0], now), _HOUR.sub(hour, text))


def _at(year: int, month: int, day: int, hours: int, minutes: int) -> Optional[float]:
    try:
        return datetime(year, month, day, hours, minutes, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _local(at: float, now: float) -> str:
    then, today = datetime.fromtimestamp(at), datetime.fromtimestamp(now)  # noqa: DTZ006 - the reader's
    clock = then.strftime("%H:%M")
    if then.date() == today.date():
        return clock
    year = f" {then.year}" if then.year != today.year else ""
    return f"{then.day} {_MONTHS[then.month - 1]}{year} {clock}"
