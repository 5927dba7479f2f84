import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtiles_server import shims
from runtiles_server.command import SHIMMED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder"
    shims.write(folder, sys.executable)
    return folder


def test_each_server_program_has_one(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(SHIMMED)
    assert all(os.access(path, os.X_OK) for path in folder.iterdir())


def test_first_on_the_path_and_off_again(folder: Path) -> None:
    environ = shims.enabled({"PATH": "/usr/bin:/bin"}, folder)
    assert environ["PATH"] == f"{folder}:/usr/bin:/bin"
    shims.disable(environ)
    assert environ == {"PATH": "/usr/bin:/bin"}
    shims.disable(environ)
    assert environ == {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("shell", [["bash", "-c"], ["bash", "-lc"], ["sh", "-c"]])
def test_whatever_the_shell_does_to_the_path(
    folder: Path, tmp_path: Path, shell: list[str]
) -> None:
    """`bash -l` sets a path of its own; `activate` of an environment puts its folder in front."""
    active = tmp_path / "venv"
    active.mkdir()
    (active / "jupyter").write_text("#!/bin/sh\necho the environments own\n")
    (active / "jupyter").chmod(0o755)
    for shim in folder.iterdir():
        shim.write_text('#!/bin/sh\necho "shim $0 $*"\n')
    activate = f"PATH={active}:$PATH; " if shell[0] == "bash" else ""
    done = subprocess.run(
        [*shell, f"{activate}jupyter lab --port 1; jupyter-lab"],
        env=shims.enabled({"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, folder),
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        f"shim {folder}/jupyter lab --port 1",
        f"shim {folder}/jupyter-lab ",
    ]


def test_what_is_no_server_is_the_real_program(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "jupyter").write_text('#!/bin/sh\necho real "$@"\n')
    (real / "jupyter").chmod(0o755)
    environ = shims.enabled({"PATH": f"{real}:/usr/bin:/bin"}, folder)
    arguments = ["jupyter", "nbconvert", "a b.ipynb"]
    done = subprocess.run(arguments, env=environ, capture_output=True, text=True)
    assert done.stdout == "real nbconvert a b.ipynb\n", done.stderr


def test_a_program_that_the_image_lacks(folder: Path) -> None:
    environ = shims.enabled({"PATH": "/usr/bin:/bin"}, folder)
    arguments = [str(folder / "jupyter"), "nbconvert"]
    done = subprocess.run(arguments, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "jupyter: not in this image" in done.stderr


def test_a_module_in_the_current_folder_does_not_get_in(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the workspace')\n")
    environ = shims.enabled({"PATH": "/usr/bin:/bin"}, folder)
    done = subprocess.run(
        [str(folder / "jupyter"), "x"], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert "not in this image" in done.stderr
