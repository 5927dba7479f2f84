import multiprocessing
import stat
import threading
import time
from collections import Counter
from multiprocessing.queues import Queue
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from runtiles.contract.errors import ServiceUnavailable
from runtiles.contract.events import LaunchEvent
from runtiles.store import Store
from runtiles.store.migrations import upgrade
from runtiles.store.schema import SCHEMA_VERSION

_SPAWN = multiprocessing.get_context("spawn")


def append_many(url: str, name: str, count: int, done: "Queue[str]") -> None:
    """What a process does: opens the store (creating it, perhaps) and writes."""
    store = Store(url)
    for number in range(count):
        store.events.append(name, "", name, LaunchEvent("starting", "log", f"{number}"))
    store.close()
    done.put(name)


def test_two_processes_create_and_write_the_same_database_at_once(url: str) -> None:
    done: Queue[str] = _SPAWN.Queue()
    workers = [
        _SPAWN.Process(target=append_many, args=(url, name, 100, done)) for name in ("a", "b")
    ]
    for worker in workers:
        worker.start()
    assert {done.get(timeout=30), done.get(timeout=30)} == {"a", "b"}
    for worker in workers:
        worker.join(10)
        assert worker.exitcode == 0

    store = Store(url)
    for name in ("a", "b"):
        messages = [stored.event.message for stored in store.events.for_launch(name)]
        assert messages == [str(number) for number in range(100)]
    store.close()


def change_many(url: str, name: str, count: int, done: "Queue[str]") -> None:
    store = Store(url)
    for number in range(count):
        store.titles.put(name, f"{number}", "a title")
    store.close()
    done.put(name)


def test_a_reader_misses_no_change_of_two_processes(url: str) -> None:
    """The feed reads "greater than the last id": an id that is committed late would be lost."""
    store = Store(url)
    done: Queue[str] = _SPAWN.Queue()
    workers = [
        _SPAWN.Process(target=change_many, args=(url, name, 150, done)) for name in ("a", "b")
    ]
    for worker in workers:
        worker.start()
    ids, seen, deadline = [0], Counter[str](), time.monotonic() + 60
    while seen.total() < 300 and time.monotonic() < deadline:
        for change in store.changes.since(ids[-1]):
            ids.append(change.id)
            seen[change.user] += 1
        workers[0].join(0.005)
    for worker in workers:
        worker.join(10)
        assert worker.exitcode == 0
    assert seen == {"a": 150, "b": 150}
    assert ids == sorted(set(ids))
    store.close()


def test_a_reader_in_another_thread_sees_ids_without_gaps(store: Store) -> None:
    """The tail reads "greater than the last id": an id that appears late would be lost."""
    seen: list[int] = []

    def write(name: str) -> None:
        for _ in range(50):
            store.events.append(name, "", name, LaunchEvent("pulling", "progress"))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    while len(seen) < 150:
        seen += [stored.id for stored in store.events.since(seen[-1] if seen else 0)]
        writers[0].join(0.001)  # a busy loop would keep the interpreter lock from the writers
    for writer in writers:
        writer.join()
    assert seen == list(range(1, 151))


def test_the_file_is_private_and_has_a_write_ahead_log(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/runtiles.sqlite")
    store.facts.publish("x", 1)
    for name in ("runtiles.sqlite", "runtiles.sqlite-wal"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    store.close()


def test_a_newer_database_is_refused_with_a_clear_message(url: str) -> None:
    Store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update runtiles_schema set version = 999"))
    engine.dispose()
    with pytest.raises(ServiceUnavailable, match=r"version 999; this Runtiles knows up to"):
        Store(url)


def test_an_older_database_is_brought_up_step_by_step(url: str) -> None:
    Store(url).close()
    done: list[int] = []

    def step(number: int, connection: Connection) -> None:
        connection.execute(text(f"create table step_{number} (id integer)"))
        done.append(number)

    first, second = SCHEMA_VERSION, SCHEMA_VERSION + 1
    steps = {first: lambda c: step(first, c), second: lambda c: step(second, c)}
    engine = create_engine(url)
    for _ in range(2):  # the second time there is nothing to do
        with engine.begin() as connection:
            upgrade(connection, target=SCHEMA_VERSION + 2, steps=steps)
    engine.dispose()
    assert done == [first, second]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "not a database URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:////nowhere/at/all/x.sqlite", "cannot be created"),
        ("nosuchdb://user:hunter2@host/db", "driver"),
        ("postgresql+nosuchdriver://user:hunter2@host/db", "driver"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained_without_its_password(
    url: str, message: str
) -> None:
    with pytest.raises(ServiceUnavailable, match=message) as caught:
        Store(url)
    assert "hunter2" not in str(caught.value)


def test_a_database_that_fails_later_is_explained_without_values(store: Store) -> None:
    store.launches.record("ann", "", "l1", options={"canary": 1}, spec={})
    with pytest.raises(ServiceUnavailable, match=r"UNIQUE|unique") as caught:
        store.launches.record("ann", "", "l1", options={"canary": 1}, spec={})
    assert "canary" not in str(caught.value)


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("this is a letter, not a database" * 100)
    with pytest.raises(ServiceUnavailable, match="cannot be used"):
        Store(f"sqlite:///{tmp_path}/x")
