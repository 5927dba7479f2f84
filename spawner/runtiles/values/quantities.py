"""Durations (`30m`, `1h30m`, seconds) and byte sizes (`8g`, `512m`, `8GiB`)."""

import math
import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from .text import shown

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:([0-9.]+)d)?(?:([0-9.]+)h)?(?:([0-9.]+)m)?(?:([0-9.]+)s)?")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_SIZE = re.compile(r"([0-9.]+) ?(?:b|([kmgt])(?:i?b)?)?", re.IGNORECASE)
#: In the place of a timeout.
NEVER: Literal["never"] = "never"
#: Ten years: beyond it a number is a slip of the unit.
_LONGEST = 3650 * 86400
_LARGEST = 2**50


def parse_duration(value: object) -> int:
    """Whole seconds, at least 1. Text is `2d`, `4h`, `30m`, `90s`, a mix in this order, or seconds."""
    seconds = _duration(value.strip().lower()) if isinstance(value, str) else _plain(value)
    if seconds is None:
        raise ValueError(f"must be a duration such as '30m', '4h' or '1h30m', not {shown(value)}")
    if not 1 <= seconds <= _LONGEST:
        raise ValueError("must be between one second and ten years")
    return round(seconds)


def parse_duration_or_never(value: object) -> int | Literal["never"]:
    if isinstance(value, str) and value.strip().lower() == NEVER:
        return NEVER
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ValueError(f"{error}; or 'never'") from None


def format_duration(seconds: float) -> str:
    """The shortest text that `parse_duration` reads back as the same whole seconds."""
    rest, parts = round(seconds), []
    for unit, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_size(value: object) -> int:
    """Bytes, at least 1. Units are powers of 1024, as the engines count: `8g` = `8GiB` = `8GB`."""
    size = _size(value.strip()) if isinstance(value, str) else _plain(value)
    if size is None:
        raise ValueError(f"must be a size such as '512m' or '8g', not {shown(value)}")
    if not 1 <= size <= _LARGEST:
        raise ValueError("must be between one byte and a pebibyte")
    return round(size)


def format_size(size: int) -> str:
    """For people: `8 GiB`, `1.5 GiB`, `300 B`."""
    number, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.1f}".removesuffix(".0") + f" {unit}"


def _duration(text: str) -> float | None:
    if _NUMBER.fullmatch(text):
        return float(text)
    match = _DURATION.fullmatch(text)
    if not match or not text:
        return None
    total = 0.0
    for number, size in zip(match.groups(), _SECONDS.values(), strict=True):
        if number is not None and not _NUMBER.fullmatch(number):
            return None
        total += float(number or 0) * size
    return total


def _size(text: str) -> float | None:
    match = _SIZE.fullmatch(text)
    if not match or not _NUMBER.fullmatch(match[1]):
        return None
    exponent = " kmgt".index((match[2] or " ").lower())
    return float(match[1]) * 1024**exponent


def _plain(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # A huge int does not fit a float; it is out of range in any case.
    if isinstance(value, int):
        return float(min(value, 2**60)) if value >= 0 else 0.0
    return value if math.isfinite(value) else None


def _or_text(description: str) -> WithJsonSchema:
    """What may be written: a whole number, or text."""
    kinds = [{"type": "integer", "minimum": 1}, {"type": "string"}]
    return WithJsonSchema({"anyOf": kinds, "description": description}, mode="validation")


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    _or_text("Seconds, or text such as `30m`, `4h` or `1h30m`."),
]
DurationOrNever = Annotated[
    int | Literal["never"],
    BeforeValidator(parse_duration_or_never),
    _or_text("Seconds, or text such as `30m`, `4h` or `1h30m`, or `never`."),
]
ByteSize = Annotated[
    int, BeforeValidator(parse_size), _or_text("Bytes, or text such as `512m` or `8g`.")
]
