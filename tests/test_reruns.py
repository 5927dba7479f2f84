"""Only tests of the whole system are run once more, and nobody can overlook that one was."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FAILS_ONCE = """
import pytest

tried = []

def once(kind):
    tried.append(kind)
    assert tried.count(kind) > 1, f"the first time of {kind}"

@pytest.fixture(scope="module")
def started():
    tried.append("started")
    yield
    assert tried.count("started") == 1
    print("ended once")

@pytest.fixture
def docker_client(started):
    pass

def test_whole(docker_client):
    once("whole")

def test_unit(started):
    once("unit")
"""


def run(tmp_path: Path, *more: str) -> str:
    """What a run under our conftest says."""
    (tmp_path / "test_it.py").write_text(FAILS_ONCE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    arguments = ("-q", "-raR", "-p", "tests.conftest", "-p", "no:cacheprovider")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *arguments, "-p", "no:jupyter_server", *more),
            *(f"--rootdir={tmp_path}", f"-c{tmp_path}/pytest.ini", str(tmp_path)),
        ],
        cwd=ROOT,
        env={**os.environ, "CI": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_a_whole_test_has_a_second_try_that_is_told_of(tmp_path: Path) -> None:
    told = run(tmp_path, "--numprocesses=1")
    assert "1 failed, 1 passed, 1 rerun" in told
    assert "RERUN test_it.py::test_whole" in told
    assert "ran once more: test_it.py::test_whole" in told
    assert "AssertionError: the first time of whole" in told
    assert re.search(r"^FAILED \S*test_it.py::test_unit", told, re.MULTILINE)


def test_without_second_tries(tmp_path: Path) -> None:
    assert "2 failed" in run(tmp_path, "-p", "no:rerunfailures")
