import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import KeyFile, first_key, load_key, site_of
from runtiles.store.keys import replace_keys, with_first_key, with_new_key


def test_a_missing_key_is_made_and_then_stays(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(str(path)) == key
    assert list(tmp_path.iterdir()) == [path]


def test_a_wide_umask_changes_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_key(tmp_path / "key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_two_at_once_get_the_same_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    gate = threading.Barrier(8)

    def load() -> None:
        gate.wait()
        keys.append(load_key(tmp_path / "key"))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(ServiceUnavailable, match="chmod 600"):
        load_key(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"hunter2\n"])
def test_a_file_without_a_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ServiceUnavailable, match="not valid") as caught:
        load_key(path)
    assert "hunter2" not in str(caught.value)


def test_a_changed_file_is_read_again_at_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    keys = KeyFile(path)
    old = keys.writing().encrypt(b"x")
    replace_keys(path, with_new_key(path.read_bytes()))
    new = keys.writing().encrypt(b"x")
    assert keys.reading().decrypt(old) == keys.reading().decrypt(new) == b"x"
    replace_keys(path, with_first_key(path.read_bytes()))
    assert keys.reading().decrypt(new) == b"x"
    with pytest.raises(InvalidToken):
        keys.reading().decrypt(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.chmod(0o644)])
def test_a_file_that_went_bad_leaves_reading_and_stops_writing(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "key"
    keys = KeyFile(path)
    text, token = path.read_bytes(), keys.writing().encrypt(b"x")
    spoil(path)
    assert keys.reading().decrypt(token) == b"x"
    with pytest.raises(ServiceUnavailable):
        keys.writing()
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_bytes(text)
    assert keys.writing().decrypt(token) == b"x"


def test_a_site_stays_the_same_and_is_none_of_its_keys(tmp_path: Path) -> None:
    first = load_key(tmp_path / "key")
    second = with_new_key(first)
    third = with_first_key(second)
    assert site_of(first) == site_of(second) == site_of(third) != site_of(load_key(tmp_path / "b"))
    assert len({first_key(text) for text in (first, second, third)}) == 2
    assert first_key(first) not in third


def test_the_file_keeps_its_owner(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    path = tmp_path / "key"
    load_key(path)
    os.chown(path, 1234, 1234)
    replace_keys(path, with_new_key(path.read_bytes()))
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1234)


def test_a_missing_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="cannot be used"):
        load_key(tmp_path / "no" / "key")
