"""From one version of Python into another: nothing crashes, and nothing that has a source is lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runtiles_server.state import bootstrap

_VERSIONS = [f"3.{minor}" for minor in range(8, 16)]
_HERE = f"3.{sys.version_info.minor}"
_CELL = """
import collections, dataclasses, decimal, enum, functools, pathlib, random, typing
shared = [1, 2]; again = {'it': shared}; shared.append(again)
k = 10
def counter():
    n = 0
    def up(by=1):
        nonlocal n; n += by; return n + k
    def now(): return n
    return up, now
up, now = counter(); up()
def count():
    global k; k += 1; return k
def gen(): yield from range(3)
double = lambda x: x * 2
class Base:
    def __init__(self, x): self.x = x
    def name(self): return type(self).__name__
class Child(Base):
    __slots__ = ('y',)
    def name(self): return super().name() + '!'
    @property
    def twice(self): return self.x * 2
    @classmethod
    def make(cls): return cls(5)
child = Child.make(); child.y = shared
@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 2
    tags: list = dataclasses.field(default_factory=list, compare=False)
    def norm(self): return self.x + self.y
@dataclasses.dataclass(frozen=True)
class Fixed:
    a: int
point = Point(1); fixed = {Fixed(1): 'one'}
Pair = collections.namedtuple('Pair', 'left right', defaults=[0])
class Named(typing.NamedTuple):
    a: int
    b: str = 'b'
    def both(self): return f'{self.a}{self.b}'
pair, named = Pair(1), Named(3)
@functools.lru_cache(maxsize=5)
def cached(n): return n + k
part = functools.partial(double, 4)
path, price = pathlib.Path('/a') / 'b', decimal.Decimal('1.10')
r = random.Random(5); first = r.random()
stuck = (i for i in shared)
big = bytearray(b'x') * 100_000
"""
_CHECK = """
assert shared[2]['it'] is shared and child.y is shared
assert up(2) == 13 and now() == 3 and count() == 11 and k == 11 and up(0) == 14
assert list(gen()) == [0, 1, 2] and double(4) == part() == 8
assert child.name() == 'Child!' and child.twice == 10 and type(Child.make()) is Child
assert point == Point(1) and point < Point(2) and repr(point) == 'Point(x=1, y=2, tags=[])'
assert point.norm() == 3 and Point(5, tags=[1]).tags == [1] and Point(1).tags is not point.tags
assert fixed[Fixed(1)] == 'one' and dataclasses.asdict(point)['y'] == 2
assert pair == (1, 0) and pair._replace(left=2).left == 2 and Pair(7).right == 0
assert named.both() == '3b' and Named(1)._asdict() == {'a': 1, 'b': 'b'}
assert cached(1) == 12 and str(path) == '/a/b' and price == decimal.Decimal('1.10')
q = random.Random(5); q.random(); assert r.random() == q.random()
assert bytes(big[:3]) == b'xxx' and len(big) == 100_000
assert repr(stuck).startswith('<lost generator')
assert [each.path for each in report.losses] == ['stuck'], report.losses
"""
_DRIVER = """
import linecache, sys
cell = {cell!r}
linecache.cache['<cell 1>'] = (len(cell), None, cell.splitlines(True), '<cell 1>')
__name__ = '__main__'
exec(compile(cell, '<cell 1>', 'exec', dont_inherit=True))
"""


def _interpreter(version: str) -> str:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(root.glob(f"versions/{version}.*/bin/python"))
    for each in (shutil.which(f"python{version}"), *map(str, found)):
        if each and subprocess.run([each, "-c", ""], capture_output=True).returncode == 0:
            return each
    pytest.skip(f"there is no Python {version} here")


def _run(version: str, code: str) -> None:
    # Without site-packages: the engine arrives by itself.
    python = sys.executable if version == _HERE else _interpreter(version)
    done = subprocess.run(
        [python, "-I", "-S", "-c", code], capture_output=True, text=True, cwd="/", timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize(
    ("saver", "loader"),
    [pair for each in _VERSIONS for pair in ((_HERE, each), (each, _HERE))],
)
def test_a_session_goes_on_in_another_version(saver: str, loader: str, tmp_path: Path) -> None:
    folder = str(tmp_path / "s")
    # The driver's own names are no part of the session.
    names = "[n for n in list(globals()) if not n.startswith('__') and n not in ('cell', 'sys')]"
    save = bootstrap.expression(f"save({folder!r}, globals(), names={names})")
    _run(saver, _DRIVER.format(cell=_CELL) + save)
    load = bootstrap.expression(f"load({folder!r})")
    _run(loader, f"report = {load}\n" + _CHECK)
