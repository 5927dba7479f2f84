"""Tiles and machines as changed in the admin panel, beside the files of the site."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import and_, delete, func, select

from .audit import Deed, write_down
from .database import Database
from .schema import OVERRIDES

Kind = Literal["tile", "machine"]


@dataclass(frozen=True)
class Override:
    """`data`: the keys that differ from the files; for a slug that no file has, the whole entry."""

    kind: Kind
    slug: str
    at: float
    author: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Overrides:
    """The Hub and the service both read them; `stamp` tells cheaply whether they changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: Kind, slug: str, data: Mapping[str, Any], *, author: str) -> None:
        self.replace({(kind, slug): data}, author=author)

    def replace(
        self,
        edits: Mapping[tuple[Kind, str], Mapping[str, Any]],
        *,
        author: str,
        deed: Deed | None = None,
    ) -> None:
        """All of them with the entry in the audit log or, after a crash, nothing; an edit without keys
        removes the override."""
        now = time.time()
        with self._database.write() as connection:
            for (kind, slug), data in edits.items():
                row = {"kind": kind, "slug": slug, "data": dict(data), "at": now, "author": author}
                connection.execute(delete(OVERRIDES).where(_is(kind, slug)))
                if data:
                    connection.execute(OVERRIDES.insert().values(row))
            if deed is not None:
                write_down(connection, author, deed)

    def delete(self, kind: Kind, slug: str) -> bool:
        """False when there was none."""
        with self._database.write() as connection:
            return bool(connection.execute(delete(OVERRIDES).where(_is(kind, slug))).rowcount)

    def all(self) -> list[Override]:
        """Oldest change first."""
        query = select(OVERRIDES).order_by(OVERRIDES.c.at, OVERRIDES.c.slug)
        with self._database.read() as connection:
            return [Override(**row) for row in connection.execute(query).mappings()]

    def stamp(self) -> tuple[int, float]:
        """How many there are, and when the newest was written: another one means a change."""
        query = select(func.count(), func.max(OVERRIDES.c.at))
        with self._database.read() as connection:
            count, newest = connection.execute(query).one()
            return int(count), float(newest or 0.0)


def _is(kind: str, slug: str) -> Any:
    return and_(OVERRIDES.c.kind == kind, OVERRIDES.c.slug == slug)
