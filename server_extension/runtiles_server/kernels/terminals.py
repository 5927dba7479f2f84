"""Terminals, and what runs in them: it ends with the container, and nothing of it is saved."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Set, Tuple

from runtiles.contract.activity import printable
from runtiles_server.activity.programs import foreground
from runtiles_server.activity.threads import beside
from runtiles_server.activity.waiting import MULTIPLEXERS, Process, at_work, plain, processes
from runtiles_server.runtime_state import ENV_STATE_FILE

_LONGEST_NAME = 60
#: Name, the master side of its terminal, and the process id of its shell.
_Open = Tuple[str, int, int]


async def terminals(server: Any) -> List[Dict[str, Any]]:
    """`name`, `job` and `status` of each that is open, and of what runs in a detached tmux or screen.

    `running`: `job` is a program at work in the foreground; `background`: at work behind the prompt, or
    detached; `waiting`: it waits for whoever types, such as an editor; `prompt`: there is none, null.
    """
    manager = server.web_app.settings.get("terminal_manager")
    there = [] if manager is None else list(manager.terminals.items())
    return await beside(_look, [(name, each.ptyproc.fd, each.ptyproc.pid) for name, each in there])


def _look(there: List[_Open]) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    seen: Set[int] = set()
    all_ = processes()
    for name, terminal, shell in there:
        program = foreground(terminal, shell)
        if program is not None:
            seen.add(program.group)
        if program is not None and not program.waits:
            found.append(_entry(name, program.name, "running"))
            continue
        behind = _behind(shell, all_)
        if behind:
            found.append(_entry(name, behind[0], "background"))
        elif program is not None:
            found.append(_entry(name, program.name.partition(":")[0], "waiting"))
        else:
            found.append(_entry(name, "", "prompt"))
    return found + [_entry(*each, "background") for each in _detached(all_, seen)]


def _entry(name: str, job: str, status: str) -> Dict[str, Any]:
    return {"name": name, "job": printable(job)[:_LONGEST_NAME] or None, "status": status}


def _behind(shell: int, all_: List[Process]) -> List[str]:
    """What is at work in a shell's session, but for the shell itself and what has the terminal."""
    members = [each for each in all_ if each.session == shell]
    return _names(each for each in members if each.group not in (shell, each.foreground))


def _detached(all_: List[Process], seen: Set[int]) -> Iterator[Tuple[str, str]]:
    """Multiplexer and program, for each of their terminals that shows in none of ours."""
    servers = {each.id: each for each in all_ if plain(each.name) in MULTIPLEXERS}
    for pane in all_:
        server = servers.get(pane.parent)
        if server is None or pane.id != pane.session or not _is_ours(server.id):
            continue
        members = [each for each in all_ if each.session == pane.id]
        names = _names(members)
        if names and seen.isdisjoint(each.group for each in members):
            yield plain(server.name), names[0]


def _names(members: Iterable[Process]) -> List[str]:
    """Those at work, in the order of their groups."""
    groups: Dict[int, List[Process]] = {}
    for each in members:
        groups.setdefault(each.group, []).append(each)
    return [each.name for group in sorted(groups) for each in at_work(groups[group])]


def _is_ours(process: int) -> bool:
    """Was it started in this runtime? Without containers the machine has other people's, too."""
    own = os.environ.get(ENV_STATE_FILE)
    with suppress(OSError):
        theirs = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        return bool(own) and f"{ENV_STATE_FILE}={own}".encode() in theirs
    return False
