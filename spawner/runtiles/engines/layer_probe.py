"""Which Python of an image can carry the launcher. Pure: what to run in it, and what the answer means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from runtiles.contract.errors import NoPython
from runtiles.contract.protocol import LAYER_DIR

MINIMUM = (3, 8)
#: Tried one by one in an image without a shell; there, no PATH is searched.
CANDIDATES = (
    "/opt/conda/bin/python3",
    "/usr/local/bin/python3",
    "/usr/bin/python3",
    "/opt/venv/bin/python3",
    "/opt/bitnami/python/bin/python3",
)
_MODULES = ("venv", "ssl", "sqlite3", "zlib")
_MARK = "runtiles-python"
#: An executable's path ends in a Dockerfile: nothing there may need quoting.
_SAFE_PATH = re.compile(r"/[A-Za-z0-9_./+-]+")

#: Runs on any Python, also on 2.7, to be able to say what was found. In an image that already has a
#: launcher's environment it names the Python behind it.
CODE = f"""
import sys
def lacks(name):
    try:
        __import__(name)
    except Exception:
        return True
path = sys.executable
if sys.prefix.startswith({LAYER_DIR!r}):
    path = getattr(sys, "_base_executable", path)
missing = ",".join(name for name in {_MODULES!r} if lacks(name))
sys.stdout.write("{_MARK}|%d.%d.%d|%s|%s\\n" % (sys.version_info[:3] + (path, missing)))
"""

#: For `sh -c SCRIPT sh CODE`: the PATH's own order first, then well-known places, then versioned names.
SCRIPT = f"""
try() {{ [ -x "$1" ] && [ ! -d "$1" ] && "$1" -c "$CODE" 2>/dev/null; }}
CODE=$1
found() {{ p=$(command -v "$1" 2>/dev/null) && try "$p"; }}
found python3; found python
for p in {" ".join(CANDIDATES)}; do try "$p"; done
IFS=:
for d in $PATH; do
  for p in "$d"/python3.[0-9] "$d"/python3.[0-9][0-9]; do try "$p"; done
done
exit 0
"""


@dataclass(frozen=True)
class Python:
    """A Python found in an image. `missing` names modules of its standard library that are not there."""

    path: str
    version: tuple[int, int, int]
    missing: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return self.version >= MINIMUM and not self.missing

    @property
    def minor(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"

    def __str__(self) -> str:
        return f"Python {'.'.join(map(str, self.version))} ({self.path})"


def parse(output: str) -> list[Python]:
    """The Pythons in a probe's output, in its order; other lines are noise of the image."""
    found = (_parse_line(line.strip()) for line in output.splitlines())
    return [python for python in found if python is not None]


def choose(image: str, found: Iterable[Python]) -> Python:
    """The first usable one. Raises NoPython saying what was found and what to add."""
    found = list(found)
    for python in found:
        if python.usable:
            return python
    recent = [python for python in found if python.version >= MINIMUM]
    if recent:
        raise NoPython(
            f"{recent[0]} of {image} lacks the modules {', '.join(recent[0].missing)}.",
            hint="Install the complete Python, for example "
            "`RUN apt-get update && apt-get install -y python3 python3-venv`.",
        )
    what = f"has only {max(found, key=lambda p: p.version)}" if found else "has no Python"
    raise NoPython(
        f"{image} {what}.",
        hint="Add Python 3.8 or later, for example "
        "`RUN apt-get update && apt-get install -y python3`.",
    )


def _parse_line(line: str) -> Python | None:
    mark, _, rest = line.partition("|")
    fields = rest.split("|")
    if mark != _MARK or len(fields) != 3:
        return None
    version, path, missing = fields
    numbers = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if not numbers or not _SAFE_PATH.fullmatch(path):
        return None
    major, minor, patch = map(int, numbers.groups())
    return Python(path, (major, minor, patch), tuple(m for m in missing.split(",") if m))
