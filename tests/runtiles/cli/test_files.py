"""A large file is there whole, or not at all."""

import gzip
import hashlib
import stat
from pathlib import Path

import pytest

from runtiles.cli.errors import BadUsage, CliError
from runtiles.cli.files import complete_gzip, kept

PACKED = gzip.compress(hashlib.shake_128(b"noise").digest(100_000), mtime=0)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[n : n + size] for n in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1000, 65536, 10**6])
@pytest.mark.parametrize(
    "data",
    [PACKED, PACKED + gzip.compress(b"more", mtime=0), gzip.compress(b"", mtime=0)],
    ids=["one", "two", "empty"],
)
def test_what_is_whole_goes_through_as_it_is(data: bytes, size: int) -> None:
    assert b"".join(complete_gzip(pieces(data, size))) == data


def test_what_unpacks_to_much_more() -> None:
    data = gzip.compress(bytes(30_000_000))
    assert b"".join(complete_gzip(pieces(data, 1000))) == data


@pytest.mark.parametrize("end", [0, 5, 50_000, -1])
def test_what_ends_early_is_not_whole(end: int) -> None:
    with pytest.raises(CliError, match="did not arrive whole"):
        list(complete_gzip(pieces(PACKED[:end], 1000)))


def test_what_was_altered_is_damaged() -> None:
    altered = bytearray(PACKED)
    altered[-6] ^= 1
    with pytest.raises(CliError, match="damaged"):
        list(complete_gzip([bytes(altered)]))
    with pytest.raises(CliError, match="damaged"):
        list(complete_gzip([b"<h1>no</h1>"]))


def test_a_file_is_there_when_it_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with kept(path, replace=False) as file:
        file.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadUsage, match="is there already"), kept(path, replace=False):
        pass


def test_nothing_stays_of_a_file_that_was_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(b"before")
    with pytest.raises(CliError, match="whole"), kept(path, replace=True) as file:
        file.writelines(complete_gzip([PACKED[:5000]]))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    nowhere = kept(tmp_path / "none" / "a", replace=False)
    with pytest.raises(CliError, match="cannot be written"), nowhere:
        pass
