"""What runs in the foreground of a terminal, as the kernel of the operating system knows it."""

import os
from pathlib import Path
from typing import List, NamedTuple, Optional

from runtiles.contract.activity import printable

from .waiting import MULTIPLEXERS, Process, at_work, may_wait, plain, processes

_LONGEST_NAME = 60


class Foreground(NamedTuple):
    """A process group, called as the program in it that works; `waits`: none does, all wait for somebody
    who types."""

    group: int
    name: str
    waits: bool = False


def foreground(terminal: int, shell: int) -> Optional[Foreground]:
    """The program that has the terminal (a file descriptor of its master side), None at the prompt.

    `shell` is the process id of the terminal's own shell. A suspended program (Ctrl-Z) is not in the
    foreground; of tmux and screen it is what is in the foreground of their own terminals. None also where
    nobody can tell.
    """
    try:
        group = os.tcgetpgrp(terminal)
    except OSError:
        return None
    if group <= 0 or group == _group_of(shell):
        return None
    name = _name_of(group)
    if name and not may_wait(name):
        return Foreground(group, name)
    return _within(group, name or "a program", processes())


def _within(group: int, name: str, there: List[Process]) -> Foreground:
    members = [each for each in there if each.group == group]
    if not members:
        return Foreground(group, name)
    for each in at_work(members):
        return Foreground(group, _printed(each.name))
    if any(plain(each.name) in MULTIPLEXERS for each in members):
        servers = {each.id for each in there if plain(each.name) in MULTIPLEXERS}
        for pane in there:
            if pane.parent in servers and pane.id == pane.session != pane.foreground:
                inner = [each for each in there if each.group == pane.foreground]
                for each in at_work(inner):
                    return Foreground(pane.foreground, _printed(each.name))
    return Foreground(group, name, waits=True)


def _group_of(process: int) -> int:
    try:
        return os.getpgid(process)
    except OSError:
        return -1


def _name_of(process: int) -> str:
    """Empty for one that is gone, though others of its group are not."""
    try:
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return _printed(name.strip())


def _printed(name: str) -> str:
    """A process chooses its name."""
    return printable(name)[:_LONGEST_NAME]
