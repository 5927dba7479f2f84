"""A reader of the feed of changes misses nothing, and knows when it has."""

from sqlalchemy import delete, insert

from runtiles.store import ChangeReader, Store
from runtiles.store.database import Database
from runtiles.store.schema import CHANGES


def told(reader: ChangeReader) -> list[str]:
    news = reader.new()
    assert not news.missed
    reader.took(news)
    return [change.server for change in news.changes]


def test_the_past_is_not_told(store: Store) -> None:
    store.changes.note("ann", "old")
    reader = ChangeReader(store.changes)
    store.changes.note("ann", "new")
    assert told(reader) == ["new"]
    assert told(reader) == []


def test_what_nobody_took_is_told_again(store: Store) -> None:
    reader = ChangeReader(store.changes)
    store.changes.note("ann", "lab")
    reader.new()
    assert told(reader) == ["lab"]


def test_what_was_committed_out_of_order_is_told_once(store: Store, store_url: str) -> None:
    reader = ChangeReader(store.changes)
    database = Database(store_url)
    with database.write() as connection:
        connection.execute(insert(CHANGES).values(id=22, user="ann", server="second", at=0.0))
    assert told(reader) == ["second"]
    with database.write() as connection:
        connection.execute(insert(CHANGES).values(id=21, user="ann", server="first", at=0.0))
    assert told(reader) == ["first"]
    assert told(reader) == []
    database.close()


def test_however_many_there_are_all_are_told(store: Store, store_url: str) -> None:
    reader = ChangeReader(store.changes)
    _fill(store_url, 1, 2203)
    assert told(reader) == [f"s{number}" for number in range(1, 2203)]
    assert told(reader) == []


def test_who_was_away_for_long_is_told_that_some_are_lost(store: Store, store_url: str) -> None:
    store.changes.note("ann", "old")
    reader = ChangeReader(store.changes)
    _fill(store_url, 2, 200)
    database = Database(store_url)
    with database.write() as connection:
        connection.execute(delete(CHANGES).where(CHANGES.c.id < 150))
    news = reader.new()
    assert news.missed
    reader.took(news)
    store.changes.note("ann", "later")
    assert told(reader) == ["later"]
    database.close()


def test_on_a_new_database_too(store: Store, store_url: str) -> None:
    reader = ChangeReader(store.changes)
    _fill(store_url, 150, 200)
    assert reader.new().missed


def _fill(url: str, first: int, end: int) -> None:
    """Changes of ids from `first` until before `end`, as many processes would make them."""
    database = Database(url)
    rows = [{"id": n, "user": "ann", "server": f"s{n}", "at": 0.0} for n in range(first, end)]
    with database.write() as connection:
        connection.execute(insert(CHANGES), rows)
        if connection.dialect.name == "postgresql":
            sequence = f"pg_get_serial_sequence('{CHANGES.name}', 'id')"
            connection.exec_driver_sql(f"SELECT setval({sequence}, {end})")
    database.close()
