"""What is kept of everybody's runtimes is what the database says, whatever happened in between."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from runtiles.contract.errors import ServiceUnavailable
from runtiles.service.runtimes.records import Records
from runtiles.store import Launches, LaunchRecord, Store
from runtiles.store.database import Database
from runtiles.store.schema import CHANGES


class BusyLaunches(Launches):
    """The real ones, of a database that is too busy to say which is the latest, when asked so often."""

    refuse = 0

    def latest(self, user: str, server: str) -> LaunchRecord | None:
        if self.refuse:
            self.refuse -= 1
            raise ServiceUnavailable("The database is locked.")
        return super().latest(user, server)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/runtiles.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    opened.launches.record("ann", "lab", "one", options={}, spec={})
    yield opened
    opened.close()


async def state(records: Records) -> str:
    launch = (await records.of_everybody())["ann"]["lab"].launch
    return launch.state if launch else ""


async def test_what_changed_is_known(store: Store) -> None:
    records = Records(store)
    assert await state(records) == "starting"
    store.launches.update("one", state="running")
    assert await state(records) == "running"


async def test_a_database_that_fails_in_the_middle_hides_no_change(url: str, store: Store) -> None:
    database = Database(url)
    store.launches = busy = BusyLaunches(database)
    records = Records(store)
    await records.of_everybody()
    store.launches.finish("one", "stopped")
    busy.refuse = 1
    with pytest.raises(ServiceUnavailable):
        await records.of_everybody()
    assert await state(records) == "stopped"
    database.close()


async def test_who_goes_away_in_the_middle_hides_no_change(store: Store) -> None:
    records = Records(store)
    await records.of_everybody()
    for number in range(40):
        store.launches.update("one", state=f"s{number}")
        asking: asyncio.Task[Any] = asyncio.create_task(records.of_everybody())
        for _ in range(number // 4):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert await state(records) == f"s{number}"


async def test_what_is_not_kept_in_the_feed_any_more_is_known_too(url: str, store: Store) -> None:
    store.launches.record("bob", "busy", "two", options={}, spec={})
    records = Records(store)
    await records.of_everybody()
    store.launches.finish("one", "stopped")
    for _ in range(60):
        store.changes.note("bob", "busy")
    database = Database(url)
    with database.write() as connection:
        connection.execute(delete(CHANGES).where(CHANGES.c.user == "ann"))
        connection.execute(delete(CHANGES).where(CHANGES.c.id < 10))
    database.close()
    assert await state(records) == "stopped"
