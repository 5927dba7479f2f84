"""Text that people type: what is acceptable, how it is shown in a message, what was meant."""

import difflib
import unicodedata
from collections.abc import Iterable

_SHOWN = 60


def shown(value: object) -> str:
    """The value for a message: quoted, escaped and short, whatever it is."""
    text = repr(value) if isinstance(value, (str, int, float)) else type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 2]}…{text[0]}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence for the end of a message: the likeliest meant name, or nothing."""
    candidates = list(known)
    # A huge name is nobody's slip, and comparing it would take long.
    close = difflib.get_close_matches(name, candidates, 1, 0.6) if len(name) <= 100 else []
    return f" Did you mean {close[0]!r}?" if close else ""


def is_text(value: str) -> bool:
    """Can it be stored and sent? JSON can write both NUL and half a character (a lone surrogate)."""
    return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def one_line(value: object, *, limit: int) -> str:
    """Printable text without line breaks, stripped; at most `limit` characters."""
    text = _text(value, limit).strip()
    if not text.isprintable():
        raise ValueError("must be one line of printable characters")
    return text


def paragraph(value: object, *, limit: int) -> str:
    """Text that may have line breaks and tabs, at most `limit` characters; line ends become LF."""
    text = _text(value, limit).replace("\r\n", "\n")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise ValueError("must not contain control characters")
    return text


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {shown(value)}")  # noqa: TRY004 (pydantic reads it)
    if len(value) > limit:
        raise ValueError(f"must be at most {limit} characters long")
    return value
