"""A drain: launches are refused, what ran is put aside, and afterwards it can all come back."""

import time
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import and_, delete, select

from runtiles.contract.errors import ServiceUnavailable

from .database import Database
from .facts import Facts
from .schema import DRAINED

#: open = launches are accepted; draining = runtimes are being put aside; drained = done; resuming =
#: they are being started again.
DrainState = Literal["open", "draining", "drained", "resuming"]
#: waiting = not yet touched; paused, stopped = put aside; failed = still as it was; resumed = back.
Outcome = Literal["waiting", "paused", "stopped", "failed", "resumed"]
_FACT = "drain"


@dataclass(frozen=True)
class Drain:
    """`message` is what users read when a launch is refused. `since`: seconds since the epoch."""

    state: DrainState = "open"
    since: float = 0.0
    by: str = ""
    message: str = ""
    action: Literal["pause", "stop"] = "stop"

    @property
    def closed(self) -> bool:
        """Are launches refused?"""
        return self.state in ("draining", "drained")

    @property
    def refusal(self) -> str:
        """What a person is told whose launch is refused; `""` when launches are accepted."""
        return (self.message or "This site accepts no launches at present.") if self.closed else ""


@dataclass(frozen=True)
class Drained:
    user: str
    server: str
    outcome: Outcome
    message: str = ""
    at: float = 0.0


class Drains:
    """One drain at a time; it survives the end of every process, and of the host."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._database = database
        self._facts = facts

    def current(self) -> Drain:
        fact = self._facts.read(_FACT)
        return Drain(**fact.value) if fact else Drain()

    def check_open(self) -> None:
        """Raises ServiceUnavailable, with the drain's message, while launches are refused."""
        drain = self.current()
        if drain.closed:
            raise ServiceUnavailable(
                drain.refusal,
                hint="Launches are paused by the admins of this site; try again later.",
                details={"drain": drain.state},
            )

    def set(self, drain: Drain) -> None:
        self._facts.publish(_FACT, asdict(drain))

    def put(self, user: str, server: str, outcome: Outcome, message: str = "") -> None:
        """Replaces what was known of this runtime."""
        mine = and_(DRAINED.c.user == user, DRAINED.c.server == server)
        row = asdict(Drained(user, server, outcome, message, time.time()))
        with self._database.write() as connection:
            connection.execute(delete(DRAINED).where(mine))
            connection.execute(DRAINED.insert().values(row))

    def runtimes(self) -> list[Drained]:
        query = select(DRAINED).order_by(DRAINED.c.user, DRAINED.c.server)
        with self._database.read() as connection:
            return [Drained(**row) for row in connection.execute(query).mappings()]

    def clear(self) -> None:
        """Forgets the runtimes of the last drain."""
        with self._database.write() as connection:
            connection.execute(delete(DRAINED))
