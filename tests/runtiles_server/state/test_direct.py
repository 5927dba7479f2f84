"""Large writes: what is on the disk has the hash that was told."""

import hashlib
import threading
from pathlib import Path

import pytest

from runtiles_server.state import direct
from runtiles_server.state.signing import PIECE


def _written(path: Path, data: memoryview) -> list[str]:
    pump = direct.Pump(path, "sha256")
    try:
        futures = pump.write(data, 0)
        pump.finish()
        return [each.result() for each in futures]
    finally:
        pump.close()


def _found(path: Path, size: int) -> list[str]:
    data = path.read_bytes()[:size]
    return [
        hashlib.sha256(data[start : start + PIECE]).hexdigest() for start in range(0, size, PIECE)
    ]


@pytest.fixture(params=["direct", "usual"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """`usual`: as on a file system that has no O_DIRECT."""
    if request.param == "usual":
        monkeypatch.setattr(direct, "opened_direct", lambda _path, _access: None)
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "size", [1, 100_000, 256 << 10, (256 << 10) + 1, (1 << 20) - 1, PIECE, 2 * PIECE + 12_345]
)
def test_of_any_size(tmp_path: Path, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "file"
    assert _written(path, memoryview(data)[:size]) == _found(path, size)
    assert path.read_bytes()[:size] == data[:size]
    assert not any(path.read_bytes()[size:])


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("size", [200_000, 2 * PIECE])
def test_a_thread_that_changes_it_meanwhile_makes_no_damage(tmp_path: Path, size: int) -> None:
    data, over = bytearray(size), threading.Event()

    def change() -> None:
        number = 0
        while not over.is_set():
            number = (number + 1) % 256
            data[:: size // 1000] = bytes([number]) * len(data[:: size // 1000])

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for name in range(3):
            path = tmp_path / str(name)
            assert _written(path, memoryview(data)) == _found(path, size)
    finally:
        over.set()
        thread.join()
