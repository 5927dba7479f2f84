"""Every case of the table: a cell, a save in one process, a load in a fresh one, an assertion."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import runtiles_server

from .cases import CASES
from .cases.case import Case

_FORKS = Path(__file__).parent / "forks.py"


class Forks:
    def __init__(self, *libraries: str) -> None:
        root = str(Path(runtiles_server.__file__).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, str(_FORKS), *libraries],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1"},
        )
        self._answer()

    def ask(self, **request: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def saver() -> Iterator[Forks]:
    forks = Forks("numpy", "pandas", "torch")
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def loader() -> Iterator[Forks]:
    # It has nothing loaded that a load would have to import.
    forks = Forks("numpy", "pandas", "torch")
    yield forks
    forks.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, saver: Forks, loader: Forks, tmp_path: Path) -> None:
    for name in case.needs:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    saved = saver.ask(folder=str(tmp_path), cell=case.cell)
    assert "error" not in saved, saved["error"]
    loaded = loader.ask(folder=str(tmp_path), check=case.check)
    assert "error" not in loaded, loaded["error"]
    if case.name != "endless reduce":
        assert sorted(loaded["lost"]) == sorted(case.lost)
