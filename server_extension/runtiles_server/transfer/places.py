"""Where variables lie while they are on their way, and that nothing stays there."""

import contextlib
import re
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from runtiles.contract.errors import InvalidRequest
from runtiles.contract.state import TRANSFERS_DIR
from runtiles_server.failures import NoStorage
from runtiles_server.runtime import Runtime
from runtiles_server.state.files import MANIFEST

_ID = re.compile(r"[0-9a-f]{32}")
#: What nobody has written to for so long is of a transfer that was killed.
LEFT_OVER_S = 3600.0


def new_id() -> str:
    return uuid.uuid4().hex


def checked_id(transfer: Any) -> str:
    """Raises InvalidRequest for what is no id: it becomes a folder's name."""
    if not isinstance(transfer, str) or not _ID.fullmatch(transfer):
        raise InvalidRequest({"id": "is no id of a transfer"})
    return transfer


def root(runtime: Runtime) -> Path:
    """On the user's storage, which their other runtimes see; without one a folder of this server's.

    The same without a key: nobody could tell what was written there from what somebody put in its place.
    """
    if not runtime.keys.signing:
        return runtime.private / "transfers"
    try:
        return runtime.storage / TRANSFERS_DIR
    except NoStorage:
        return runtime.private / "transfers"


def new_folder(runtime: Runtime, transfer: str) -> Path:
    """Not there yet; what is above it is."""
    above = root(runtime)
    above.mkdir(parents=True, exist_ok=True, mode=0o700)
    return above / transfer


def found(runtime: Runtime, transfer: str) -> bool:
    """Is it on a storage that this runtime shares with the one that saved it?"""
    return (root(runtime) / transfer / MANIFEST).is_file()


def remove(folder: Path) -> None:
    """What a kernel has mapped of it stays with the kernel. Not being there is fine."""
    shutil.rmtree(str(folder), ignore_errors=True)


def sweep(above: Path, now: float) -> None:
    """Removes what a transfer that was killed left there."""
    with contextlib.suppress(OSError):
        for folder in above.iterdir():
            if folder.is_dir() and not folder.is_symlink() and now - _touched(folder) > LEFT_OVER_S:
                remove(folder)


def sweep_all(runtime: Runtime) -> None:
    sweep(root(runtime), time.time())


def _touched(folder: Path) -> float:
    times = [folder.stat().st_mtime]
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            times.append(path.lstat().st_mtime)
    return max(times)
