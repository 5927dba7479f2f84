"""Snapshots that an earlier version wrote are read, whatever became of the engine since.

`recorded/format-N` was written by `python -m tests.runtiles_server.state.test_formats` and is never
written again: a change that makes it unreadable needs a step in files._UPGRADES, or an old name kept.
"""

import json
import linecache
import shutil
from pathlib import Path
from typing import Any

import pytest

from runtiles_server import state
from runtiles_server.state import files
from runtiles_server.state.manifest import FORMAT

_RECORDED = Path(__file__).parent / "recorded"
_KEY = b"recorded" * 4
_CELL = """
import collections, dataclasses, decimal, enum, functools, threading, types
import numpy as np
shared = [1]; again = {'it': shared}
k = 10
def counter():
    n = 0
    def up():
        nonlocal n; n += 1; return n + k
    return up
up = counter(); up()
class Base:
    def name(self): return type(self).__name__
class Child(Base):
    __slots__ = ('y',)
    def name(self): return super().name() + '!'
child = Child(); child.y = shared
@dataclasses.dataclass(repr=False)
class Point:
    x: int
    tags: list = dataclasses.field(default_factory=list)
point = Point(1)
Pair = collections.namedtuple('Pair', 'left right')
pair = Pair(1, shared)
class Colour(enum.Enum):
    RED = 1
red = Colour.RED
@functools.lru_cache()
def cached(n): return n + k
error = ValueError('no'); lock = threading.Lock(); proxy = types.MappingProxyType({'a': 1})
price = decimal.Decimal('1.10'); stuck = (i for i in shared); big = bytearray(b'x') * 2000
array = np.arange(5000.0); view = array[10:20]
"""
_CHECK = """
assert again['it'] is shared is child.y is pair.right and child.name() == 'Child!'
assert up() == 12 and cached(1) == 11 and red is Colour.RED and Colour(1) is red
assert point == Point(1, []) and pair.left == 1
assert error.args == ('no',) and lock.acquire(False) and proxy['a'] == 1
assert price == decimal.Decimal('1.10') and len(big) == 2000 and big[5:6] == b'x'
view[0] = -1; assert array[10] == -1 and array[4999] == 4999
"""


@pytest.mark.parametrize("folder", sorted(_RECORDED.iterdir()), ids=lambda folder: folder.name)
def test_a_recorded_snapshot_is_read(folder: Path) -> None:
    pytest.importorskip("numpy")
    found: dict[str, Any] = {"__name__": "__main__"}
    names = [each.name for each in files.read(folder, _KEY).variables]
    report = state.load(folder, found, names=names, key=_KEY, verify_buffers="now")
    assert [each.path for each in report.losses] == ["stuck"]
    exec(_CHECK, found)  # noqa: S102 - about the recorded cell


def test_there_is_a_recording_of_each_format() -> None:
    assert {each.name for each in _RECORDED.iterdir()} == {
        f"format-{each}" for each in range(1, FORMAT + 1)
    }


def test_an_older_format_takes_every_step_to_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.save(tmp_path / "s", {"a": 1}, key=_KEY)
    monkeypatch.setattr(files, "FORMAT", FORMAT + 2)
    steps = {
        FORMAT: lambda content: {**content, "notes": ["one"]},
        FORMAT + 1: lambda content: {**content, "notes": [*content["notes"], "two"]},
    }
    monkeypatch.setattr(files, "_UPGRADES", steps)
    manifest = files.read(tmp_path / "s", _KEY)
    assert manifest.notes == ["one", "two"]
    assert manifest.format == FORMAT + 2


def _record() -> None:
    folder = _RECORDED / f"format-{FORMAT}"
    shutil.rmtree(folder, ignore_errors=True)
    linecache.cache["<cell 1>"] = (len(_CELL), None, _CELL.splitlines(keepends=True), "<cell 1>")
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(_CELL, "<cell 1>", "exec", dont_inherit=True), space)  # noqa: S102 - a cell
    # Named, so that nothing of the machine is in it.
    names = [name for name in space if not name.startswith("__")]
    manifest = state.save(folder, space, names=names, key=_KEY)
    print(json.dumps([each.name for each in manifest.variables]))  # noqa: T201 - a command


if __name__ == "__main__":
    _record()
