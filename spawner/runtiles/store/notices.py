"""What admins tell users about their runtimes."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, select

from runtiles.contract.errors import NotFound

from .changes import note_change
from .database import Database
from .schema import NOTICES


@dataclass(frozen=True)
class Notice:
    """`at` is seconds since the epoch. `about` is what it is the latest word on, empty for nothing."""

    id: int
    user: str
    at: float
    author: str
    text: str
    about: str = ""


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

    def tell(self, user: str, about: str, text: str, *, author: str) -> None:
        """In the place of the last one about the same."""
        row = {"user": user, "at": time.time(), "author": author, "text": text, "about": about}
        with self._database.write() as connection:
            connection.execute(delete(NOTICES).where(_about(user, about)))
            connection.execute(NOTICES.insert().values(row))
            note_change(connection, user, "")

    def retract(self, user: str, about: str) -> None:
        """It is not so any more. Fine if nobody was told."""
        with self._database.write() as connection:
            if connection.execute(delete(NOTICES).where(_about(user, about))).rowcount:
                note_change(connection, user, "")

    def of_user(self, user: str) -> list[Notice]:
        """Oldest first."""
        query = select(NOTICES).where(NOTICES.c.user == user).order_by(NOTICES.c.id)
        with self._database.read() as connection:
            return [Notice(**row) for row in connection.execute(query).mappings()]

    def about(self, prefix: str) -> list[Notice]:
        """Everybody's of which `about` begins so."""
        query = select(NOTICES).where(NOTICES.c.about.startswith(prefix, autoescape=True))
        with self._database.read() as connection:
            return [Notice(**row) for row in connection.execute(query).mappings()]

    def dismiss(self, user: str, notice_id: int) -> None:
        """Raises NotFound, also for somebody else's."""
        mine = and_(NOTICES.c.id == notice_id, NOTICES.c.user == user)
        with self._database.write() as connection:
            if not connection.execute(delete(NOTICES).where(mine)).rowcount:
                raise NotFound("There is no such notice.")
            note_change(connection, user, "")


def _about(user: str, about: str) -> ColumnElement[bool]:
    return and_(NOTICES.c.user == user, NOTICES.c.about == about)
