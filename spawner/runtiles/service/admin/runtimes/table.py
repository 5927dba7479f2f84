"""Rows found and sorted. Pure: all rows and a question in, one page of them out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


def _text(key: str) -> Callable[[Row], Any]:
    def value(row: Row) -> str | None:
        text = row[key]
        return text.casefold() if isinstance(text, str) else None

    return value


def _use(kind: str) -> Callable[[Row], Any]:
    return lambda row: row["use"][kind]


#: What rows can be sorted by. None sorts last, whichever way.
SORT: Mapping[str, Callable[[Row], Any]] = {
    **{key: _text(key) for key in ("name", "user", "tile", "machine")},
    "state": lambda row: row["state"],
    "started_at": lambda row: row["started_at"],
    "expires_at": lambda row: row["expires_at"],
    "cost": lambda row: row["cost"]["so_far"],
    "cpu": _use("cpu"),
    "memory": _use("memory"),
}
#: Sorting by these needs what the engine says of every container.
OF_ENGINE = frozenset({"cpu", "memory"})
_SEARCHED = ("user", "name", "title", "description", "tile", "machine", "image")


@dataclass(frozen=True)
class Question:
    """Empty means any. `search` is words that all occur somewhere in a row."""

    states: frozenset[str] = frozenset()
    user: str = ""
    tile: str = ""
    machine: str = ""
    search: tuple[str, ...] = ()
    sort: str = "started_at"
    descending: bool = True
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True)
class Page:
    """`total` rows fit; `counts` says how many of them are in each state, had no state been asked for."""

    total: int
    counts: Mapping[str, int]
    rows: Sequence[Row] = field(default_factory=list)


def answer(rows: Sequence[Row], asked: Question) -> Page:
    fitting = [row for row in rows if _fits(row, asked)]
    counts = Counter(row["state"] for row in fitting)
    chosen = [row for row in fitting if not asked.states or row["state"] in asked.states]
    ordered = ordered_by(chosen, asked.sort, descending=asked.descending)
    return Page(len(chosen), dict(counts), ordered[asked.offset : asked.offset + asked.limit])


def ordered_by(rows: Sequence[Row], sort: str, *, descending: bool) -> list[Row]:
    """Equal ones are in the order of user and name, so that pages never overlap."""
    value = SORT[sort]
    first = sorted(rows, key=lambda row: (row["user"], row["name"]))
    known = [row for row in first if value(row) is not None]
    unknown = [row for row in first if value(row) is None]
    return sorted(known, key=value, reverse=descending) + unknown


def _fits(row: Row, asked: Question) -> bool:
    exact = (("user", asked.user), ("tile", asked.tile), ("machine", asked.machine))
    if any(wanted and row[key] != wanted for key, wanted in exact):
        return False
    if not asked.search:
        return True
    text = "\n".join(str(row.get(key) or "") for key in _SEARCHED).casefold()
    return all(word in text for word in asked.search)
