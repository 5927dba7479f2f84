"""What people call their runtimes: the name itself is part of addresses and cannot change."""

from collections.abc import Mapping

from sqlalchemy import and_, delete, select

from .changes import note_change
from .database import Database
from .schema import TITLES


class Titles:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, user: str, server: str, title: str) -> None:
        """An empty title forgets the one there was."""
        mine = and_(TITLES.c.user == user, TITLES.c.server == server)
        with self._database.write() as connection:
            connection.execute(delete(TITLES).where(mine))
            if title:
                connection.execute(TITLES.insert().values(user=user, server=server, title=title))
            note_change(connection, user, server)

    def all(self, user: str | None = None) -> Mapping[tuple[str, str], str]:
        """(user, server) -> title, of one user or of everybody."""
        query = select(TITLES)
        if user is not None:
            query = query.where(TITLES.c.user == user)
        with self._database.read() as connection:
            return {(row.user, row.server): row.title for row in connection.execute(query)}
