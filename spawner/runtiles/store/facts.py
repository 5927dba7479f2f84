"""Facts: small values that the Hub publishes for the service, such as which GPUs are free.

Each fact has one writer and is replaced as a whole. A reader sees the last one, however old: `at`
says when it was true.
"""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from .database import Database
from .schema import FACTS

#: That somebody sees to the ends of runtimes, said anew every minute.
IDLE_WATCHED = "idle.watched"


@dataclass(frozen=True)
class Fact:
    """`at` is seconds since the epoch."""

    value: Any
    at: float


class Facts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(self, name: str, value: Any) -> None:
        """Replaces the fact; `value` is JSON-able."""
        with self._database.write() as connection:
            connection.execute(delete(FACTS).where(FACTS.c.name == name))
            connection.execute(FACTS.insert().values(name=name, at=time.time(), value=value))

    def read(self, name: str) -> Fact | None:
        with self._database.read() as connection:
            row = connection.execute(select(FACTS).where(FACTS.c.name == name)).first()
            return Fact(row.value, row.at) if row else None
