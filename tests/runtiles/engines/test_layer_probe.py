"""Which Python carries the launcher."""

import subprocess
import sys

import pytest

from runtiles.contract.errors import NoPython
from runtiles.engines.layer_probe import CODE, SCRIPT, Python, choose, parse

GOOD = Python("/usr/bin/python3", (3, 11, 2))
OLD = Python("/usr/bin/python", (2, 7, 18))
OLDER = Python("/usr/bin/python3.6", (3, 6, 9))
PARTIAL = Python("/usr/bin/python3.12", (3, 12, 0), ("venv", "ssl"))


def test_noise_is_left_out() -> None:
    output = "welcome\nruntiles-python|3.11.2|/usr/bin/python3|\r\nruntiles-python|x|y\n"
    assert parse(output) == [GOOD]


@pytest.mark.parametrize("path", ["python3", "/a b", '/a"', "/a;b", "/$(x)", ""])
def test_a_path_is_plain(path: str) -> None:
    assert parse(f"runtiles-python|3.11.2|{path}|\n") == []


def test_the_first_usable_one() -> None:
    assert choose("x", [OLD, PARTIAL, GOOD]) == GOOD
    assert GOOD.minor == "3.11"


def test_none() -> None:
    with pytest.raises(NoPython, match="lab/x:1 has no Python") as raised:
        choose("lab/x:1", [])
    assert "apt-get install -y python3" in raised.value.hint


def test_only_old_ones() -> None:
    with pytest.raises(NoPython, match=r"has only Python 3\.6\.9 \(/usr/bin/python3\.6\)"):
        choose("lab/x:1", [OLD, OLDER])


def test_an_incomplete_one() -> None:
    with pytest.raises(NoPython, match="lacks the modules venv, ssl") as raised:
        choose("lab/x:1", [OLD, PARTIAL])
    assert "python3-venv" in raised.value.hint


def test_the_script_finds_a_python_on_this_machine() -> None:
    output = subprocess.run(
        ["sh", "-c", SCRIPT, "sh", CODE], capture_output=True, text=True, check=True
    ).stdout
    assert choose("this machine", parse(output)).version >= (3, 8)


def test_the_code_runs_on_this_python() -> None:
    output = subprocess.check_output([sys.executable, "-c", CODE], text=True)
    (found,) = parse(output)
    assert found.version == sys.version_info[:3]
    assert found.missing == ()
