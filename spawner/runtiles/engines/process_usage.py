"""Which processes belong to a runtime, and what they use, from /proc."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .base import ContainerUsage

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Of /proc/PID/stat, counted after the name.
_PARENT, _SESSION, _CPU, _RSS = 1, 3, slice(11, 15), 21


@dataclass(frozen=True)
class Reading:
    """CPU time in seconds, memory in bytes, at a moment (seconds since the epoch)."""

    cpu: float
    memory: int
    at: float


def read_session(leader: int) -> Reading:
    """Of all processes of the session, and of their children that have ended. Blocks."""
    mine = [fields for fields in _all_processes() if int(fields[_SESSION]) == leader]
    ticks = sum(int(number) for fields in mine for number in fields[_CPU])
    pages = sum(int(fields[_RSS]) for fields in mine)
    return Reading(ticks / _TICKS, pages * _PAGE, time.time())


def usage(before: Reading, now: Reading) -> ContainerUsage:
    spent, passed = max(0.0, now.cpu - before.cpu), now.at - before.at
    return ContainerUsage(cpu=spent / passed if passed > 0 else 0.0, memory=now.memory)


def family(leader: int) -> list[int]:
    """The process and all that it and its children began, also in sessions of their own, as kernels are.
    Blocks."""
    children: dict[int, list[int]] = {}
    for pid, fields in _by_number():
        children.setdefault(int(fields[_PARENT]), []).append(pid)
    found = [leader]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _all_processes() -> Iterator[list[str]]:
    for _, fields in _by_number():
        yield fields


def _by_number() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue  # it has ended meanwhile
            yield int(entry.name), stat.rpartition(")")[2].split()
