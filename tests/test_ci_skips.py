"""A green run in CI means that everything ran."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MARKED = """
import pytest

@pytest.mark.engine
def test_marked():
    pytest.skip("no engine answers")

@pytest.fixture
def part():
    pytest.skip("no part")

@pytest.mark.browser
def test_whose_fixture_skips(part):
    pass
"""
UNMARKED = 'import pytest\ndef test_unmarked():\n    pytest.skip("not on this system")\n'
EXPECTED = (
    "import pytest\n@pytest.mark.engine\n@pytest.mark.xfail(strict=True)\n"
    "def test_known():\n    assert False\n"
)
MODULE = 'import pytest\npytest.skip("no engine", allow_module_level=True)\n'


def outcome(tmp_path: Path, source: str, ci: str) -> str:
    """The summary of a run of `source` under our conftest."""
    (tmp_path / "test_it.py").write_text(source)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  engine: x\n  browser: x\n")
    arguments = ("-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:jupyter_server")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *arguments),
            *(f"--rootdir={tmp_path}", f"-c{tmp_path}/pytest.ini", str(tmp_path)),
        ],
        cwd=ROOT,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout


def test_a_skip_for_want_of_a_part_fails_in_ci(tmp_path: Path) -> None:
    told = outcome(tmp_path, MARKED, ci="true")
    assert "2 failed" in told or "1 failed, 1 error" in told
    assert "no engine answers" in told


def test_elsewhere_it_is_counted_and_named(tmp_path: Path) -> None:
    told = outcome(tmp_path, MARKED, ci="")
    assert "2 skipped" in told
    assert "1 tests were skipped that need a container engine (`make engine`)." in told
    assert "1 tests were skipped that need Chromium." in told


@pytest.mark.parametrize(("source", "word"), [(UNMARKED, "1 skipped"), (EXPECTED, "1 xfailed")])
def test_other_outcomes_are_left_alone(tmp_path: Path, source: str, word: str) -> None:
    assert word in outcome(tmp_path, source, ci="true")


def test_a_module_that_skips_itself_fails_in_ci(tmp_path: Path) -> None:
    assert "1 error" in outcome(tmp_path, MODULE, ci="true")
    assert "1 skipped" in outcome(tmp_path, MODULE, ci="")
