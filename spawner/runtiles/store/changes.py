"""Which runtimes changed: the one feed that all open pages are fed from."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from .database import Database
from .schema import CHANGES

#: Nobody looks further back than this: a page that was away loads the list again.
_KEPT = 10_000


@dataclass(frozen=True)
class Change:
    """`id` rises with time. `server` is the Hub's name: the unnamed one is ""."""

    id: int
    user: str
    server: str
    at: float


class Changes:
    """Ids rise in the order of commits, on SQLite and PostgreSQL. On other databases two processes may
    commit out of order: read a little before the last id and drop what you have seen."""

    def __init__(self, database: Database, *, keep: int = _KEPT) -> None:
        self._database = database
        self._keep = keep

    def note(self, user: str, server: str) -> None:
        with self._database.write() as connection:
            note_change(connection, user, server, keep=self._keep)

    def since(self, last_id: int, *, limit: int = 1000) -> list[Change]:
        """Changes with a greater id, in order."""
        query = select(CHANGES).where(CHANGES.c.id > last_id).order_by(CHANGES.c.id).limit(limit)
        with self._database.read() as connection:
            return [Change(**row) for row in connection.execute(query).mappings()]

    def last_id(self) -> int:
        """The greatest id so far, 0 when there is none."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.max(CHANGES.c.id))).scalar() or 0)


def note_change(connection: Connection, user: str, server: str, *, keep: int = _KEPT) -> None:
    """Part of the transaction that changes the runtime: both are seen, or neither."""
    row = {"user": user, "server": server, "at": time.time()}
    (new_id,) = connection.execute(CHANGES.insert().values(row)).inserted_primary_key or (0,)
    if new_id % 100 == 0:
        connection.execute(delete(CHANGES).where(CHANGES.c.id <= new_id - keep))
