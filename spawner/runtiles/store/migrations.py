"""Creates the schema where there is none, and brings an older one up, one version at a time."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select

from runtiles.contract.errors import ServiceUnavailable

from .schema import METADATA, NEW_IN_2, NEW_IN_3, NEW_IN_4, SCHEMA_VERSION, VERSION


def _to_2(connection: Connection) -> None:
    # New tables only, as today's definitions still have them. Whoever changes one of these moves
    # the old definition into this step.
    METADATA.create_all(connection, tables=NEW_IN_2)
    connection.exec_driver_sql(
        "ALTER TABLE runtiles_launches ADD COLUMN price_per_hour FLOAT NOT NULL DEFAULT 0"
    )


def _to_3(connection: Connection) -> None:
    METADATA.create_all(connection, tables=NEW_IN_3)
    for column in (
        "address TEXT NOT NULL DEFAULT ''",
        "storage JSON",
        "snapshot VARCHAR(64) NOT NULL DEFAULT ''",
        "frozen_at FLOAT",
    ):
        _add(connection, "runtiles_launches", column)


def _to_4(connection: Connection) -> None:
    METADATA.create_all(connection, tables=NEW_IN_4)
    for column in ("expires_at FLOAT", "held_until FLOAT", "teams JSON"):
        _add(connection, "runtiles_launches", column)
    _add(connection, "runtiles_notices", "about VARCHAR(255) NOT NULL DEFAULT ''")
    connection.exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS runtiles_usage_by_end ON runtiles_usage (ended)"
    )


def _add(connection: Connection, table: str, column: str) -> None:
    """Fine if it is there: the step before may have made the table as it is defined today."""
    there = {found["name"] for found in inspect(connection).get_columns(table)}
    if column.partition(" ")[0] not in there:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")


#: From version N to N + 1. A step that changes a table uses plain SQL: today's are not those of then.
MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {1: _to_2, 2: _to_3, 3: _to_4}


def upgrade(
    connection: Connection,
    *,
    target: int = SCHEMA_VERSION,
    steps: Mapping[int, Callable[[Connection], None]] = MIGRATIONS,
) -> None:
    """Leaves the database at `target`, or raises and (inside a transaction) changes nothing.

    Raises ServiceUnavailable when the database was written by a newer version of Runtiles.
    """
    VERSION.create(connection, checkfirst=True)
    found = connection.execute(select(VERSION.c.version)).scalar()
    if found is None:
        METADATA.create_all(connection)
        connection.execute(VERSION.insert().values(id=1, version=target))
        return
    if found > target:
        raise ServiceUnavailable(
            f"The database has schema version {found}; this Runtiles knows up to {target}.",
            hint="Install the Runtiles that wrote it, or restore a copy of the database from before"
            " the upgrade.",
        )
    for version in range(found, target):
        steps[version](connection)
    connection.execute(VERSION.update().values(version=target))
