"""Bytecode of another version of Python is never run: the source is compiled again, or it is named."""

import linecache
from pathlib import Path
from typing import Any

import pytest

from runtiles_server import state
from runtiles_server.state.reducers import functions

_CELL = """
k = 10
def outer():
    n = 1
    def inner(x, y=2): return x + y + n + k
    return inner
inner = outer()
double = lambda x: x * 2
class A:
    def f(self): return super().__init__() or 'f'
"""


def _load_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], state.Report]:
    monkeypatch.setattr(functions, "MAGIC", b"another version")
    found: dict[str, Any] = {}
    return found, state.load(folder, found, names=["k", "outer", "inner", "double", "A"])


def test_functions_are_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "<a cell of this test>"
    linecache.cache[name] = (len(_CELL), None, _CELL.splitlines(keepends=True), name)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(_CELL, name, "exec"), space)  # noqa: S102 - a cell
    state.save(tmp_path / "s", space)
    found, report = _load_elsewhere(tmp_path / "s", monkeypatch)
    assert report.losses == []
    assert found["inner"](1) == 14
    assert found["outer"]()(0) == 13
    assert found["double"](4) == 8
    assert found["A"]().f() == "f"
    assert found["inner"].__code__ is not space["inner"].__code__


def test_a_function_without_source_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("k = 1\ndouble = lambda x: x * 2", "<nowhere>", "exec"), space)  # noqa: S102 - a cell
    state.save(tmp_path / "s", space)
    found, report = _load_elsewhere(tmp_path / "s", monkeypatch)
    assert found["k"] == 1
    # Of names that were asked for, one that is lost as a whole binds nothing.
    assert "double" not in found
    assert [each.path for each in report.losses] == ["double"]
    assert "source is not known" in report.losses[0].reason
