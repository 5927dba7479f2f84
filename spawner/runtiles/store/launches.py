"""Launches: what was asked for, what became of it. The newest one describes the runtime."""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from runtiles.contract.errors import NotFound

from .changes import note_change
from .database import Database
from .launch_record import LaunchRecord, hash_of, record_of, row_of
from .schema import EVENTS, LAUNCHES, LOGS, PAUSES, SNAPSHOTS, TITLES
from .spans import begin_span, end_spans
from .usage import Use, begin_use, end_use, end_uses_of

#: Columns that may change after a launch was recorded.
_MUTABLE = frozenset(
    {"tile", "machine", "image", "image_digest", "container_id", "gpus", "state", "started_at"}
    | {"ended_at", "error", "notices", "spec", "address", "storage", "snapshot", "frozen_at"}
    | {"expires_at", "held_until"}
)


class Launches:
    """Keeps the last `keep` launches of each runtime, with their events and logs."""

    def __init__(self, database: Database, *, keep: int = 5) -> None:
        self._database = database
        self._keep = keep

    def record(
        self,
        user: str,
        server: str,
        launch_id: str,
        *,
        options: Mapping[str, Any],
        spec: Mapping[str, Any],
        tile: str = "",
        machine: str = "",
        image: str = "",
        state: str = "starting",
        token: str = "",
        price_per_hour: float = 0.0,
        teams: tuple[str, ...] = (),
    ) -> LaunchRecord:
        """A new launch; prunes old ones of the same runtime, which have ended by now, whoever failed to say
        so. Call it after validation only: `last_options` answers what was recorded here.

        `token` is the server's own: only its hash is kept, and then nothing but this token is given
        the LaunchSpec.
        """
        launch = LaunchRecord(
            id=launch_id,
            user=user,
            server=server,
            created=time.time(),
            tile=tile,
            machine=machine,
            image=image,
            options=dict(options),
            spec=dict(spec),
            state=state,
            token_hash=hash_of(token) if token else "",
            price_per_hour=price_per_hour,
            teams=teams,
        )
        with self._database.write() as connection:
            end_uses_of(connection, user, server, launch.created)
            connection.execute(LAUNCHES.insert().values(row_of(launch)))
            self._prune(connection, user, server)
            note_change(connection, user, server)
        return launch

    def update(self, launch_id: str, **changes: Any) -> None:
        """Changes columns such as image_digest, container_id, gpus, state, started_at.

        A launch that was forgotten meanwhile is not an error. Raises TypeError for other columns.
        """
        if unknown := changes.keys() - _MUTABLE:
            raise TypeError(f"not a column that may change: {', '.join(sorted(unknown))}")
        values = {k: list(v) if isinstance(v, tuple) else v for k, v in changes.items()}
        with self._database.write() as connection:
            connection.execute(LAUNCHES.update().where(LAUNCHES.c.id == launch_id).values(values))
            if "frozen_at" in changes:
                ended = changes.get("ended_at")
                _stand_still(connection, launch_id, changes["frozen_at"], ended)
            self._follow(connection, launch_id)

    def finish(
        self,
        launch_id: str,
        state: str,
        *,
        error: Mapping[str, Any] | None = None,
        at: float | None = None,
    ) -> None:
        """The runtime of this launch is gone since `at`, or now; `state` is `stopped` or `failed`.

        One that failed to resume waits for its snapshot as before.
        """
        now = time.time()
        changes: dict[str, Any] = {"state": state, "ended_at": min(at or now, now), "error": error}
        if state == "failed" and (snapshot := self._resumed_from(launch_id)):
            changes["snapshot"] = snapshot
        self.update(launch_id, frozen_at=None, **changes)

    def get(self, launch_id: str) -> LaunchRecord:
        """Raises NotFound."""
        found = self._select(LAUNCHES.c.id == launch_id, limit=1)
        if not found:
            raise NotFound("There is no such launch.")
        return found[0]

    def of_runtime(self, user: str, server: str) -> list[LaunchRecord]:
        """All kept launches of one runtime, newest first."""
        return self._select(_runtime(user, server))

    def latest(self, user: str, server: str) -> LaunchRecord | None:
        found = self._select(_runtime(user, server), limit=1)
        return found[0] if found else None

    def runtimes(self, user: str | None = None) -> list[LaunchRecord]:
        """The newest launch of every runtime (of one user or of all), newest first."""
        newest = select(func.max(LAUNCHES.c.number)).group_by(LAUNCHES.c.user, LAUNCHES.c.server)
        if user is not None:
            newest = newest.where(LAUNCHES.c.user == user)
        return self._select(LAUNCHES.c.number.in_(newest))

    def current(self) -> list[LaunchRecord]:
        """The newest launch of every runtime that runs, as far as anybody recorded."""
        newest = select(func.max(LAUNCHES.c.number)).group_by(LAUNCHES.c.user, LAUNCHES.c.server)
        runs = and_(LAUNCHES.c.state == "running", LAUNCHES.c.ended_at.is_(None))
        return self._select(and_(LAUNCHES.c.number.in_(newest), runs))

    def containers(self) -> dict[tuple[str, str], str]:
        """(user, server) -> id of the container, for every runtime whose newest launch has one and has
        not ended, as far as anybody recorded."""
        columns = (LAUNCHES.c.user, LAUNCHES.c.server, LAUNCHES.c.container_id)
        alive = and_(LAUNCHES.c.container_id != "", LAUNCHES.c.ended_at.is_(None))
        query = select(*columns).where(alive).order_by(LAUNCHES.c.number)
        with self._database.read() as connection:
            return {(row.user, row.server): row.container_id for row in connection.execute(query)}

    def last_options(self, user: str, server: str | None = None) -> dict[str, Any] | None:
        """The options of this runtime's newest launch, or without `server` of the user's newest.

        They passed validation when they were recorded. None: the user never launched anything.
        """
        where = LAUNCHES.c.user == user if server is None else _runtime(user, server)
        found = self._select(where, limit=1)
        return dict(found[0].options) if found else None

    def forget(self, user: str, server: str) -> bool:
        """Removes launches, events and logs of a runtime. False when there was nothing. What it used is
        kept, and ends now."""
        with self._database.write() as connection:
            removed = 0
            end_uses_of(connection, user, server, time.time())
            for table in (LAUNCHES, EVENTS, LOGS, TITLES, PAUSES):
                where = and_(table.c.user == user, table.c.server == server)
                removed += connection.execute(delete(table).where(where)).rowcount
            note_change(connection, user, server)
        return removed > 0

    def _resumed_from(self, launch_id: str) -> str:
        """The snapshot that the launch was to resume, if it is still there; else empty."""
        with self._database.read() as connection:
            launch = select(LAUNCHES.c.user, LAUNCHES.c.options).where(LAUNCHES.c.id == launch_id)
            row = connection.execute(launch).first()
            wanted = row.options.get("resume") if row else None
            if row is None or not wanted:
                return ""
            mine = and_(SNAPSHOTS.c.id == wanted, SNAPSHOTS.c.user == row.user)
            return str(connection.execute(select(SNAPSHOTS.c.id).where(mine)).scalar() or "")

    def _select(self, where: ColumnElement[bool], limit: int | None = None) -> list[LaunchRecord]:
        query = select(LAUNCHES).where(where).order_by(LAUNCHES.c.number.desc()).limit(limit)
        with self._database.read() as connection:
            return [record_of(row) for row in connection.execute(query).mappings()]

    def _follow(self, connection: Connection, launch_id: str) -> None:
        """Usage and the feed of changes say the same as the launch, because they change with it."""
        query = select(LAUNCHES).where(LAUNCHES.c.id == launch_id)
        row = connection.execute(query).mappings().first()
        if row is None:
            end_use(connection, launch_id)
            return
        launch = record_of(row)
        if launch.started_at and launch.state == "running":
            begin_use(connection, _use(launch))
        if launch.ended_at:
            end_use(connection, launch_id, launch.ended_at)
        note_change(connection, launch.user, launch.server)

    def _prune(self, connection: Connection, user: str, server: str) -> None:
        """Also takes what was written for a launch after it was forgotten."""
        query = select(LAUNCHES.c.id).where(_runtime(user, server))
        newest = query.order_by(LAUNCHES.c.number.desc()).limit(self._keep)
        kept = list(connection.execute(newest).scalars())
        for column in (EVENTS.c.launch_id, LOGS.c.launch_id, LAUNCHES.c.id):
            mine = and_(column.table.c.user == user, column.table.c.server == server)
            connection.execute(delete(column.table).where(mine, column.not_in(kept)))


def _stand_still(
    connection: Connection, launch_id: str, since: float | None, ended: float | None
) -> None:
    if since is None:
        end_spans(connection, launch_id, "frozen", ended)
    else:
        begin_span(connection, launch_id, "frozen", since)


def _runtime(user: str, server: str) -> ColumnElement[bool]:
    return and_(LAUNCHES.c.user == user, LAUNCHES.c.server == server)


def _use(launch: LaunchRecord) -> Use:
    return Use(
        launch_id=launch.id,
        user=launch.user,
        server=launch.server,
        tile=launch.tile,
        machine=launch.machine,
        gpus=len(launch.gpus),
        price_per_hour=launch.price_per_hour,
        started=float(launch.started_at or launch.created),
    )
