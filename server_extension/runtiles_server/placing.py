"""Where a clone is made, and how it becomes the workspace in one step that no kill can tear.

Beside the workspace where a rename can bring it in; inside the workspace where that folder is a mount
point or its parent belongs to somebody else. A name says how far a clone inside came, so that the next
start knows whether to throw it away or to finish moving it.
"""

import contextlib
import os
import shutil
from pathlib import Path
from typing import List

from .report import Problem

NOTICE_FILE = "RUNTILES-NOTICE.md"
_UNFINISHED = ".runtiles-cloning"
_FINISHED = ".runtiles-cloned"
#: Made by us, by JupyterLab or by a file system; nobody's work.
_NOT_WORK = frozenset(
    {NOTICE_FILE, _UNFINISHED, _FINISHED, ".ipynb_checkpoints", ".virtual_documents", "lost+found"}
)


def holds_work(workspace: Path) -> bool:
    """True when something in it could be a person's. A folder that cannot be read counts as theirs."""
    try:
        return any(path.name not in _NOT_WORK for path in workspace.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def staging(workspace: Path) -> Path:
    """The folder to clone into; does not exist (see `clear`)."""
    beside = _beside(workspace)
    if is_mount_point(workspace) or not os.access(beside.parent, os.W_OK | os.X_OK):
        return workspace / _UNFINISHED
    return beside


def clear(workspace: Path) -> None:
    """Remove what a killed launch left, and finish what it had nearly finished."""
    for left in (_beside(workspace), workspace / _UNFINISHED):
        shutil.rmtree(left, ignore_errors=True)
    finished = workspace / _FINISHED
    # A repository may hold a link of this name, to a folder that is none of its business.
    if finished.is_dir() and not finished.is_symlink():
        _move_in(workspace)


def place(staged: Path, workspace: Path) -> None:
    """The finished clone becomes the workspace. What is there stays as it is. Raises OSError."""
    remove_notice(workspace)
    if staged.parent != workspace:
        try:
            # Over an empty folder, or none: one step.
            staged.rename(workspace)
        except OSError:
            pass  # Not quite empty after all: move in beside what is there.
        else:
            return
    staged.rename(workspace / _FINISHED)
    _move_in(workspace)


def write_notice(workspace: Path, problem: Problem) -> None:
    """For the person who opens the server and wonders where the files are."""
    text = (
        "# The workspace is not complete\n\n"
        f"{problem.message}\n\n{problem.hint}\n\n"
        "This file goes away by itself when a later start brings the files.\n"
    )
    with contextlib.suppress(OSError):
        (workspace / NOTICE_FILE).write_text(text, encoding="utf-8")


def remove(staged: Path) -> None:
    """What is left of one that came to nothing."""
    shutil.rmtree(staged, ignore_errors=True)


def remove_notice(workspace: Path) -> None:
    with contextlib.suppress(OSError):
        (workspace / NOTICE_FILE).unlink()


def is_mount_point(folder: Path) -> bool:
    """Also for a bind mount of the same file system, which os.path.ismount does not see."""
    if folder.is_mount():
        return True
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return os.path.realpath(folder) in mounts(table)


def mounts(table: str) -> List[str]:
    """The mount points of a mountinfo table."""
    fields = (line.split(" ") for line in table.splitlines())
    return [row[4].replace("\\040", " ").replace("\\011", "\t") for row in fields if len(row) > 4]


def _beside(workspace: Path) -> Path:
    return workspace.with_name(f".{workspace.name}{_UNFINISHED}")


def _move_in(workspace: Path) -> None:
    finished = workspace / _FINISHED
    for path in sorted(finished.iterdir()):
        if not os.path.lexists(workspace / path.name):
            path.rename(workspace / path.name)
    shutil.rmtree(finished, ignore_errors=True)
