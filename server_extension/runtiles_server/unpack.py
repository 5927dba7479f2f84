"""A tar archive from somebody, unpacked so that nothing of it ends up outside its folder.

Only files, folders and symbolic links, never with the archive's own idea of owners or special bits. No
name is absolute or climbs, no name comes twice. Links are made last, when nothing is written any more,
and each must lead to a place inside; so no file is ever written through one.
"""

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Dict, Tuple

MAX_BYTES = 64 * 2**30
MAX_ENTRIES = 1_000_000
_CHUNK = 1024 * 1024


class BadArchive(Exception):
    """The text is for a person; it names the entry."""


def unpack(
    stream: BinaryIO,
    folder: Path,
    *,
    max_bytes: int = MAX_BYTES,
    max_entries: int = MAX_ENTRIES,
) -> int:
    """Unpacks a gzip-packed tar into `folder`, which is new and nobody else's; returns how many entries.

    Raises BadArchive, also for one that is torn; OSError when the disk refuses. What was unpacked until
    then is left for the caller to remove.
    """
    unpacking = _Unpacking(folder, max_bytes, max_entries)
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                unpacking.take(archive, member)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise BadArchive(f"The archive cannot be read: {error}.") from None
    unpacking.link()
    return unpacking.entries


class _Unpacking:
    def __init__(self, folder: Path, max_bytes: int, max_entries: int) -> None:
        self.entries = 0
        self._folder = folder
        self._bytes_left = max_bytes
        self._max_entries = max_entries
        self._links: Dict[Path, str] = {}

    def take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        self.entries += 1
        if self.entries > self._max_entries:
            raise BadArchive(f"The archive has more than {self._max_entries} entries.")
        parts = _parts(member.name)
        if not parts:
            return  # the folder itself
        path = self._folder.joinpath(*parts)
        if member.isdir():
            self._make_folder(path)
        elif member.issym():
            self._make_folder(path.parent)
            self._free(path, member.name)
            self._links[path] = member.linkname
        elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
            self._make_folder(path.parent)
            self._free(path, member.name)
            self._write(archive, member, path)
        else:
            raise BadArchive(f"{_shown(member.name)} is neither a file, a folder nor a link.")

    def link(self) -> None:
        """Makes the links that came, and looks where each really leads."""
        root = os.path.realpath(str(self._folder))
        for path, target in self._links.items():
            path.symlink_to(target)
        for path, target in self._links.items():
            where = os.path.realpath(str(path))
            if target.startswith("/") or not (where == root or where.startswith(f"{root}/")):
                raise BadArchive(f"The link {_shown(path.name)} leads out of the folder.")

    def _make_folder(self, path: Path) -> None:
        if self._links and any(each in self._links for each in (path, *path.parents)):
            raise BadArchive(f"{_shown(path.name)} is in the archive twice, or below a link.")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise BadArchive(f"{_shown(path.name)} is a file and a folder at once.") from None

    def _free(self, path: Path, name: str) -> None:
        if path in self._links or os.path.lexists(str(path)):
            raise BadArchive(f"{_shown(name)} is in the archive twice.")

    def _write(self, archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
        self._bytes_left -= member.size
        if self._bytes_left < 0:
            raise BadArchive("The files of the archive are larger than is allowed.")
        source = archive.extractfile(member)
        if source is None:
            raise BadArchive(f"{_shown(member.name)} has no content.")
        with source, path.open("xb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
        if member.mode & 0o100:
            path.chmod(path.stat().st_mode | 0o111)
        os.utime(str(path), (member.mtime, member.mtime))


def _parts(name: str) -> Tuple[str, ...]:
    parts = tuple(part for part in PurePosixPath(name).parts if part != ".")
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise BadArchive(f"{_shown(name)} is no name of a file inside the folder.")
    return parts


def _shown(name: str) -> str:
    return repr(name if len(name) <= 200 else name[:200])
