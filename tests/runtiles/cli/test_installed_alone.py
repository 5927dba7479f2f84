"""The command line is installed in every runtime: an old Python, and of ours the contract alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import runtiles.cli

ROOT = Path(runtiles.cli.__file__).parent
SOURCES = sorted([*ROOT.rglob("*.py"), *(ROOT.parent / "contract").rglob("*.py")])
#: What the Hub's side is made of: none of it is there.
HUB_SIDE = ("jupyterhub", "sqlalchemy", "docker", "dockerspawner", "tornado", "traitlets")
_BLOCK = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
sys.argv = ["runtiles", *{args!r}]
from runtiles.cli.main import main
main()
"""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_syntax_is_that_of_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(), str(path), feature_version=(3, 8))


@pytest.mark.parametrize("args", [["--help"], ["start", "--help"], ["exec", "--help"]])
def test_it_runs_without_the_hubs_side(args: list[str]) -> None:
    code = _BLOCK.format(missing=HUB_SIDE, args=args)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: runtiles" in done.stdout


def test_help_loads_neither_the_network_nor_the_colours() -> None:
    code = _BLOCK.format(missing=(*HUB_SIDE, "httpx", "rich", "yaml", "pathspec"), args=["--help"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
