"""The log of a runtime that is a process: a file whose lines begin with their time (`stamp.py`)."""

import asyncio
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from runtiles.values.loglines import LogLine

from .log_text import LONGEST

_MOST = 4 * 1024 * 1024
_BLOCK = 64 * 1024
_FOLLOW_INTERVAL_S = 0.05
_STAMPED = re.compile(rb"(\d+\.\d{6}) ")


def start_stamper(log: Path) -> tuple["subprocess.Popen[bytes]", BinaryIO]:
    """A process that writes to `log` what is written into the pipe, with times."""
    source, pipe = os.pipe()
    with log.open("ab") as target, os.fdopen(source, "rb") as read:
        stamper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("stamp.py"))],
            stdin=read,
            stdout=target,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return stamper, os.fdopen(pipe, "wb")


def read_end(log: Path, tail: int | None, since: float | None) -> list[LogLine]:
    """The last lines, of at most 4 MiB. None where there is no file."""
    kept = deque[LogLine](maxlen=tail)
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST))
            if size > _MOST:
                file.readline()
            reader = LogReader()
            while block := file.read(_BLOCK):
                kept.extend(line for line in reader.feed(block) if line.at >= (since or 0))
    except OSError:
        return []
    return list(kept)


async def follow_file(
    log: Path, is_silent: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[LogLine, None]:
    """All lines, as they come, until whoever writes them has fallen silent. None where there is no file."""
    try:
        file = log.open("rb")
    except OSError:
        return
    reader = LogReader()
    with file:
        ended = False
        while not ended:
            # Asked before reading: what was written until its end is then in what is read.
            ended = await is_silent()
            while block := file.read(_BLOCK):
                for line in reader.feed(block):
                    yield line
            await asyncio.sleep(0 if ended else _FOLLOW_INTERVAL_S)


class LogReader:
    """Lines out of blocks of the file, cut anywhere."""

    def __init__(self) -> None:
        self._rest = b""
        self._last = 0.0

    def feed(self, block: bytes) -> Iterator[LogLine]:
        """The lines that are complete; every line of the file ends."""
        *lines, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > 2 * LONGEST:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            match = _STAMPED.match(line)
            self._last = float(match[1]) if match else self._last
            text = line[match.end() :] if match else line
            yield LogLine(self._last, text.decode(errors="replace").rstrip("\r"))
