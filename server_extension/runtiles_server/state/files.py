"""The directory of a snapshot. What it holds is what its manifest names; replacing that is one rename."""

import contextlib
import fcntl
import json
import os
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional, Set, Tuple, Union

from . import signing
from .errors import Altered, Unreadable, Unwritable
from .manifest import FORMAT, Manifest

Place = Union[str, "os.PathLike[str]"]
MANIFEST = "manifest.json"
_OURS = ("objects-", "buffers-", "manifest-")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Alone in that directory. What is left over from an attempt that failed is removed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(str(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unwritable(f"The snapshot cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Unwritable("Another snapshot is being written to the same place.") from None
    except OSError as error:
        raise Unwritable(
            f"The snapshot could not be written: {error.strerror}.", _hint(error)
        ) from error
    finally:
        os.close(lock)


def _hint(error: OSError) -> str:
    full = error.errno in (28, 122)
    return "Free some space; what was saved before is still whole." if full else ""


def commit(folder: Path, manifest: Manifest, key: Optional[bytes], durable: bool = True) -> None:
    """From here on the directory is this snapshot; a crash before leaves the one that was."""
    content = manifest.to_dict()
    data = {"format": FORMAT, "signature": signing.sign(content, key), "manifest": content}
    part = folder / f"manifest-{uuid.uuid4().hex}"
    with part.open("x", encoding="utf-8") as file:
        # Not `dump`, which is written in Python.
        file.write(json.dumps(data, separators=(",", ":")))
        file.flush()
        if durable:
            os.fsync(file.fileno())
            sync(folder)
    part.replace(folder / MANIFEST)
    if durable:
        sync(folder)
    clean(folder, {MANIFEST, *manifest.files})


def sync(folder: Path) -> None:
    """The names in it are on the disk."""
    descriptor = os.open(str(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clean(folder: Path, keep: Set[str]) -> None:
    """Removes files of ours that nothing names."""
    for path in folder.iterdir():
        if path.name not in keep and path.name.startswith(_OURS):
            with contextlib.suppress(OSError):
                path.unlink()


def read(folder: Path, key: Optional[bytes]) -> Manifest:
    """Raises Unreadable, Refused or Altered. Nothing but JSON has been read by then."""
    content, signature = parsed(folder)
    signing.require(content, signature, key)
    try:
        manifest = Manifest.from_dict(upgraded(content))
    except (TypeError, KeyError, AttributeError) as error:
        raise Unreadable("The snapshot's manifest is not one.") from error
    for name, size in manifest.files.items():
        _check_size(folder, name, size)
    return manifest


def parsed(folder: Path) -> Tuple[Any, str]:
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version = data["format"]
        content, signature = data["manifest"], data["signature"]
    except FileNotFoundError:
        raise Unreadable(f"There is no snapshot in {folder}.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Altered("The snapshot's manifest was damaged.") from error
    if version not in _UPGRADES and version != FORMAT:
        raise Unreadable(
            f"The snapshot has format {version}; this version reads {FORMAT}.", "Update Runtiles."
        )
    if not isinstance(content, dict) or not isinstance(signature, str):
        raise Altered("The snapshot's manifest was damaged.")
    return content, signature


#: From the manifest of a format to that of the next one. Nothing of a snapshot is ever rewritten.
_UPGRADES: Dict[int, Callable[[Dict[str, Any]], Dict[str, Any]]] = {}


def upgraded(content: Dict[str, Any]) -> Dict[str, Any]:
    """As the newest format has it; called after the signature was found to be right."""
    for version in range(content.get("format", FORMAT), FORMAT):
        content = {**_UPGRADES[version](content), "format": version + 1}
    return content


def _check_size(folder: Path, name: str, size: int) -> None:
    if "/" in name or not name.startswith(_OURS):
        raise Altered("The snapshot names a file that is not one of its own.")
    try:
        found = (folder / name).stat().st_size
    except OSError:
        raise Altered(f"{name} of the snapshot is missing.") from None
    if found != size:
        raise Altered(f"{name} has {found} bytes, {size} were written.")


def earlier(folder: Path, key: Optional[bytes]) -> Optional[Manifest]:
    """The snapshot that is there already, if it is whole and may be trusted."""
    with contextlib.suppress(Exception):
        return read(folder, key)
    return None
