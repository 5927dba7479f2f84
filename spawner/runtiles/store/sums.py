"""All that was used and has ended, added up by the database: one row for each user, machine and state."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from .schema import SPANS, USAGE

SumState = Literal["running", "queued", "frozen"]


@dataclass(frozen=True)
class UsageSum:
    """`seconds` in this state. Frozen ones are running ones, too: what they cost is said there."""

    user: str
    machine: str
    state: SumState
    seconds: float
    gpu_seconds: float = 0.0
    cost: float = 0.0


def add_up(connection: Connection, until: float) -> list[UsageSum]:
    """Of what had ended by then."""
    lasted, price = _lasted(USAGE), USAGE.c.price_per_hour / 3600.0
    found = [func.sum(lasted), func.sum(lasted * USAGE.c.gpus), func.sum(lasted * price)]
    who = (USAGE.c.user, USAGE.c.machine)
    query = select(*who, *found).where(USAGE.c.ended <= until).group_by(*who)
    sums = [
        UsageSum(user, machine, "running", seconds, gpu_seconds, cost)
        for user, machine, seconds, gpu_seconds, cost in connection.execute(query)
    ]
    whose = (SPANS.c.user, SPANS.c.machine, SPANS.c.kind)
    waits = select(*whose, func.sum(_lasted(SPANS))).where(SPANS.c.ended <= until).group_by(*whose)
    return sums + [UsageSum(*row) for row in connection.execute(waits)]


def _lasted(table: Table) -> ColumnElement[float]:
    """Not less than nothing: a clock may have been set back."""
    seconds = table.c.ended - table.c.started
    return case((seconds > 0, seconds), else_=0.0)
