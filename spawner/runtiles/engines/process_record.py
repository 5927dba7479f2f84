"""What is remembered of a runtime that is a process, and whether that process is still there."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_FILE = "meta.json"


@dataclass(frozen=True)
class Record:
    """`started` tells processes of the same number apart, `started_at` is in seconds since the epoch."""

    labels: Mapping[str, str]
    pid: int
    started: str
    started_at: float
    #: Process and start of what writes its log; 0 for a runtime that an older Hub started.
    stamper: tuple[int, str] = (0, "")

    @classmethod
    def of(cls, labels: Mapping[str, str], pid: int, stamper: int) -> "Record":
        """Of processes that have just begun."""
        started, started_at = start_of(pid) or ("", 0.0)
        begun, _ = start_of(stamper) or ("", 0.0)
        return cls(dict(labels), pid, started, started_at, (stamper, begun))

    @property
    def runs(self) -> bool:
        return _is(self.pid, self.started)

    @property
    def frozen(self) -> bool:
        """Is it held by a signal?"""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] in "Tt"

    @property
    def stamps(self) -> bool:
        """Is the process that writes its log still there?"""
        pid, started = self.stamper
        return bool(pid) and _is(pid, started)

    def has(self, labels: Mapping[str, str | None]) -> bool:
        """All of these; None is for any value."""
        return all(value in (None, self.labels.get(name)) for name, value in labels.items())

    def write(self, place: Path) -> None:
        """As a whole or not at all."""
        temporary = (place / _FILE).with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self)))
        temporary.replace(place / _FILE)


def read_record(place: Path) -> Record | None:
    """None for what was not launched yet, or is gone."""
    try:
        data: dict[str, Any] = json.loads((place / _FILE).read_text())
        pid, started = data.get("stamper", (0, ""))
        known = (data["labels"], data["pid"], data["started"], data["started_at"])
        return Record(*known, (pid, started))
    except (OSError, ValueError, KeyError):
        return None


def start_of(pid: int) -> tuple[str, float] | None:
    """Which process this is (a number is used again, its start time is not), and since when.

    None: there is none, or it has ended and waits to be collected.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        since = Path(f"/proc/{pid}").stat().st_mtime
    except OSError:
        return None
    # The second field, the name, may hold blanks and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else (start_ticks, since)


async def until_ended(pid: int) -> None:
    """Returns when the process has ended, a child or not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _is(pid: int, started: str) -> bool:
    start = start_of(pid)
    return start is not None and start[0] == started
