"""Sums of usage."""

import csv
import io

import pytest

from runtiles.service.admin.usage.report import as_csv, as_json, summed
from runtiles.store import Span, Use

WAITS = ("frozen_hours", "queued_hours", "running_seconds", "frozen_seconds", "queued_seconds")
WAITED = ("0.0", "0.0", "3600.0", "0.0", "0.0")
HOUR = 3600.0


def use(user: str, started: float, ended: float | None, **fields: object) -> Use:
    plain = {"server": "", "tile": "t", "machine": "m", "gpus": 2, "price_per_hour": 3.0}
    more = {**plain, **fields}
    return Use(f"{user}{started}", user, started=started, ended=ended, **more)  # type: ignore[arg-type]


USES = [
    use("ada", 0.0, 2 * HOUR),
    use("ada", 3 * HOUR, None, gpus=0, price_per_hour=0.0),
    use("bob", 1 * HOUR, 1.5 * HOUR),
]


def test_only_what_lies_in_the_period_counts() -> None:
    rows = summed(USES, HOUR, 4 * HOUR, lambda use: (use.user,))
    assert [(row.key, row.launches) for row in rows] == [("ada", 2), ("bob", 1)]
    ada, bob = rows
    assert (ada.running, ada.gpu_seconds, ada.cost) == pytest.approx((2 * HOUR, 2 * HOUR, 3.0))
    assert (bob.running, bob.gpu_seconds, bob.cost) == pytest.approx((HOUR / 2, HOUR, 1.5))


def test_what_has_several_keys_counts_for_each() -> None:
    teams = {"ada": ("red", "blue"), "bob": ()}
    rows = summed(USES, 0.0, 4 * HOUR, lambda use: teams[use.user] or ("",))
    assert {row.key: row.launches for row in rows} == {"red": 2, "blue": 2, "": 1}


def test_a_table_for_spreadsheets_runs_nothing() -> None:
    rows = summed([use('=cmd|"x"!A0', 0.0, HOUR)], 0.0, HOUR, lambda use: (use.user,))
    assert as_json(rows)[0]["key"] == '=cmd|"x"!A0'
    table = list(csv.reader(io.StringIO(as_csv(rows, "user", "€"))))
    assert table[0] == ["user", "launches", "hours", "gpu_hours", "cost", "currency", *WAITS]
    assert table[1] == ['\'=cmd|"x"!A0', "1", "1.0", "2.0", "3.0", "€", *WAITED]


def test_seconds_are_exact_and_cost_what_the_machine_costs() -> None:
    """A hundredth of a second is no hour's ten-thousandth."""
    one = use("ada", 100.0, 100.11, price_per_hour=36.0)
    span = Span("x", "frozen", "ada", "", "m", 36.0, 100.02, 100.05)
    line = Span("y", "queued", "ada", "", "m", 36.0, 90.0, 90.123)
    (row,) = as_json(summed([one], 0.0, 200.0, lambda use: (use.user,), [(span, one), (line, one)]))
    assert (row["running_seconds"], row["frozen_seconds"], row["queued_seconds"]) == (
        *(0.11, 0.03),
        0.123,
    )
    assert row["cost"] == 0.0011
