"""What runs in the foreground of a terminal, as the kernel of the operating system knows it."""

import os
from pathlib import Path
from typing import NamedTuple, Optional

_LONGEST_NAME = 60


class Foreground(NamedTuple):
    """`started` is the moment when the process group's leader began, in seconds since boot."""

    group: int
    name: str


def foreground(terminal: int, shell: int) -> Optional[Foreground]:
    """The program that has the terminal (a file descriptor of its master side), None at the prompt.

    `shell` is the process id of the terminal's own shell. A shell inside the shell (`bash`, `su`) is a
    program too; a suspended one (Ctrl-Z) is not in the foreground. None also where nobody can tell.
    """
    try:
        group = os.tcgetpgrp(terminal)
    except OSError:
        return None
    if group <= 0 or group == _group_of(shell):
        return None
    return Foreground(group, _name_of(group))


def _group_of(process: int) -> int:
    try:
        return os.getpgid(process)
    except OSError:
        return -1


def _name_of(process: int) -> str:
    try:
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "a program"
    return name.strip()[:_LONGEST_NAME]
