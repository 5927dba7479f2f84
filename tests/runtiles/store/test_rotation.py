"""A change of keys beside others who read and write: nothing is lost, whoever is killed when."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import KeyFile, Store
from runtiles.store.database import Database
from runtiles.store.keys import key_lines, replace_keys, with_new_key
from runtiles.store.rotation import _dropped

CANARY = "canary-8c1f"

#: Another process: writes secrets until it is told to stop, and says what it wrote last.
_WRITER = """
import sys, select
from runtiles.store import KeyFile, Store
store = Store(sys.argv[1], KeyFile(sys.argv[2]))
number = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    number += 1
    store.secrets.put(sys.argv[3], f"s{number}", f"value {number}")
    assert store.secrets.get(sys.argv[3], f"s{number}") == f"value {number}"
    if number == 1:
        print("writing", flush=True)
print(number, flush=True)
"""


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.fixture
def store(url: str, key: Path) -> Iterator[Store]:
    opened = Store(url, KeyFile(key))
    yield opened
    opened.close()


def keys(path: Path) -> list[bytes]:
    return key_lines(path.read_bytes())


def test_a_new_key_comes_in_front_and_the_old_one_goes_when_asked(store: Store, key: Path) -> None:
    store.secrets.put("ann", "x", CANARY)
    store.secrets.put("bees", "y", CANARY, kind="team")
    (old,) = keys(key)
    assert store.rotate_key().count == 2
    new, kept = keys(key)
    assert kept == old != new
    assert store.rotate_key(drop_old=True).count == 2
    (last,) = keys(key)
    assert last not in (old, new)
    assert store.secrets.get("ann", "x") == store.secrets.get("bees", "y", kind="team") == CANARY


def test_a_store_that_was_open_before_goes_on(store: Store, url: str, key: Path) -> None:
    other = Store(url, KeyFile(key))
    other.secrets.put("ann", "x", CANARY)
    store.rotate_key(drop_old=True)
    assert other.secrets.get("ann", "x") == CANARY
    other.secrets.put("ann", "y", CANARY)
    assert store.secrets.get("ann", "y") == CANARY
    other.close()


def test_nothing_is_lost_while_others_write(store: Store, url: str, key: Path) -> None:
    command = [sys.executable, "-c", _WRITER, url, str(key)]
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen([*command, name], stdin=pipe, stdout=pipe, text=True)
        for name in ("ann", "bob")
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
        for _ in range(10):
            assert store.rotate_key(drop_old=True).unreadable == ()
        written = [int(writer.communicate("stop")[0]) for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert len(keys(key)) == 1
    for name, count in zip(("ann", "bob"), written, strict=True):
        for number in range(1, count + 1):
            assert store.secrets.get(name, f"s{number}") == f"value {number}"


def test_two_at_once_leave_one_key_that_opens_everything(store: Store, url: str, key: Path) -> None:
    for number in range(20):
        store.secrets.put("ann", f"s{number}", CANARY)
    script = (
        "import sys; from runtiles.store import KeyFile, Store\n"
        "Store(sys.argv[1], KeyFile(sys.argv[2])).rotate_key(drop_old=True)"
    )
    command = [sys.executable, "-c", script, url, str(key)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(keys(key)) == 1
    assert {store.secrets.get("ann", f"s{number}") for number in range(20)} == {CANARY}


def test_one_that_was_killed_after_the_new_key_can_be_run_again(store: Store, key: Path) -> None:
    store.secrets.put("ann", "x", CANARY)
    replace_keys(key, with_new_key(key.read_bytes()))
    assert store.secrets.get("ann", "x") == CANARY
    store.rotate_key(drop_old=True)
    assert store.secrets.get("ann", "x") == CANARY


def test_a_key_that_is_needed_is_not_dropped(store: Store, url: str, key: Path) -> None:
    store.secrets.put("ann", "x", CANARY)
    replace_keys(key, with_new_key(key.read_bytes()))
    database = Database(url)
    assert not _dropped(database, KeyFile(key))
    assert len(keys(key)) == 2
    database.close()


def test_what_no_key_opens_is_named_and_left(store: Store, url: str, key: Path) -> None:
    foreign = Store(url, Fernet.generate_key())
    foreign.secrets.put("ann", "lost", CANARY)
    foreign.close()
    store.secrets.put("ann", "x", CANARY)
    rotated = store.rotate_key(drop_old=True)
    assert (rotated.count, rotated.unreadable) == (1, ("user ann: lost",))
    assert store.secrets.get("ann", "x") == CANARY
    with pytest.raises(ServiceUnavailable, match="not in the key file"):
        store.secrets.get("ann", "lost")


def test_without_a_file_there_is_nothing_to_rotate(url: str) -> None:
    store = Store(url, Fernet.generate_key())
    with pytest.raises(ServiceUnavailable, match="not in a file"):
        store.rotate_key()
    store.close()
