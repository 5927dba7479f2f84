"""Usage summed up. Pure: what ran in, one row per key out."""

import csv
import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass

from runtiles.store import Span, Use

#: How to sum up.
BY = ("user", "team", "tile", "machine")
#: Spreadsheets take a cell that begins like this for a formula.
_NUMBERS = ("hours", "gpu_hours", "cost", "frozen_hours", "queued_hours")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Row:
    """`launches`: how often something ran at some time in the period. Hours are those within it; the
    frozen ones are part of `hours`, and are paid for: they hold the machine. Queued ones cost nothing."""

    key: str
    launches: int = 0
    hours: float = 0.0
    gpu_hours: float = 0.0
    cost: float = 0.0
    frozen_hours: float = 0.0
    queued_hours: float = 0.0

    def add(self, use: Use, hours: float) -> None:
        self.launches += 1
        self.hours += hours
        self.gpu_hours += hours * use.gpus
        self.cost += hours * use.price_per_hour

    def wait(self, span: Span, hours: float) -> None:
        if span.kind == "frozen":
            self.frozen_hours += hours
        else:
            self.queued_hours += hours


def summed(
    uses: Iterable[Use],
    start: float,
    end: float,
    keys: Callable[[Use], Collection[str]],
    waits: Iterable[tuple[Span, Use]] = (),
) -> list[Row]:
    """The costliest first. What has several keys (a user in two teams) counts for each of them."""
    rows: dict[str, Row] = {}
    for use in uses:
        hours = use.seconds_within(start, end) / 3600
        for key in keys(use):
            rows.setdefault(key, Row(key)).add(use, hours)
    for span, use in waits:
        hours = span.seconds_within(start, end) / 3600
        for key in keys(use):
            rows.setdefault(key, Row(key)).wait(span, hours)
    return sorted(rows.values(), key=lambda row: (-row.cost, -row.hours, row.key))


def as_json(rows: Iterable[Row]) -> list[dict[str, object]]:
    """To the second, and a ten-thousandth of the currency."""
    return [{**asdict(row), **{k: round(getattr(row, k), 4) for k in _NUMBERS}} for row in rows]


def as_csv(rows: Iterable[Row], by: str, currency: str) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([by, "launches", *_NUMBERS[:3], "currency", *_NUMBERS[3:]])
    for row in as_json(rows):
        values = [row[name] for name in ("launches", *_NUMBERS[:3])]
        waits = [row[name] for name in _NUMBERS[3:]]
        table.writerow([_cell(str(row["key"])), *values, _cell(currency), *waits])
    return text.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
