import os
import stat
import threading
from pathlib import Path

import pytest

from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import load_key


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


def test_a_missing_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="cannot be used"):
        load_key(tmp_path / "no" / "key")
