"""What is special to a database that is a server: it can go away, and others may write at once."""

import threading

import pytest

from runtiles.contract.errors import ServiceUnavailable
from runtiles.contract.events import LaunchEvent
from runtiles.store import Store
from tests.fixtures.postgres import Postgres

pytestmark = pytest.mark.postgres


def test_the_store_goes_on_after_a_restart_of_the_database(
    postgres: Postgres, postgres_url: str
) -> None:
    store = Store(postgres_url)
    store.facts.publish("x", 1)
    postgres.restart()
    fact = store.facts.read("x")
    assert fact is not None
    assert fact.value == 1
    store.facts.publish("x", 2)
    store.close()


def test_a_database_that_is_away_is_explained_and_comes_back(
    postgres: Postgres, postgres_url: str
) -> None:
    store = Store(postgres_url)
    postgres.stop()
    try:
        with pytest.raises(ServiceUnavailable, match="The database failed"):
            store.facts.publish("x", 1)
        with pytest.raises(ServiceUnavailable, match="cannot be used"):
            Store(postgres_url)
    finally:
        postgres.start()
    store.facts.publish("x", 2)
    store.close()


def test_a_writer_waits_for_one_in_another_process(postgres: Postgres, postgres_url: str) -> None:
    """Two stores are two processes here: each has a lock of its own."""
    one, two = Store(postgres_url), Store(postgres_url)
    order: list[str] = []

    def write() -> None:
        two.facts.publish("x", 2)
        order.append("second")

    with one.facts._database.write():
        thread = threading.Thread(target=write)
        thread.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with postgres.connect(postgres_url) as connection:
            while connection.execute(waiting).fetchone() != (1,):
                assert thread.is_alive()
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    one.close()
    two.close()


def test_a_url_without_a_database_is_explained(postgres: Postgres) -> None:
    with pytest.raises(ServiceUnavailable, match="nothing_here"):
        Store(postgres.url("nothing_here"))


def test_text_that_the_database_refuses_breaks_no_launch(postgres_url: str) -> None:
    store = Store(postgres_url)
    event = LaunchEvent("server", "log", "nul \0 and half \ud83d a character")
    assert store.events.append("ann", "", "l1", event) > 0
    (stored,) = store.events.for_launch("l1")
    assert stored.event == event
    store.close()
