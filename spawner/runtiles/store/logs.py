"""The last output of launches and of containers that are gone: by phase, each line with its time."""

import re
import time
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, and_, delete, select

from runtiles.values.loglines import LOG_PHASES, LogLine, clean

from .database import Database
from .schema import LOGS

#: What is kept of one phase, counted from its end, in characters.
MAX_LOG = 256 * 1024
CUT = "[... earlier output was cut off ...]"
_STAMPED = re.compile(r"(\d+\.\d{6}) (.*)", re.DOTALL)


class Logs:
    """At most `limit` characters of each of the four phases of a log (`LOG_PHASES`), for each launch."""

    def __init__(self, database: Database, *, limit: int = MAX_LOG) -> None:
        self._database = database
        self._limit = limit

    def save(
        self,
        user: str,
        server: str,
        launch_id: str,
        lines: Iterable[LogLine],
        *,
        spare: Collection[str] = (),
    ) -> None:
        """Keeps the ends of the phases that these lines are of, in place of what was kept of them.

        A phase in `spare` stays as it is where something was kept before.
        """
        by_phase: dict[str, list[LogLine]] = {}
        for line in lines:
            by_phase.setdefault(line.phase, []).append(line)
        own = {"launch_id": launch_id, "user": user, "server": server, "at": time.time()}
        texts = {phase: self._text(found) for phase, found in by_phase.items()}
        with self._database.write() as connection:
            for phase, text in texts.items():
                if phase in spare and _is_kept(connection, launch_id, phase):
                    continue
                same = and_(LOGS.c.launch_id == launch_id, LOGS.c.phase == phase)
                connection.execute(delete(LOGS).where(same))
                connection.execute(LOGS.insert().values(**own, phase=phase, text=text))

    def of_launch(self, launch_id: str) -> Mapping[str, list[LogLine]]:
        """The lines that are kept, by phase, in the order of the phases."""
        query = select(LOGS.c.phase, LOGS.c.at, LOGS.c.text).where(LOGS.c.launch_id == launch_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        ordered = sorted(rows, key=lambda row: LOG_PHASES.index(row.phase))
        return {row.phase: _lines(row.text, row.phase, row.at) for row in ordered}

    def _text(self, lines: list[LogLine]) -> str:
        kept, left = list[str](), self._limit
        for line in reversed(lines):
            text = f"{line.at:.6f} {clean(line.text)}\n"
            if len(text) > left:
                kept.append(f"{line.at:.6f} {CUT}\n")
                break
            left -= len(text)
            kept.append(text)
        return "".join(reversed(kept))


def _is_kept(connection: Connection, launch_id: str, phase: str) -> bool:
    same = and_(LOGS.c.launch_id == launch_id, LOGS.c.phase == phase)
    return connection.execute(select(LOGS.c.phase).where(same)).first() is not None


def _lines(text: str, phase: str, saved: float) -> list[LogLine]:
    """The first Runtiles kept no times: its lines are as old as their log."""
    matches = [(line, _STAMPED.fullmatch(line)) for line in text.removesuffix("\n").split("\n")]
    return [
        LogLine(float(match[1]), match[2], phase) if match else LogLine(saved, line, phase)
        for line, match in matches
    ]
