"""The audit log: who did what to whom, and never a credential."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from .database import Database
from .schema import AUDIT


@dataclass(frozen=True)
class AuditEntry:
    """`at` is seconds since the epoch; `target` such as `runtime:ada/lab` or `tile:python`."""

    id: int
    at: float
    actor: str
    action: str
    target: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """What an entry will say; `details` is JSON-able and holds no secret."""

    action: str
    target: str
    details: Mapping[str, Any] = field(default_factory=dict)


def write_down(connection: Connection, actor: str, deed: Deed) -> None:
    """In the transaction of what was done: a crash leaves both or neither."""
    row = {"at": time.time(), "actor": actor, **asdict(deed)}
    connection.execute(AUDIT.insert().values(**row))


class Audit:
    """Rows are only ever added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, actor: str, action: str, target: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """`details` is JSON-able and holds no secret."""
        with self._database.write() as connection:
            write_down(connection, actor, Deed(action, target, details or {}))

    def page(
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        actor: str | None = None,
        action: str | None = None,
        target: str | None = None,
    ) -> tuple[int, list[AuditEntry]]:
        """How many entries fit, and `limit` of them from `offset`, newest first.

        `target` matches any part of the target, the others match as a whole.
        """
        where: ColumnElement[bool] = true()
        if actor:
            where &= AUDIT.c.actor == actor
        if action:
            where &= AUDIT.c.action == action
        if target:
            where &= AUDIT.c.target.contains(target, autoescape=True)
        query = select(AUDIT).where(where).order_by(AUDIT.c.id.desc()).offset(offset).limit(limit)
        with self._database.read() as connection:
            count = select(func.count()).select_from(AUDIT).where(where)
            total = int(connection.execute(count).scalar_one())
            return total, [AuditEntry(**row) for row in connection.execute(query).mappings()]
