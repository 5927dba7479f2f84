"""One reader of the changes for all who listen."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from runtiles.service.runtimes.changes_tail import ChangesTail
from runtiles.store import Store
from runtiles.store.database import Database
from runtiles.store.schema import CHANGES

Heard = asyncio.Queue[frozenset[str] | None]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/runtiles.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


async def test_all_who_listen_are_told_who_has_changed(store: Store) -> None:
    tail, first, second = ChangesTail(store.changes, interval=0.01), Heard(), Heard()
    await tail.join(first.put_nowait)
    await tail.join(second.put_nowait)
    store.changes.note("ann", "lab")
    for heard in (first, second):
        assert await asyncio.wait_for(heard.get(), 60) == frozenset({"ann"})
    tail.leave(first.put_nowait)
    assert tail.reading
    tail.leave(second.put_nowait)
    assert not tail.reading


async def test_where_some_are_lost_it_may_have_been_anybody(store: Store, url: str) -> None:
    store.changes.note("ann", "lab")
    tail, heard = ChangesTail(store.changes, interval=0.01), Heard()
    await tail.join(heard.put_nowait)
    store.changes.note("ann", "lab")
    assert await asyncio.wait_for(heard.get(), 60) == frozenset({"ann"})
    # Between two looks more has changed than is kept.
    database = Database(url)
    with database.write() as connection:
        connection.execute(insert(CHANGES).values(id=9, user="bob", server="lab", at=0.0))
        connection.execute(delete(CHANGES).where(CHANGES.c.user == "ann"))
    database.close()
    assert await asyncio.wait_for(heard.get(), 60) is None
    tail.leave(heard.put_nowait)
