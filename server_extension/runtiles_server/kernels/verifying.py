"""Reading a snapshot back, in a process of its own.

The event loop goes on, the server's memory stays as it is, and a file that is cut short while it is mapped
ends that process only.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import List

from runtiles_server.failures import SnapshotRefused
from runtiles_server.state import SnapshotError
from runtiles_server.state import verify as read_back

_CALL = (
    "import sys; sys.path[:] = {path!r}; from runtiles_server.kernels.verifying import main; main()"
)


async def verify(folders: List[Path], key: bytes) -> None:
    """Every byte of each is what was written. Raises SnapshotRefused; the key goes by a pipe."""
    if not folders:
        return
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _CALL.format(path=[each for each in sys.path if each]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        question = json.dumps({"key": key.hex(), "folders": [str(each) for each in folders]})
        told, _ = await child.communicate(question.encode())
    finally:
        if child.returncode is None:
            child.kill()
    problem = told.decode("utf-8", "replace").strip() if child.returncode == 0 else "unreadable"
    if problem != "good":
        raise SnapshotRefused(f"What was written cannot be read back: {problem}")


def main() -> None:

    question = json.load(sys.stdin)
    try:
        for folder in question["folders"]:
            read_back(folder, key=bytes.fromhex(question["key"]))
    except (SnapshotError, OSError) as error:
        sys.stdout.write(str(error))
    else:
        sys.stdout.write("good")
