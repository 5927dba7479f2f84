"""Under which names a snapshot's variables arrive, and what a load leaves alone."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from runtiles_server import state

_FUNCTIONS = "k = 1\ndef f(): return k\n"


def _saved(folder: Path, cell: str = "", **values: Any) -> Path:
    exec(cell, values)  # noqa: S102 - a cell
    state.save(folder / "s", values)
    return folder / "s"


def _told(report: state.Report) -> list[tuple[str, str, str]]:
    return [(each.name, each.called, each.status) for each in report.variables]


def test_the_report_has_the_order_of_the_names(tmp_path: Path) -> None:
    folder = _saved(tmp_path, _FUNCTIONS, a=1, b=2)
    report = state.load(folder, {}, names=["f", "b", "a"])
    assert [each.name for each in report.variables] == ["f", "b", "a", "k"]


def test_a_variable_arrives_under_another_name(tmp_path: Path) -> None:
    shared = [1]
    folder = _saved(tmp_path, a=shared, b=shared)
    found: dict[str, Any] = {"a": "mine"}
    report = state.load(folder, found, names=["a", "b"], rename={"a": "c"})
    assert found["a"] == "mine"
    assert found["b"] is found["c"]
    assert _told(report) == [("a", "c", "restored"), ("b", "b", "restored")]
    assert report.to_dict()["variables"][0]["called"] == "c"


def test_two_names_change_places(tmp_path: Path) -> None:
    found: dict[str, Any] = {}
    state.load(_saved(tmp_path, a=1, b=2), found, names=["a", "b"], rename={"a": "b", "b": "a"})
    assert (found["a"], found["b"]) == (2, 1)


def test_a_function_goes_on_looking_up_the_name_it_was_written_with(tmp_path: Path) -> None:
    found: dict[str, Any] = {}
    report = state.load(_saved(tmp_path, _FUNCTIONS), found, names=["f"], rename={"k": "other"})
    assert found["other"] == 1
    with pytest.raises(NameError):
        found["f"]()
    assert report.notes == ["f looks up k, which is called other here."]


def test_without_overwriting_what_is_there_stays(tmp_path: Path) -> None:
    folder = _saved(tmp_path, _FUNCTIONS, a=1)
    found: dict[str, Any] = {"k": 5, "untouched": [1]}
    report = state.load(folder, found, names=["a", "f"], overwrite=False)
    assert _told(report) == [("a", "a", "restored"), ("f", "f", "restored"), ("k", "k", "kept")]
    assert report.variables[2].reason == "k was here already"
    assert report.notes == ["f looks up k: it finds the one that was here before."]
    assert found["f"]() == 5
    assert found["untouched"] == [1]


def test_without_overwriting_the_new_name_counts(tmp_path: Path) -> None:
    folder = _saved(tmp_path, a=1, b=2)
    found: dict[str, Any] = {"a": "mine", "c": "mine too"}
    renames = {"a": "fresh", "b": "c"}
    report = state.load(folder, found, names=["a", "b"], rename=renames, overwrite=False)
    assert {name: found[name] for name in "ac"} == {"a": "mine", "c": "mine too"}
    assert found["fresh"] == 1
    assert "b" not in found
    assert _told(report) == [("a", "fresh", "restored"), ("b", "c", "kept")]


def test_what_is_kept_is_not_even_replaced_for_a_moment(tmp_path: Path) -> None:
    folder = _saved(tmp_path, "class A:\n  def __setstate__(self, s): seen.append(a)\nx = A()", a=1)
    found: dict[str, Any] = {"a": "mine", "seen": []}
    state.load(folder, found, overwrite=False)
    assert set(found["seen"]) <= {"mine"}


@pytest.mark.parametrize("rename", [{"a": "b"}, {"a": "c", "b": "c"}, {"a": "no name"}])
def test_names_that_cannot_be_are_refused_before_anything_changes(
    tmp_path: Path, rename: dict[str, str]
) -> None:
    found: dict[str, Any] = {"b": "mine"}
    with pytest.raises(state.NamesClash):
        state.load(_saved(tmp_path, a=1, b=2), found, rename=rename)
    assert found == {"b": "mine"}


def test_names_that_are_not_there_are_told(tmp_path: Path) -> None:
    assert state.save(tmp_path / "s", {"a": 1}, names=["a", "x"]).notes == [
        "There is no variable x."
    ]
    report = state.load(tmp_path / "s", {}, names=["a", "y"], rename={"z": "q"})
    assert report.notes[-2:] == ["y is not in the snapshot.", "z is not in the snapshot."]


_BREAKS_OFF = """
class Breaks:
    def __reduce__(self): return stop, ()
def stop(): raise KeyboardInterrupt
b = Breaks()
"""


def test_a_load_that_breaks_off_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.chdir(tmp_path)
        there.setenv("COLOUR", "red")
        there.syspath_prepend(str(tmp_path))
        folder = _saved(tmp_path, _BREAKS_OFF, a=1)
    found: dict[str, Any] = {"a": "mine"}
    before = (dict(os.environ), list(sys.path), Path.cwd(), list(warnings.filters))
    with pytest.raises(KeyboardInterrupt):
        state.load(folder, found)
    assert (dict(os.environ), list(sys.path), Path.cwd(), list(warnings.filters)) == before
    assert found == {"a": "mine"}


def test_a_plan_tells_how_long_a_save_takes(tmp_path: Path) -> None:
    small = state.plan({"a": 1})
    big = state.plan({"a": bytearray(100 << 20)}, directory=tmp_path / "not" / "there")
    assert 0 < small.seconds < big.seconds
    assert list(tmp_path.iterdir()) == []
