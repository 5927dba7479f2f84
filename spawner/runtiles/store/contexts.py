"""Uploaded folders: what is known of each. The archive is a file beside the database."""

import time
from dataclasses import dataclass

from sqlalchemy import and_, delete, select

from runtiles.contract.errors import NotFound

from .database import Database
from .schema import CONTEXTS


@dataclass(frozen=True)
class ContextRecord:
    """`size` in bytes, of the archive; `sha256` in hex; `created` in seconds since the epoch."""

    id: str
    user: str
    created: float
    size: int
    sha256: str


class Contexts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, context_id: str, user: str, *, size: int, sha256: str) -> ContextRecord:
        """Takes the place of the record with this id, if there is one."""
        record = ContextRecord(context_id, user, time.time(), size, sha256)
        with self._database.write() as connection:
            connection.execute(delete(CONTEXTS).where(CONTEXTS.c.id == context_id))
            connection.execute(CONTEXTS.insert().values(**vars(record)))
        return record

    def get(self, user: str, context_id: str) -> ContextRecord:
        """Raises NotFound, also for somebody else's."""
        mine = and_(CONTEXTS.c.id == context_id, CONTEXTS.c.user == user)
        with self._database.read() as connection:
            row = connection.execute(select(CONTEXTS).where(mine)).mappings().first()
        if row is None:
            raise NotFound("There is no such uploaded folder.", hint="Upload it again.")
        return ContextRecord(**row)

    def of_user(self, user: str) -> list[ContextRecord]:
        """Oldest first."""
        query = select(CONTEXTS).where(CONTEXTS.c.user == user).order_by(CONTEXTS.c.created)
        with self._database.read() as connection:
            return [ContextRecord(**row) for row in connection.execute(query).mappings()]

    def ids(self) -> set[str]:
        """Of everybody's."""
        with self._database.read() as connection:
            return set(connection.execute(select(CONTEXTS.c.id)).scalars())

    def delete(self, context_id: str) -> None:
        """Fine if there is none."""
        with self._database.write() as connection:
            connection.execute(delete(CONTEXTS).where(CONTEXTS.c.id == context_id))
