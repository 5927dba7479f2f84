"""Into a Python that has nothing of ours, and out of it into one that has."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from runtiles_server import state
from runtiles_server.state import bootstrap


def _bare(python: str, code: str) -> None:
    # Without site-packages, and from no folder of ours.
    subprocess.run([python, "-I", "-S", "-c", code], check=True, cwd="/")


def test_a_bare_python_saves_and_loads(tmp_path: Path) -> None:
    folder = str(tmp_path / "s")
    _bare(
        sys.executable,
        "class A: x = [1]\na = A(); b = a.x\ndef f(): return b\n"
        f"report = {bootstrap.expression(f'save({folder!r})')}\n"
        "assert '_install' not in globals()",
    )
    _bare(
        sys.executable,
        f"report = {bootstrap.expression(f'load({folder!r})')}\n"
        "assert not report.losses, report\nassert f() is b is type(a).x",
    )


def test_what_a_bare_python_saved_is_loaded_where_the_package_is(tmp_path: Path) -> None:
    folder = str(tmp_path / "s")
    code = "a = [1]; b = a\ng = (i for i in a)\n" + bootstrap.expression(f"save({folder!r})")
    _bare(sys.executable, code)
    found: dict[str, Any] = {}
    state.load(folder, found)
    assert found["a"] is found["b"]
    assert isinstance(found["g"], state.Lost)
