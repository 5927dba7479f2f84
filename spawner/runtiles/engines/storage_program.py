"""Runs in a user's storage, on the Python of other people's images: 3.8, standard library, one file.

The files there may be anything, links and nests of folders included, and may change meanwhile: every step
is one name in an open folder, and no link is followed.
"""

# Python 3.8 could not evaluate the annotations.
from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

NOT_THERE, NOT_PLAIN = 3, 4
#: Signed files of a snapshot, and what in them is signed.
SIGNED = {"manifest.json": "manifest", "snapshot.json": "snapshot"}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_LARGEST = 512 << 20


def open_folder(root: str, parts: Sequence[str]) -> int:
    """Raises FileNotFoundError, and OSError where a link or a file is in the way."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts:
        try:
            inner = os.open(part, _FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def remove(root: str, path: str) -> None:
    """The folder or file, whatever is in it. However deep it is, this needs three open folders: what is
    found inside is first moved to the top."""
    parents, name = _split(path)
    parent = open_folder(root, parents)
    try:
        if not _is_folder(parent, name):
            os.unlink(name, dir_fd=parent)
            return
        top = os.open(name, _FOLDER, dir_fd=parent)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(name, dir_fd=parent)
    finally:
        os.close(parent)


def _empty(top: int) -> None:
    moved, mark = 0, os.urandom(8).hex()
    while True:
        names = os.listdir(top)
        if not names:
            return
        for name in names:
            if not _is_folder(top, name):
                os.unlink(name, dir_fd=top)
                continue
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                for inner in os.listdir(folder):
                    if _is_folder(folder, inner):
                        moved += 1
                        os.rename(inner, f"{mark}-{moved}", src_dir_fd=folder, dst_dir_fd=top)
                    else:
                        os.unlink(inner, dir_fd=folder)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _is_folder(folder: int, name: str) -> bool:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    return found.st_mode & 0o170000 == 0o040000


def sign(root: str, path: str, key: bytes) -> None:
    """Puts new signatures into a snapshot: what was signed by somebody else counts as this user's from then
    on. The one of the whole comes last, so that half of it is not taken for all."""
    parts = path.split("/")
    folder = open_folder(root, [*parts, "kernels"])
    try:
        for each in os.listdir(folder):
            inner = os.open(each, _FOLDER, dir_fd=folder)
            try:
                _sign_one(inner, "manifest.json", key)
            finally:
                os.close(inner)
    finally:
        os.close(folder)
    folder = open_folder(root, parts)
    try:
        _sign_one(folder, "snapshot.json", key)
    finally:
        os.close(folder)


def signed(name: str, content: bytes, key: bytes) -> bytes:
    """As the state engine does it. Raises ValueError, TypeError or KeyError for anything else."""
    data = json.loads(content)
    text = json.dumps(data[SIGNED[name]], sort_keys=True, separators=(",", ":"))
    vouched = b"runtiles snapshot\0" + text.encode()
    data["signature"] = hmac.new(key, vouched, hashlib.sha256).hexdigest()
    return json.dumps(data).encode()


def _sign_one(folder: int, name: str, key: bytes) -> None:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        data = signed(name, file.read(_LARGEST), key)
    temporary = f"{name}.{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(temporary, flags, found.st_mode & 0o777, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, found.st_uid, found.st_gid)
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _split(path: str) -> tuple[list[str], str]:
    parts = path.split("/")
    return parts[:-1], parts[-1]


def main(arguments: Sequence[str]) -> Any:
    what, root, path = arguments[:3]
    try:
        if what == "remove":
            return remove(root, path)
        with open(arguments[3], "rb") as key:
            return sign(root, path, key.read())
    except FileNotFoundError:
        return NOT_THERE
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.stderr.write(f"{error}\n")
        return NOT_PLAIN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
