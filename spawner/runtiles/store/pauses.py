"""Pauses: the one that is under way of each runtime, or how the last one failed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from .changes import note_change
from .database import Database
from .schema import PAUSES


@dataclass(frozen=True)
class PauseRecord:
    """Times are seconds since the epoch, `done` and `total` bytes. `phase` is one of
    `contract.state.PAUSE_STATES`, or `stopping` when the snapshot is safe and the Hub takes the container
    away. `accepted`: it goes on where something is lost; `interrupt` and `kernels` (ids, None for all) are
    what else was asked for. `thawed`: the runtime was frozen before. `ended` with an `error` is a pause
    that failed; one that succeeded has no row any more."""

    user: str
    server: str
    launch_id: str
    snapshot: str
    actor: str
    started: float
    ended: float | None = None
    phase: str = "waiting"
    message: str = ""
    done: int = 0
    total: int = 0
    error: Mapping[str, Any] | None = None
    accepted: bool = False
    interrupt: bool = False
    kernels: Sequence[str] | None = None
    thawed: bool = False

    @property
    def active(self) -> bool:
        return self.ended is None


class Pauses:
    """A step that changes what people see is in the feed of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        user: str,
        server: str,
        launch_id: str,
        snapshot: str,
        actor: str,
        **asked: Any,
    ) -> bool:
        """False when one is under way already, of this very launch. `asked`: accepted, interrupt, kernels,
        thawed."""
        row = PauseRecord(user, server, launch_id, snapshot, actor, time.time(), **asked)
        where = _runtime(user, server)
        with self._database.write() as connection:
            found = connection.execute(select(PAUSES).where(where)).mappings().first()
            if found and found["ended"] is None and found["launch_id"] == launch_id:
                return False
            connection.execute(delete(PAUSES).where(where))
            connection.execute(PAUSES.insert().values(**vars(row)))
            note_change(connection, user, server)
        return True

    def tell(self, user: str, server: str, launch_id: str, **changes: Any) -> None:
        """Of phase, message, done, total. Fine if there is none of this launch, or a later one's."""
        where = and_(_runtime(user, server), PAUSES.c.launch_id == launch_id)
        with self._database.write() as connection:
            if connection.execute(PAUSES.update().where(where).values(changes)).rowcount:
                note_change(connection, user, server)

    def fail(self, user: str, server: str, launch_id: str, error: Mapping[str, Any]) -> None:
        """`error` is a RuntilesError's dict."""
        self.tell(user, server, launch_id, ended=time.time(), phase="failed", error=dict(error))

    def clear(self, user: str, server: str, launch_id: str) -> None:
        """That of this launch succeeded, or never began. Fine if there is none, or a later one."""
        where = and_(_runtime(user, server), PAUSES.c.launch_id == launch_id)
        with self._database.write() as connection:
            removed = connection.execute(delete(PAUSES).where(where)).rowcount
            if removed:
                note_change(connection, user, server)

    def of_runtime(self, user: str, server: str) -> PauseRecord | None:
        with self._database.read() as connection:
            row = (
                connection.execute(select(PAUSES).where(_runtime(user, server))).mappings().first()
            )
        return PauseRecord(**row) if row else None

    def all(self, user: str | None = None) -> dict[tuple[str, str], PauseRecord]:
        """By user and server, of one user or of everybody."""
        query = select(PAUSES) if user is None else select(PAUSES).where(PAUSES.c.user == user)
        with self._database.read() as connection:
            found = [PauseRecord(**row) for row in connection.execute(query).mappings()]
        return {(each.user, each.server): each for each in found}


def _runtime(user: str, server: str) -> ColumnElement[bool]:
    return and_(PAUSES.c.user == user, PAUSES.c.server == server)
