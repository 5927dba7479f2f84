"""Snapshots: what is known of each. The variables themselves are files on the user's storage."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, select

from runtiles.contract.errors import NotFound

from .changes import note_change
from .database import Database
from .schema import LAUNCHES, SNAPSHOTS

#: pause: a runtime was paused; user: asked for while the runtime goes on; import: came as a file.
Origin = Literal["pause", "user", "import"]


@dataclass(frozen=True)
class SnapshotRecord:
    """`created` in seconds since the epoch, `size` in bytes. `name` is empty until somebody gives one:
    those without one make room for newer ones. `options` are those of the launch, for a resume; `storage`
    says where the files are. `summary` is the answer of the runtime without the lists of variables.
    """

    id: str
    user: str
    server: str
    created: float
    size: int
    name: str = ""
    origin: Origin = "pause"
    trusted: bool = True
    launch_id: str = ""
    tile: str = ""
    machine: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    storage: Mapping[str, Any] | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SnapshotSum:
    """What one user's snapshots come to: `size` in bytes, `oldest` in seconds since the epoch."""

    user: str
    count: int
    size: int
    oldest: float


_COLUMNS = [SNAPSHOTS.c[f.name] for f in fields(SnapshotRecord)]


class Snapshots:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: SnapshotRecord, manifest: Mapping[str, Any]) -> None:
        """Takes the place of the record with this id. `manifest` is the whole of it, as JSON."""
        packed = zlib.compress(json.dumps(manifest).encode())
        with self._database.write() as connection:
            connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.id == record.id))
            connection.execute(SNAPSHOTS.insert().values(**vars(record), manifest=packed))
            note_change(connection, record.user, record.server)

    def get(self, user: str, snapshot_id: str) -> SnapshotRecord:
        """Raises NotFound, also for somebody else's."""
        with self._database.read() as connection:
            query = select(*_COLUMNS).where(_mine(user, snapshot_id))
            row = connection.execute(query).mappings().first()
        if row is None:
            raise _missing()
        return _record(row)

    def exists(self, snapshot_id: str) -> bool:
        query = select(SNAPSHOTS.c.id).where(SNAPSHOTS.c.id == snapshot_id)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def manifest(self, user: str, snapshot_id: str) -> dict[str, Any]:
        """Raises NotFound."""
        query = select(SNAPSHOTS.c.manifest).where(_mine(user, snapshot_id))
        with self._database.read() as connection:
            packed = connection.execute(query).scalar()
        if packed is None:
            raise _missing()
        found: dict[str, Any] = json.loads(zlib.decompress(packed))
        return found

    def of_user(self, user: str) -> list[SnapshotRecord]:
        """Newest first."""
        return self._select(SNAPSHOTS.c.user == user)

    def all(self) -> list[SnapshotRecord]:
        """Everybody's, newest first."""
        return self._select(SNAPSHOTS.c.id != "")

    def used(self, user: str) -> int:
        """Bytes of all of this user's."""
        query = select(func.sum(SNAPSHOTS.c.size)).where(SNAPSHOTS.c.user == user)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def sums(self) -> list[SnapshotSum]:
        """Of everybody who has one, the largest first."""
        table = SNAPSHOTS.c
        size = func.sum(table.size)
        query = select(table.user, func.count(), size, func.min(table.created))
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(table.user).order_by(size.desc(), table.user))
            return [SnapshotSum(user, n, int(total), oldest) for user, n, total, oldest in rows]

    def update(self, user: str, snapshot_id: str, **changes: Any) -> None:
        """Of `name` and `trusted`. Raises NotFound, TypeError for others."""
        if unknown := changes.keys() - {"name", "trusted"}:
            raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
        with self._database.write() as connection:
            where = _mine(user, snapshot_id)
            if not connection.execute(SNAPSHOTS.update().where(where).values(changes)).rowcount:
                raise _missing()

    def delete(self, user: str, snapshot_id: str) -> None:
        """A runtime that waits to be resumed from it is a stopped one from now on. Raises NotFound."""
        ended_with = and_(LAUNCHES.c.user == user, LAUNCHES.c.snapshot == snapshot_id)
        with self._database.write() as connection:
            if not connection.execute(delete(SNAPSHOTS).where(_mine(user, snapshot_id))).rowcount:
                raise _missing()
            waiting = connection.execute(select(LAUNCHES.c.server).where(ended_with)).scalars()
            servers = set(waiting)
            connection.execute(
                LAUNCHES.update().where(ended_with).values(snapshot="", state="stopped")
            )
            for server in servers:
                note_change(connection, user, server)

    def _select(self, where: ColumnElement[bool]) -> list[SnapshotRecord]:
        query = select(*_COLUMNS).where(where).order_by(SNAPSHOTS.c.created.desc())
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]


def _mine(user: str, snapshot_id: str) -> ColumnElement[bool]:
    return and_(SNAPSHOTS.c.id == snapshot_id, SNAPSHOTS.c.user == user)


def _record(row: RowMapping) -> SnapshotRecord:
    return SnapshotRecord(**row)


def _missing() -> NotFound:
    return NotFound("There is no such snapshot.")
