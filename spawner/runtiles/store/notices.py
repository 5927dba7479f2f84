"""What admins tell users about their runtimes."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, delete, select

from runtiles.contract.errors import NotFound

from .changes import note_change
from .database import Database
from .schema import NOTICES


@dataclass(frozen=True)
class Notice:
    """`at` is seconds since the epoch."""

    id: int
    user: str
    at: float
    author: str
    text: str


class Notices:
    """What is sent or dismissed is a change of the user: open pages show it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, users: Iterable[str], text: str, *, author: str) -> None:
        """One notice for each user, once."""
        at = time.time()
        rows = [{"user": u, "at": at, "author": author, "text": text} for u in sorted(set(users))]
        if rows:
            with self._database.write() as connection:
                connection.execute(NOTICES.insert(), rows)
                for row in rows:
                    note_change(connection, str(row["user"]), "")

    def of_user(self, user: str) -> list[Notice]:
        """Oldest first."""
        query = select(NOTICES).where(NOTICES.c.user == user).order_by(NOTICES.c.id)
        with self._database.read() as connection:
            return [Notice(**row) for row in connection.execute(query).mappings()]

    def dismiss(self, user: str, notice_id: int) -> None:
        """Raises NotFound, also for somebody else's."""
        mine = and_(NOTICES.c.id == notice_id, NOTICES.c.user == user)
        with self._database.write() as connection:
            if not connection.execute(delete(NOTICES).where(mine)).rowcount:
                raise NotFound("There is no such notice.")
            note_change(connection, user, "")
