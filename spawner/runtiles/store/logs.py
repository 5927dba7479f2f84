"""The last output of containers that are gone."""

import time

from sqlalchemy import and_, delete, select

from .database import Database
from .schema import LAUNCHES, LOGS

#: What is kept of one log, counted from its end, in characters.
MAX_LOG = 256 * 1024
_CUT = "[... earlier output was cut off ...]\n"


class Logs:
    def __init__(self, database: Database, *, limit: int = MAX_LOG) -> None:
        self._database = database
        self._limit = limit

    def save(
        self, user: str, server: str, launch_id: str, text: str, *, phase: str = "server"
    ) -> None:
        """Keeps the end of `text` in place of what was kept for this launch and phase before."""
        # PostgreSQL refuses NUL in text; a container may print anything.
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if len(text) > self._limit:
            text = _CUT + text[-self._limit :]
        row = {"launch_id": launch_id, "phase": phase, "user": user, "server": server}
        with self._database.write() as connection:
            same = and_(LOGS.c.launch_id == launch_id, LOGS.c.phase == phase)
            connection.execute(delete(LOGS).where(same))
            connection.execute(LOGS.insert().values(**row, at=time.time(), text=text))

    def get(
        self, user: str, server: str, *, launch_id: str | None = None, tail: int | None = None
    ) -> str:
        """The last `tail` lines kept of a launch (without `launch_id`: of the newest one).

        Empty when there is none.
        """
        query = select(LOGS.c.text).where(and_(LOGS.c.user == user, LOGS.c.server == server))
        if launch_id is None:
            mine = and_(LAUNCHES.c.user == user, LAUNCHES.c.server == server)
            newest = select(LAUNCHES.c.id).where(mine).order_by(LAUNCHES.c.number.desc()).limit(1)
            query = query.where(LOGS.c.launch_id == newest.scalar_subquery())
        else:
            query = query.where(LOGS.c.launch_id == launch_id)
        with self._database.read() as connection:
            text = "".join(connection.execute(query.order_by(LOGS.c.at)).scalars())
        return tail_lines(text, tail)


def tail_lines(text: str, tail: int | None) -> str:
    """The last `tail` lines, line ends kept; all of them for None."""
    if tail is None:
        return text
    return "".join(text.splitlines(keepends=True)[-tail:]) if tail > 0 else ""
