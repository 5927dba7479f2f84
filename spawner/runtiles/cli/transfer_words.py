"""A transfer in words, and the request for it. Pure."""

from collections import Counter
from typing import Dict, List, Optional, Sequence

from .columns import Column, Row, plain
from .errors import BadUsage
from .names import counted
from .values import show_duration, show_size

_WAYS = {
    "kernel": "within the runtime",
    "storage": "through your storage",
    "http": "from server to server",
}
_WORDS = {"kept": "were there already and were kept", "failed": "failed", "skipped": "skipped"}
_COLOURS = {"copied": "green", "failed": "red", "kept": "yellow", "skipped": "yellow"}


def names(given: Sequence[str]) -> Optional[List[str]]:
    """Of `--names a,b --names c`; None for all. Raises BadUsage."""
    found = [part.strip() for text in given for part in text.split(",")]
    if not all(one.isidentifier() for one in found):
        raise BadUsage("--names: names of variables, as in --names data,model.")
    return found or None


def renames(given: Sequence[str], chosen: Optional[Sequence[str]]) -> Dict[str, str]:
    """Of `--rename old=new`. Raises BadUsage, also for a name that is not among the chosen ones."""
    found: Dict[str, str] = {}
    for one in (part for text in given for part in text.split(",")):
        old, equals, new = (part.strip() for part in one.partition("="))
        if not (equals and old.isidentifier() and new.isidentifier()):
            raise BadUsage(f"--rename: {one!r} is not OLD=NEW.")
        if chosen is not None and old not in chosen:
            raise BadUsage(f"--rename: {old!r} is not among --names.")
        found[old] = new
    return found


def summary(result: Row, *, dry_run: bool) -> str:
    rows: Sequence[Row] = result.get("variables") or []
    count = Counter(plain(row.get("status")) for row in rows)
    done = "would be copied" if dry_run else "copied"
    parts = [f"{counted(count['copied'], 'variable')} {done}"]
    parts += [f"{count[status]} {word}" for status, word in _WORDS.items() if count[status]]
    return f"{', '.join(parts)}: {_how(result)}."


def failed(result: Row) -> bool:
    return any(row.get("status") == "failed" for row in result.get("variables") or [])


def kept(result: Row) -> bool:
    return any(row.get("status") == "kept" for row in result.get("variables") or [])


def _how(result: Row) -> str:
    parts = [show_size(result.get("bytes") or 0), _WAYS.get(plain(result.get("way")), "")]
    seconds = result.get("seconds")
    if seconds:
        parts.append(f"in {show_duration(seconds)}" if seconds >= 1 else "in less than a second")
    return " ".join(part for part in parts if part)


def _other_name(row: Row) -> str:
    other = plain(row.get("as"))
    return other if other != row.get("name") else ""


COLUMNS = (
    Column("name", whole=True),
    Column("as", show=_other_name, whole=True),
    Column("type"),
    Column("bytes", "size", right=True, show=lambda row: show_size(row.get("bytes")), whole=True),
    Column("status", style=lambda row: _COLOURS.get(plain(row.get("status")), ""), whole=True),
    Column("reason"),
)
