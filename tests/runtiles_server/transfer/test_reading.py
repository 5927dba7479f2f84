"""What is sent is what is there, from any byte on, and the page cache is left alone."""

import ctypes
import mmap
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from runtiles_server.state import direct
from runtiles_server.state.direct import Pump
from runtiles_server.transfer import reading
from runtiles_server.transfer.reading import CHUNK, Reading

DATA = os.urandom(2 * CHUNK + 12_345)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """As a kernel saves it."""
    path = tmp_path / "file"
    pump = Pump(path, "sha256")
    pump.write(memoryview(DATA), 0)
    pump.finish()
    pump.close()
    os.truncate(path, len(DATA))
    return path


def _all(path: Path, start: int = 0) -> bytes:
    found = b""
    with closing(Reading(path, start)) as read:
        assert read.size == len(DATA)
        while len(piece := read.piece()):
            found += piece
        assert len(read.piece()) == 0
    return found


def refusing(_path: Path, _access: int) -> int:
    """A file system that takes the flag and then refuses to read: here a folder does."""
    return os.open("/", os.O_RDONLY)


@pytest.mark.parametrize("opened", [direct.opened_direct, lambda _path, _access: None, refusing])
@pytest.mark.parametrize("start", [0, 1, 4096, CHUNK - 1, CHUNK + 5, len(DATA) - 1, len(DATA)])
def test_from_any_byte(
    path: Path, start: int, opened: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "opened_direct", opened)
    assert _all(path, start) == DATA[start:]


def test_a_piece_stays_while_the_next_one_is_read(path: Path) -> None:
    with closing(Reading(path)) as read:
        first = read.piece()
        read.piece()
        assert first == DATA[:CHUNK]


def _cached(file: int) -> bool:
    """Is any page of it? Asking in any other way would have it read."""
    with mmap.mmap(file, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as area:
        pages = (ctypes.c_ubyte * (-(-len(area) // mmap.PAGESIZE)))()
        start = ctypes.c_char.from_buffer(area)
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.mincore(ctypes.byref(start), ctypes.c_size_t(len(area)), pages)
        del start
    assert not failed, os.strerror(ctypes.get_errno())
    return any(page & 1 for page in pages)


def test_the_page_cache_is_left_alone(path: Path) -> None:
    past = direct.opened_direct(path, os.O_RDONLY)
    if past is None:
        pytest.skip("this file system has no O_DIRECT")
    try:
        os.fsync(past)
        os.posix_fadvise(past, 0, 0, os.POSIX_FADV_DONTNEED)
        if _cached(past):
            pytest.skip("this file system is in memory")
        assert _all(path) == DATA
        assert not _cached(past)
    finally:
        os.close(past)
