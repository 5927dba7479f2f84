"""What a command prints: sentences, and listings as a table, JSON or CSV.

Answers go to standard output and remarks to standard error, so that a pipe gets the answer alone.
"""

import csv
import io
import json
import sys
from dataclasses import dataclass
from typing import Any, Callable, List, Mapping, Optional, Sequence, TextIO

from .errors import BadUsage
from .names import listed, meant
from .terminal import clean

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """`show` makes a cell of the whole row, by default of its `key`. `style`: rich's, of that cell."""

    key: str
    title: str = ""
    show: Optional[Callable[[Row], str]] = None
    style: Optional[Callable[[Row], str]] = None
    right: bool = False

    def cell(self, row: Row) -> str:
        text = self.show(row) if self.show else plain(row.get(self.key))
        return clean(text).replace("\n", " ")

    @property
    def head(self) -> str:
        return (self.title or self.key.replace("_", " ")).upper()


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
        _write(_csv(found, columns))
    elif not found:
        note(empty)
    else:
        _table(found, columns)


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


def pairs(found: Mapping[str, str]) -> None:
    """Names and values under each other; what is empty is left out."""
    shown = {name: text for name, text in found.items() if text}
    width = max((len(name) for name in shown), default=0)
    for name, text in shown.items():
        lines = clean(text).splitlines() or [""]
        say(f"{name:<{width}}  {lines[0]}")
        for line in lines[1:]:
            say(f"{'':<{width}}  {line}")


def show_json(value: Any) -> None:
    _write(json.dumps(value, indent=2, ensure_ascii=not _speaks_unicode(sys.stdout)) + "\n")


def say(text: str) -> None:
    _write(f"{text}\n")


def note(text: str) -> None:
    """To standard error: for the person, not for a pipe."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def _table(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    if is_terminal(sys.stdout):
        _rich_table(rows, columns)
        return
    cells = [[column.head for column in columns]]
    cells += [[column.cell(row) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths))
        say("  ".join(padded).rstrip())


def _rich_table(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    from rich.console import Console  # noqa: PLC0415 - a pipe needs none of it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        first = column is columns[0]
        table.add_column(
            column.head, justify="right" if column.right else "left", no_wrap=first, overflow="fold"
        )
    for row in rows:
        styles = [column.style(row) if column.style else "" for column in columns]
        table.add_row(*(Text(c.cell(row), style) for c, style in zip(columns, styles)))
    Console(highlight=False).print(table)


def _csv(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """The columns' keys and what the service said: values, not the words of the table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.key for column in columns])
    for row in rows:
        writer.writerow([_csv_value(row.get(column.key)) for column in columns])
    return text.getvalue()


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


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
