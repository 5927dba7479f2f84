"""Reading a program, and what its outputs look like in a notebook."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtiles.cli import notebook
from runtiles.cli.errors import BadUsage
from runtiles.cli.notebook import Outputs


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def ipynb(folder: Path, cells: list[dict[str, Any]], **more: Any) -> str:
    data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}
    return written(folder, "n.ipynb", json.dumps(data))


def test_a_script_is_one_cell_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\nprint('grün')\n".encode("latin-1"))
    program = notebook.load(str(path))
    assert [cell.source for cell in program.cells] == ["# coding: latin-1\nprint('grün')\n"]
    assert program.data is None


def test_only_code_that_is_there_is_run(tmp_path: Path) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": {}},
        {"cell_type": "code", "source": "  \n"},
        {"cell_type": "code", "source": "1/0", "metadata": {"tags": ["raises-exception"]}},
        {"cell_type": "raw", "source": "raw"},
    ]
    program = notebook.load(ipynb(tmp_path, cells, metadata={"kernelspec": {"name": "julia"}}))
    assert [(cell.number, cell.source) for cell in program.cells] == [
        (2, "a = 1\nb = 2"),
        (4, "1/0"),
    ]
    assert [cell.may_fail for cell in program.cells] == [False, True]
    assert (program.total, program.kernel) == (5, "julia")
    assert program.describe(program.cells[1]).startswith("Cell 4 of ")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"nbformat": 4, "cells": 3}', '{"nbformat": 4, "cells": [1]}']
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadUsage, match="no notebook"):
        notebook.load(written(tmp_path, "n.ipynb", text))


def test_an_old_notebook_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="version 3"):
        notebook.load(ipynb(tmp_path, [], nbformat=3))
    with pytest.raises(BadUsage, match="neither a script"):
        notebook.load(written(tmp_path, "a.txt", ""))
    with pytest.raises(BadUsage, match="cannot be read: No such file"):
        notebook.load(str(tmp_path / "missing.py"))


def test_saving_changes_outputs_and_nothing_else(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "id": "x1", "source": "1", "metadata": {"mine": "ü"}}
    path = ipynb(tmp_path, [{**cell, "outputs": [{"old": 1}], "execution_count": 9}])
    before = json.loads(Path(path).read_text())
    program = notebook.load(path)
    program.forget_outputs()
    program.cells[0].record(1, [{"output_type": "stream", "name": "stdout", "text": "1\n"}])
    program.save()
    after = json.loads(Path(path).read_text())
    assert after["cells"][0].pop("outputs") == program.cells[0].data["outputs"]
    assert after["cells"][0].pop("execution_count") == 1
    before["cells"][0] = {**cell}
    assert after == before
    assert "ü" in Path(path).read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["n.ipynb"]


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def kept(*messages: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    outputs = Outputs()
    for kind, content in messages:
        outputs.take(kind, content)
    return outputs.kept


def test_one_stream_after_another_is_one_output() -> None:
    found = kept(stream("a"), stream("b"), stream("c", "stderr"), stream("d"), ("status", {}))
    assert [(each["name"], each["text"]) for each in found] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_outputs_have_the_fields_of_nbformat() -> None:
    data = {"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "x"}}
    shown, result, error = kept(
        ("display_data", data),
        ("execute_result", {**data, "execution_count": 3}),
        ("error", {"ename": "E", "evalue": "v", "traceback": ["t"], "more": 1}),
    )
    assert shown == {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}}
    assert result == {**shown, "output_type": "execute_result", "execution_count": 3}
    assert error == {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]}


def test_cleared_at_once_or_with_the_next_output() -> None:
    assert kept(stream("a"), ("clear_output", {"wait": False})) == []
    waiting = kept(stream("a"), ("clear_output", {"wait": True}))
    assert waiting[0]["text"] == "a"
    replaced = kept(stream("a"), ("clear_output", {"wait": True}), stream("b"))
    assert [each["text"] for each in replaced] == ["b"]
