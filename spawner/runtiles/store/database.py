"""One SQLAlchemy engine, and the two kinds of transaction the store knows: read and write."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnection

from runtiles.contract.errors import ServiceUnavailable

from .migrations import upgrade

_BUSY_TIMEOUT_MS = 10_000
_WRITE = "runtiles_write"
#: Values in one list of a query: SQLite takes 32,766, older ones 999.
_AT_ONCE = 900
#: Any number, as long as it is always the same: "runtiles" in ASCII.
_LOCK = int.from_bytes(b"runtiles", "big")


class Database:
    """The connection pool. Hub and service each have one onto the same database.

    On SQLite: write-ahead log (a reader never waits for a writer), writers wait for each other up
    to ten seconds, and a file created here is readable by its owner only.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self._lock = threading.Lock()
        self._engine = _sqlite(parsed) if _is_sqlite(parsed) else _server(parsed)
        self._writer = self._engine.execution_options(**{_WRITE: True})
        self._prepare(parsed)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Raises ServiceUnavailable when the database fails, as `write` does."""
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, one at a time: on SQLite and PostgreSQL over all processes, on others
        within this one.

        So ids appear in order: a reader that has seen one has seen all smaller ones.
        """
        with _translated(), self._lock, self._writer.begin() as connection:
            _wait_for_others(connection)
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _prepare(self, url: URL) -> None:
        try:
            try:
                with self._writer.begin() as connection:
                    _wait_for_others(connection)
                    upgrade(connection)
            except DBAPIError:
                # Another process may have created the tables meanwhile, where none waits for another.
                with self._writer.begin() as connection:
                    upgrade(connection)
        except DBAPIError as error:
            self.close()
            shown = url.render_as_string(hide_password=True)
            raise ServiceUnavailable(
                f"The database {shown} cannot be used: {error.orig}.",
                hint="Check the store's URL, that the folder exists and that it may be written.",
            ) from error
        except ServiceUnavailable:
            self.close()
            raise


def batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """All of them, as many at a time as one query takes."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _wait_for_others(connection: Connection) -> None:
    """PostgreSQL would let transactions commit in any order, whatever ids they were given."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # Not str(error), nor all lines of the driver's: these repeat statements and values.
        reason = str(error.orig).partition("\n")[0]
        raise ServiceUnavailable(
            f"The database failed ({type(error.orig).__name__}: {reason}).",
            hint="The database may be full, locked or not running; try again.",
        ) from error
    except NoConnection as error:
        raise ServiceUnavailable(
            "The database is busy: no connection was free.", hint="Try again in a moment."
        ) from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ServiceUnavailable(
            "The store's URL is not a database URL.",
            hint="An absolute path has four slashes: sqlite:////srv/runtiles/runtiles.sqlite",
        ) from error
    if _is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        raise ServiceUnavailable(
            "Hub and service share the store: SQLite in memory cannot be used.",
            hint="Name a file: sqlite:////srv/runtiles/runtiles.sqlite",
        )
    return parsed


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL) -> Engine:
    _create_private(Path(str(url.database)))
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _server(url: URL) -> Engine:
    try:
        # A connection that a restarted database closed is noticed before it is used.
        return create_engine(url, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise ServiceUnavailable(
            f"The database driver for {url.drivername} is not installed: {error}.",
            hint="For PostgreSQL: pip install 'psycopg[binary]', and postgresql+psycopg://…",
        ) from error


def _create_private(path: Path) -> None:
    """An empty file of mode 0600; SQLite gives its -wal and -shm files the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise ServiceUnavailable(
            f"The database file {path} cannot be created: {error.strerror}.",
            hint="Check the store's URL, that the folder exists and that it may be written.",
        ) from error


def _on_connect(connection: Any, _record: object) -> None:
    # The driver's own transaction control begins too late (at the first write); see _on_begin.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _on_begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that reads first and writes later could
    # not be given it any more ("database is locked", without waiting).
    write = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
