"""Stretches of a launch that cost, or not, otherwise than running: written with what causes them."""

import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from .database import Database
from .schema import LAUNCHES, SPANS

SpanKind = Literal["queued", "frozen"]


@dataclass(frozen=True)
class Span:
    """Times are seconds since the epoch; `ended` is None while it lasts."""

    launch_id: str
    kind: SpanKind
    user: str
    server: str
    machine: str
    price_per_hour: float
    started: float
    ended: float | None = None

    def seconds_within(self, start: float, end: float) -> float:
        """How much of it lies between these two moments."""
        return max(0.0, min(self.ended or end, end) - max(self.started, start))


class Spans:
    def __init__(self, database: Database) -> None:
        self._database = database

    def within(self, start: float, end: float) -> list[Span]:
        """Everything that lasted at some moment between the two, oldest first."""
        overlaps = and_(SPANS.c.started < end, or_(SPANS.c.ended.is_(None), SPANS.c.ended > start))
        return self._select(overlaps)

    def since(self, moment: float) -> list[Span]:
        """What had not ended by then. Reads no others."""
        return self._select(or_(SPANS.c.ended.is_(None), SPANS.c.ended > moment))

    def lasting(self) -> list[Span]:
        """What has not ended, as far as anybody recorded."""
        return self._select(SPANS.c.ended.is_(None))

    def _select(self, where: ColumnElement[bool]) -> list[Span]:
        names = [SPANS.c[name] for name in Span.__dataclass_fields__]
        query = select(*names).where(where).order_by(SPANS.c.started)
        with self._database.read() as connection:
            return [Span(**row) for row in connection.execute(query).mappings()]


def begin_span(connection: Connection, launch_id: str, kind: SpanKind, at: float) -> None:
    """Part of the transaction that records it. One at a time of each kind; none of a launch that has ended,
    or that nobody knows.

    One that the last of its kind had a part of begins now: a Hub that comes back wakes a frozen runtime,
    and says then that it is frozen since the first time.
    """
    mine = and_(SPANS.c.launch_id == launch_id, SPANS.c.kind == kind)
    latest = select(SPANS.c.ended).where(mine).order_by(SPANS.c.id.desc()).limit(1)
    last = connection.execute(latest).first()
    if last is not None:
        if last.ended is None:
            return
        if at < last.ended:
            at = max(time.time(), last.ended)
    query = select(LAUNCHES).where(LAUNCHES.c.id == launch_id)
    row = connection.execute(query).mappings().first()
    if row is not None and row["ended_at"] is None:
        kept = ("user", "server", "machine", "price_per_hour")
        values = {"launch_id": launch_id, "kind": kind, "started": at}
        connection.execute(SPANS.insert().values(**values, **{name: row[name] for name in kept}))


def end_spans(
    connection: Connection, launch_id: str, kind: SpanKind | None = None, at: float | None = None
) -> None:
    """Those of this kind, or all of them. Fine if there is none."""
    connection.execute(SPANS.update().where(_open(launch_id, kind)).values(ended=at or time.time()))


def _open(launch_id: str, kind: SpanKind | None) -> ColumnElement[bool]:
    open_ = and_(SPANS.c.launch_id == launch_id, SPANS.c.ended.is_(None))
    return open_ if kind is None else and_(open_, SPANS.c.kind == kind)
