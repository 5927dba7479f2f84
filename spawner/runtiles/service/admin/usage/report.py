"""Usage summed up. Pure: what ran in, one row per key out."""

import csv
import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from runtiles.store import Span, Use

#: How to sum up.
BY = ("user", "team", "tile", "machine", "runtime")
#: Spreadsheets take a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    *("launches", "hours", "gpu_hours", "cost", "currency", "frozen_hours", "queued_hours"),
    *("running_seconds", "frozen_seconds", "queued_seconds"),
)


@dataclass
class Row:
    """`launches`: how often something ran at some time in the period. Seconds are those within it; the
    frozen ones are part of the running ones, and are paid for: they hold the machine. Queued ones cost
    nothing."""

    key: str
    launches: int = 0
    running: float = 0.0
    gpu_seconds: float = 0.0
    cost: float = 0.0
    frozen: float = 0.0
    queued: float = 0.0

    def add(self, use: Use, seconds: float) -> None:
        self.launches += 1
        self.running += seconds
        self.gpu_seconds += seconds * use.gpus
        self.cost += seconds * use.price_per_hour / 3600

    def wait(self, span: Span, seconds: float) -> None:
        if span.kind == "frozen":
            self.frozen += seconds
        else:
            self.queued += seconds


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
        seconds = use.seconds_within(start, end)
        for key in keys(use):
            rows.setdefault(key, Row(key)).add(use, seconds)
    for span, use in waits:
        seconds = span.seconds_within(start, end)
        for key in keys(use):
            rows.setdefault(key, Row(key)).wait(span, seconds)
    return sorted(rows.values(), key=lambda row: (-row.cost, -row.running, row.key))


def as_json(rows: Iterable[Row]) -> list[dict[str, object]]:
    """Seconds to the thousandth and the cost to the millionth; hours are for people."""
    return [
        {
            "key": row.key,
            "launches": row.launches,
            "hours": _hours(row.running),
            "gpu_hours": _hours(row.gpu_seconds),
            "cost": round(row.cost, 6),
            "frozen_hours": _hours(row.frozen),
            "queued_hours": _hours(row.queued),
            "running_seconds": round(row.running, 3),
            "frozen_seconds": round(row.frozen, 3),
            "queued_seconds": round(row.queued, 3),
        }
        for row in rows
    ]


def as_csv(rows: Iterable[Row], by: str, currency: str) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([by, *_COLUMNS])
    for row in as_json(rows):
        values = {**row, "currency": _cell(currency)}
        table.writerow([_cell(str(row["key"])), *(values[name] for name in _COLUMNS)])
    return text.getvalue()


def _hours(seconds: float) -> float:
    return round(seconds / 3600, 4)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
