"""The archives of uploaded folders: one file each, of mode 0600, whole or not there."""

import hashlib
import os
import secrets
import time
import zlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runtiles.contract.errors import InvalidRequest, NotFound, ServiceUnavailable
from runtiles.service.errors import TooLarge
from runtiles.values.quantities import format_size

_GZIP = b"\x1f\x8b\x08"
_BLOCK = 512
_SUFFIX = ".tar.gz"
_PART = ".part"
#: A file that no row knows is left alone for so long: the row follows the file within a moment.
YOUNG_S = 60.0


@dataclass(frozen=True)
class Finished:
    """An archive that is in its place. `sha256` in hex."""

    id: str
    size: int
    sha256: str


class Archives:
    """`folder` is created for its owner only, with the first upload."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, limit: int) -> "Upload":
        """Raises ServiceUnavailable where nothing can be written."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Upload(self._folder, limit)
        except OSError as error:
            raise _broken(error) from error

    def path(self, context_id: str) -> Path:
        """Raises NotFound for an archive that is gone."""
        path = self._folder / f"{context_id}{_SUFFIX}"
        if not path.is_file():
            raise NotFound("There is no such uploaded folder.", hint="Upload it again.")
        return path

    def remove(self, context_id: str) -> None:
        """Fine if there is none."""
        (self._folder / f"{context_id}{_SUFFIX}").unlink(missing_ok=True)

    def sweep(self, known: Collection[str], *, halves: bool) -> None:
        """Removes what a service that was killed left: archives that nobody knows, and, where nobody
        can be uploading, `halves`."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            whole = path.name.endswith(_SUFFIX)
            orphan = whole and path.name[: -len(_SUFFIX)] not in known
            half = halves and path.name.endswith(_PART)
            if half or (orphan and _age(path) > YOUNG_S):
                path.unlink(missing_ok=True)


class Upload:
    """One archive on its way in. Ends with `finish` or `discard`; until then nobody sees it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._id = secrets.token_hex(16)
        self._limit = limit
        self._size = 0
        self._digest = hashlib.sha256()
        self._place = folder / f"{self._id}{_SUFFIX}"
        self._part = folder / f"{self._id}{_PART}"
        handle = os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file = os.fdopen(handle, "wb")

    def write(self, chunk: bytes) -> None:
        """Raises InvalidRequest for what is no gzip, with the first bytes; TooLarge above the limit."""
        if self._size < len(_GZIP) and not _begins(self._size, chunk):
            raise _no_archive()
        self._size += len(chunk)
        if self._size > self._limit:
            raise TooLarge(f"An uploaded folder may have {format_size(self._limit)}, packed.")
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _broken(error) from error
        except ValueError:
            return  # discarded meanwhile: whoever sent it has gone

    def finish(self) -> Finished:
        """Puts it in its place. Raises InvalidRequest for what is no tar inside."""
        try:
            self._file.close()
            if not _holds_tar(self._part):
                raise _no_archive()
            self._part.rename(self._place)
        except OSError as error:
            raise _broken(error) from error
        return Finished(self._id, self._size, self._digest.hexdigest())

    def discard(self) -> None:
        """Fine at any time, on a full disk too; a finished one stays."""
        with suppress(OSError):
            # It writes what it still holds, which a full disk does not take.
            self._file.close()
        self._part.unlink(missing_ok=True)


def _begins(at: int, chunk: bytes) -> bool:
    expected = _GZIP[at : at + len(chunk)]
    return chunk[: len(expected)] == expected


def _holds_tar(path: Path) -> bool:
    """By the checksum of its first header; the rest is looked at where it is unpacked."""
    with path.open("rb") as file:
        try:
            head = zlib.decompressobj(31).decompress(file.read(64 * 1024), _BLOCK)
        except zlib.error:
            return False
    if len(head) < _BLOCK:
        return False
    if not any(head):
        return True  # an empty folder: a tar is nothing but its end then
    claimed = head[148:156].strip(b" \0")
    actual = sum(head[:148]) + 8 * ord(" ") + sum(head[156:])
    return _octal(claimed) and int(claimed, 8) == actual


def _octal(text: bytes) -> bool:
    return bool(text) and not text.strip(b"01234567")


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _no_archive() -> InvalidRequest:
    return InvalidRequest({"body": "must be a tar archive packed with gzip"})


def _broken(error: OSError) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"The uploaded folder cannot be stored: {error.strerror}.",
        hint="Tell an admin: the disk of the Runtiles service may be full.",
    )
