"""The events of launches, in order: any number of readers can replay them from the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, and_, func, select

from runtiles.contract.events import LaunchEvent

from .changes import note_change
from .database import Database, batches
from .schema import EVENTS
from .spans import begin_span, end_spans

#: Output and progress beyond this many events of a launch are dropped: one that prints without end
#: must not fill the disk. The few events that tell the state of the launch are always kept.
MAX_EVENTS = 5000
_DROPPABLE = ("log", "progress")


@dataclass(frozen=True)
class StoredEvent:
    """An event and its place: ids rise over all launches."""

    id: int
    user: str
    server: str
    launch_id: str
    event: LaunchEvent


class EventLog:
    """Ids rise in the order in which events become visible, as long as one process appends."""

    def __init__(self, database: Database, *, limit: int = MAX_EVENTS) -> None:
        self._database = database
        self._limit = limit

    def append(self, user: str, server: str, launch_id: str, event: LaunchEvent) -> int:
        """Returns the new event's id, or 0 when it was dropped (output beyond the limit)."""
        row: dict[str, Any] = {"user": user, "server": server, "launch_id": launch_id}
        row |= {"at": event.time, "kind": event.kind, "payload": event.to_dict()}
        with self._database.write() as connection:
            if event.kind in _DROPPABLE:
                mine = select(func.count()).where(EVENTS.c.launch_id == launch_id)
                if connection.execute(mine).scalar_one() >= self._limit:
                    return 0
            (new_id,) = connection.execute(EVENTS.insert().values(row)).inserted_primary_key or (0,)
            if event.kind not in ("log", "notice"):
                note_change(connection, user, server)
                if event.phase == "queued" and event.kind != "failed":
                    begin_span(connection, launch_id, "queued", event.time)
                else:
                    end_spans(connection, launch_id, "queued", event.time)
            return int(new_id)

    def since(
        self,
        last_id: int,
        *,
        user: str | None = None,
        server: str | None = None,
        launch_id: str | None = None,
        but: Sequence[str] = (),
        limit: int = 1000,
    ) -> list[StoredEvent]:
        """Events with a greater id, in order, at most `limit`; none of the kinds in `but`."""
        query = select(EVENTS).where(EVENTS.c.id > last_id, EVENTS.c.kind.not_in(but))
        wanted: dict[str, Any] = {"user": user, "server": server, "launch_id": launch_id}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(EVENTS.c[name] == value)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(EVENTS.c.id).limit(limit)).mappings()
            return [_stored(row) for row in rows]

    def for_launch(
        self, launch_id: str, last_id: int = 0, *, but: Sequence[str] = ()
    ) -> list[StoredEvent]:
        """All events of one launch after `last_id`, in order; none of the kinds in `but`."""
        return self.since(last_id, launch_id=launch_id, but=but, limit=2 * self._limit)

    def last(self, launch_id: str) -> StoredEvent | None:
        """The newest event of a launch that tells its state (no log line, no notice)."""
        mine = and_(EVENTS.c.launch_id == launch_id, EVENTS.c.kind.not_in(("log", "notice")))
        query = select(EVENTS).where(mine).order_by(EVENTS.c.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
            return _stored(row) if row else None

    def last_of(self, launch_ids: Sequence[str]) -> dict[str, StoredEvent]:
        """What `last` says of each of these launches, by launch; one question for many of them."""
        found: dict[str, StoredEvent] = {}
        with self._database.read() as connection:
            for some in batches(launch_ids):
                wanted = EVENTS.c.launch_id.in_(some)
                telling = and_(wanted, EVENTS.c.kind.not_in(("log", "notice")))
                newest = select(func.max(EVENTS.c.id)).where(telling).group_by(EVENTS.c.launch_id)
                rows = connection.execute(select(EVENTS).where(EVENTS.c.id.in_(newest))).mappings()
                found |= {row["launch_id"]: _stored(row) for row in rows}
        return found

    def last_id(self) -> int:
        """The greatest id so far, 0 when there is none."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.max(EVENTS.c.id))).scalar() or 0)


def _stored(row: RowMapping) -> StoredEvent:
    event = LaunchEvent.from_dict(row["payload"])
    return StoredEvent(row["id"], row["user"], row["server"], row["launch_id"], event)
