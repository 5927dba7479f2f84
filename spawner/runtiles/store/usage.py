"""Who used what for how long: one row per time that a runtime ran, kept after it is forgotten."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from .database import Database, batches
from .schema import SPANS, USAGE
from .spans import end_spans
from .sums import UsageSum, add_up


@dataclass(frozen=True)
class Use:
    """Times are seconds since the epoch; `ended` is None while it runs. `gpus` is their number."""

    launch_id: str
    user: str
    server: str
    tile: str
    machine: str
    gpus: int
    price_per_hour: float
    started: float
    ended: float | None = None

    def seconds_within(self, start: float, end: float) -> float:
        """How much of it lies between these two moments."""
        return max(0.0, min(self.ended or end, end) - max(self.started, start))


class Usage:
    def __init__(self, database: Database) -> None:
        self._database = database

    def within(self, start: float, end: float) -> list[Use]:
        """Everything that ran at some moment between the two, oldest first."""
        overlaps = and_(USAGE.c.started < end, or_(USAGE.c.ended.is_(None), USAGE.c.ended > start))
        return self._select(overlaps)

    def running(self) -> list[Use]:
        """What has not ended, as far as anybody recorded."""
        return self._select(USAGE.c.ended.is_(None))

    def since(self, moment: float) -> list[Use]:
        """What had not ended by then. Reads no others."""
        return self._select(or_(USAGE.c.ended.is_(None), USAGE.c.ended > moment))

    def of(self, launch_ids: Iterable[str]) -> dict[str, Use]:
        """Of these launches those that ran, by launch."""
        wanted = sorted(set(launch_ids))
        found: dict[str, Use] = {}
        with self._database.read() as connection:
            for some in batches(wanted):
                query = select(USAGE).where(USAGE.c.launch_id.in_(some))
                rows = connection.execute(query).mappings()
                found |= {row["launch_id"]: Use(**row) for row in rows}
        return found

    def sums(self, until: float) -> list[UsageSum]:
        """Of all that had ended by then. Reads all of it."""
        with self._database.read() as connection:
            return add_up(connection, until)

    def end(self, launch_id: str, at: float | None = None) -> None:
        """Closes the row of a runtime whose end nobody recorded; one that is closed stays as it is."""
        with self._database.write() as connection:
            end_use(connection, launch_id, at)

    def _select(self, where: ColumnElement[bool]) -> list[Use]:
        query = select(USAGE).where(where).order_by(USAGE.c.started)
        with self._database.read() as connection:
            return [Use(**row) for row in connection.execute(query).mappings()]


def begin_use(connection: Connection, use: Use) -> None:
    """Part of the transaction that records the launch as running. Once per launch."""
    known = select(USAGE.c.launch_id).where(USAGE.c.launch_id == use.launch_id)
    if connection.execute(known).first() is None:
        connection.execute(USAGE.insert().values(**vars(use)))


def end_use(connection: Connection, launch_id: str, at: float | None = None) -> None:
    """From then on it costs nothing, and waits for nothing. Fine if it has ended."""
    at = at or time.time()
    open_row = and_(USAGE.c.launch_id == launch_id, USAGE.c.ended.is_(None))
    connection.execute(USAGE.update().where(open_row).values(ended=at))
    end_spans(connection, launch_id, at=at)


def end_uses_of(connection: Connection, user: str, server: str, at: float) -> None:
    """The same of all launches of a runtime, remembered ones or not."""
    for table in (USAGE, SPANS):
        mine = and_(table.c.user == user, table.c.server == server, table.c.ended.is_(None))
        connection.execute(table.update().where(mine).values(ended=at))
