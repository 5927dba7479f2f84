"""Listings: as a table for people, as JSON or CSV for programs."""

import csv
import io
import sys
from dataclasses import dataclass
from typing import Any, List, Sequence

from .columns import Column, Row, plain
from .errors import BadUsage
from .names import listed, meant
from .output import is_terminal, note, say, show_json, write
from .terminal import clean

#: A column that must give way keeps as many characters.
_LEAST = 12
_GAP = "  "
#: Spreadsheets take a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Format:
    """How a listing was asked for."""

    json: bool = False
    csv: bool = False
    sort: str = ""


def listing(rows: Sequence[Row], columns: Sequence[Column], how: Format, empty: str) -> None:
    """Prints the rows. `empty` is what a person is told when there are none."""
    if how.json and how.csv:
        raise BadUsage("--json and --csv exclude each other.")
    found = ordered(rows, columns, how.sort)
    if how.json:
        show_json(found)
    elif how.csv:
        write(_csv(found, columns))
    elif not found:
        note(empty)
    else:
        draw = _drawn if is_terminal(sys.stdout) else _aligned
        draw(found, columns)


def ordered(rows: Sequence[Row], columns: Sequence[Column], sort: str) -> List[Row]:
    """By the key `sort`, downwards with `-` before it; what is not known comes last. Raises BadUsage."""
    key = sort.lstrip("-")
    if not key:
        return list(rows)
    known = sorted({name for row in rows for name in row} | {column.key for column in columns})
    if key not in known:
        raise BadUsage(
            f"Nothing to sort by is called {key!r}.{meant(key, known)}", hint=listed(known)
        )
    there = [row for row in rows if row.get(key) is not None]
    there.sort(key=lambda row: _comparable(row[key]), reverse=sort.startswith("-"))
    return there + [row for row in rows if row.get(key) is None]


def _aligned(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    cells = [[column.head for column in columns]]
    cells += [[column.cell(row) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths))
        say(_GAP.join(padded).rstrip())


def _drawn(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """For a terminal: no wider than it is, without columns that are empty."""
    from rich.cells import cell_len  # noqa: PLC0415 - a pipe needs none of it
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    shown = [column for column in columns if any(column.cell(row) for row in rows)]
    lines = [[Text(column.head, "bold") for column in shown]]
    lines += [
        [Text(column.cell(row), column.style(row) if column.style else "") for column in shown]
        for row in rows
    ]
    longest = [max(cell_len(line[n].plain) for line in lines) for n in range(len(shown))]
    gaps = len(_GAP) * (len(shown) - 1)
    widths = fitted(longest, [column.whole for column in shown], console.width - gaps)
    for line in lines:
        for column, text, width in zip(shown, line, widths):
            text.truncate(width, overflow="ellipsis")
            text.align("right" if column.right else "left", width)
        console.print(Text(_GAP).join(line), no_wrap=True, overflow="crop")


def fitted(widths: Sequence[int], whole: Sequence[bool], room: int) -> List[int]:
    """Widths that fit into the room, as far as they can: the widest column gives way first, none that
    must stay whole, and none below a few characters."""
    found = list(widths)
    while sum(found) > room:
        yielding = [n for n, keep in enumerate(whole) if not keep and found[n] > _LEAST]
        if not yielding:
            break
        found[max(yielding, key=lambda n: found[n])] -= 1
    return found


def _csv(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """The columns' keys and what the service said: values, not the words of the table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.key for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(row.get(column.key)) for column in columns])
    return text.getvalue()


def _csv_cell(value: Any) -> str:
    """Somebody's title must neither command a terminal nor be a formula in a spreadsheet."""
    text = clean(_csv_value(value))
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, (int, float)) else text


def _csv_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return " ".join(plain(part) for part in value)
    return plain(value)


def _comparable(value: Any) -> Any:
    """Numbers among numbers, everything else as text without regard to case."""
    if isinstance(value, (int, float)):
        return (0, value, "")
    return (1, 0, plain(value).lower())
