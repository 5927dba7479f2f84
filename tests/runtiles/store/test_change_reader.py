"""A reader of the feed of changes misses nothing and hears nothing twice."""

from sqlalchemy import insert

from runtiles.store import ChangeReader, Store
from runtiles.store.database import Database
from runtiles.store.schema import CHANGES


def test_the_past_is_not_told(store: Store) -> None:
    store.changes.note("ann", "old")
    reader = ChangeReader(store.changes)
    store.changes.note("ann", "new")
    assert [change.server for change in reader.new()] == ["new"]
    assert reader.new() == []


def test_what_was_committed_out_of_order_is_told_once(store: Store, store_url: str) -> None:
    reader = ChangeReader(store.changes)
    database = Database(store_url)
    with database.write() as connection:
        connection.execute(insert(CHANGES).values(id=1002, user="ann", server="second", at=0.0))
    assert [change.server for change in reader.new()] == ["second"]
    with database.write() as connection:
        connection.execute(insert(CHANGES).values(id=1001, user="ann", server="first", at=0.0))
    assert [change.server for change in reader.new()] == ["first"]
    assert reader.new() == []
    database.close()


def test_more_than_one_answer_holds_are_told_one_after_the_other(store: Store) -> None:
    reader = ChangeReader(store.changes)
    for number in range(1203):
        store.changes.note("ann", f"s{number}")
    told = []
    while found := reader.new():
        told += [change.server for change in found]
    assert told == [f"s{number}" for number in range(1203)]
