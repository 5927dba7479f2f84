"""Secrets that a tile wants as files: in memory only, for the runtime's own user only."""

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Dict, Mapping, Optional, Sequence

from runtiles.contract import secret_folders

from .report import Problem

_IN_MEMORY = ("tmpfs", "ramfs")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED = re.compile(r"\\([0-7]{3})")


class NotWritten(Exception):
    """`problem` says why, in words for a person."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class SecretFiles:
    """The folder of one launch, made when there is something to put into it: in the first of `places`
    that is in memory, the usual ones unless told."""

    def __init__(self, launch_id: str, places: Optional[Sequence[str]] = None) -> None:
        self._launch_id = launch_id
        self._places = places
        self._folder: Optional[Path] = None

    def write(self, values: Mapping[str, str], environ: Mapping[str, str]) -> Dict[str, str]:
        """Each value in a file of mode 0600 in a folder of mode 0700; `NAME_FILE` for each NAME.

        Raises NotWritten rather than put a secret on a disk; then none of them is written.
        """
        if not values:
            return {}
        try:
            folder = self._folder = self._make(environ)
            return {f"{name}_FILE": _write(folder, name, value) for name, value in values.items()}
        except (OSError, ValueError) as error:
            self.remove()
            raise NotWritten(_problem(values, str(error))) from None

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(str(self._folder), ignore_errors=True)

    def _make(self, environ: Mapping[str, str]) -> Path:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        for place in self._places or secret_folders.places(environ, os.getuid()):
            if filesystem_of(os.path.realpath(place), mounts) not in _IN_MEMORY:
                continue
            with contextlib.suppress(OSError):
                start = secret_folders.prefix(self._launch_id)
                return Path(tempfile.mkdtemp(prefix=start, dir=place))
        raise OSError("there is no folder in memory that can be written")


def filesystem_of(path: str, mounts: str) -> str:
    """The type of the file system that `path` is on, by the text of /proc/self/mountinfo."""
    found, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # Of two mounts on one place the later one is seen.
        if inside and len(point) >= len(found):
            found, kind = point, after.split(" ")[0]
    return kind


def _write(folder: Path, name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("one of them has a name that no variable can have")
    path = folder / name
    handle = os.open(str(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(value)
    return str(path)


def _problem(values: Mapping[str, str], reason: str) -> Problem:
    return Problem(
        "secrets_not_written",
        f"The secrets {', '.join(sorted(values))} are not there: {reason}.",
        "The tile gives them as files. An image without /dev/shm needs a tile that gives its secrets as"
        " variables (`secrets_as: environment`).",
    )
