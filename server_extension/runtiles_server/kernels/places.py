"""The folders of snapshots on the user's storage."""

import contextlib
import fcntl
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, Dict, Iterator

from runtiles.contract.errors import InvalidRequest, NotFound
from runtiles.contract.state import KERNELS_DIR, SNAPSHOT_FILE, SNAPSHOTS_DIR
from runtiles_server.failures import SnapshotRefused
from runtiles_server.state import SnapshotError, signing

FORMAT = 1
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PART = ".partial-"


def checked_id(snapshot: Any, field: str = "snapshot") -> str:
    """Raises InvalidRequest for what is no id: it becomes a folder's name."""
    if not isinstance(snapshot, str) or not _ID.fullmatch(snapshot):
        raise InvalidRequest({field: "is no id of a snapshot"})
    return snapshot


class Folders:
    """All snapshots of one storage. A folder with its own name is whole; a part has another one."""

    def __init__(self, storage: Path) -> None:
        self.root = storage / SNAPSHOTS_DIR

    def of(self, snapshot: str) -> Path:
        return self.root / checked_id(snapshot)

    def kernel(self, snapshot: str, kernel_id: str) -> Path:
        return self.of(snapshot) / KERNELS_DIR / checked_id(kernel_id, "kernel")

    @contextlib.contextmanager
    def writing(self, snapshot: str) -> Iterator[Path]:
        """A new folder, locked while it is written; it gets its name by `finish`, or is removed.

        Raises SnapshotRefused when there is one of that name. What others left half-written goes, too.
        """
        if self.of(snapshot).exists():
            raise SnapshotRefused(f"There already is a snapshot {snapshot}.")
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()
        part = self.root / (_PART + snapshot)
        (part / KERNELS_DIR).mkdir(parents=True, mode=0o700)
        lock = _lock(part)
        try:
            yield part
        finally:
            os.close(lock)
            if part.exists():
                shutil.rmtree(str(part), ignore_errors=True)

    def finish(self, part: Path, result: Dict[str, Any], key: bytes) -> None:
        """The snapshot is whole from here on, also after a crash."""
        data = {"format": FORMAT, "signature": signing.sign(result, key), "snapshot": result}
        with (part / SNAPSHOT_FILE).open("x", encoding="utf-8") as file:
            file.write(json.dumps(data))
            file.flush()
            os.fsync(file.fileno())
        for folder in (part / KERNELS_DIR, part):
            _sync(folder)
        part.rename(self.root / part.name[len(_PART) :])
        _sync(self.root)

    def read(self, snapshot: str, key: bytes) -> Dict[str, Any]:
        """What `finish` was given. Raises NotFound or SnapshotRefused; only JSON was read by then."""
        if not key:
            raise SnapshotRefused(
                "This runtime was started without the key of its user's snapshots."
            )
        try:
            data = json.loads((self.of(snapshot) / SNAPSHOT_FILE).read_text(encoding="utf-8"))
            content, signature, version = data["snapshot"], data["signature"], data["format"]
        except FileNotFoundError:
            raise NotFound(f"The snapshot {snapshot} is not on this storage.") from None
        except (OSError, ValueError, KeyError, TypeError):
            raise SnapshotRefused(f"The snapshot {snapshot} is damaged.") from None
        if version != FORMAT:
            raise SnapshotRefused(
                f"The snapshot has format {version}, this runtime reads {FORMAT}."
            )
        try:
            signing.require(content, signature, key)
        except SnapshotError as error:
            raise SnapshotRefused(error.message, hint=error.hint) from None
        if content["id"] != snapshot:
            raise SnapshotRefused(
                f"What lies in the place of the snapshot {snapshot} is another one."
            )
        found: Dict[str, Any] = content
        return found

    def remove(self, snapshot: str) -> None:
        """Its own name goes first: nobody finds half of it. Raises NotFound."""
        folder, gone = self.of(snapshot), self.root / f"{_PART}{snapshot}"
        try:
            folder.rename(gone)
        except FileNotFoundError:
            raise NotFound(f"The snapshot {snapshot} is not on this storage.") from None
        shutil.rmtree(str(gone), ignore_errors=True)

    def link_earlier(self, parent: str, kernel_id: str, part: Path) -> None:
        """The files of an earlier snapshot of that kernel, for `save` to use again. They never change."""
        target = part / KERNELS_DIR / kernel_id
        with contextlib.suppress(OSError):
            for path in self.kernel(parent, kernel_id).iterdir():
                target.mkdir(mode=0o700, exist_ok=True)
                os.link(str(path), str(target / path.name))

    def free(self) -> int:
        """Bytes that the user can still write there."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        disk = os.statvfs(str(self.root))
        return disk.f_bavail * disk.f_frsize

    def _sweep(self) -> None:
        for part in self.root.glob(_PART + "*"):
            with contextlib.suppress(OSError):
                os.close(_lock(part))
                shutil.rmtree(str(part), ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes of all files in it and below."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.lstat().st_size if not path.is_dir() else 0
    return total


def _lock(folder: Path) -> int:
    """Raises OSError when somebody writes it."""
    handle = os.open(str(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _sync(folder: Path) -> None:
    handle = os.open(str(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
