"""A folder as an archive: the same folder gives the same bytes."""

import gzip
import hashlib
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Iterator, List, Sequence, Tuple

from .errors import BadUsage, CliError
from .files import chunks
from .folder import Entry, entries
from .values import show_size

#: Of the files together, before they are packed, unless `--context-limit` says otherwise.
DEFAULT_LIMIT = 1024**3
_NAMED = 5
_LEVEL = 3


@dataclass(frozen=True)
class Packing:
    """What will be packed. `size` in bytes, of the files as they are."""

    entries: Sequence[Entry]

    @property
    def files(self) -> int:
        return sum(not entry.directory for entry in self.entries)

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries)

    def describe(self) -> str:
        noun = "file" if self.files == 1 else "files"
        return f"{self.files} {noun}, {show_size(self.size)}"


def survey(context: Sequence[Path], includes: Sequence[Path], limit: int) -> Packing:
    """Raises BadUsage: nothing to pack, too much to pack, or what `folder.entries` refuses."""
    packing = Packing(entries(context, includes))
    if not packing.files:
        raise BadUsage("There is no file to upload.", hint="Everything may be in .runtilesignore.")
    if packing.size > limit:
        raise BadUsage(
            f"The folder has {show_size(packing.size)}; at most {show_size(limit)} are uploaded. "
            f"The largest files: {', '.join(_largest(packing.entries))}.",
            hint="Name in .runtilesignore what is not needed, or raise --context-limit.",
        )
    return packing


@contextmanager
def packed(packing: Packing) -> Iterator[IO[bytes]]:
    """The archive (tar, gzip), to be read from its beginning. Raises CliError."""
    with tempfile.TemporaryFile() as file:
        # Neither a name nor a time in gzip's header: they would differ from one run to the next.
        with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for entry in packing.entries:
                    _add(archive, entry)
        file.seek(0)
        yield file


def measured(file: IO[bytes]) -> Tuple[int, str]:
    """Its size in bytes and its SHA-256 in hex; it is at its beginning again afterwards."""
    size, digest = 0, hashlib.sha256()
    for chunk in chunks(file):
        size += len(chunk)
        digest.update(chunk)
    file.seek(0)
    return size, digest.hexdigest()


def _add(archive: tarfile.TarFile, entry: Entry) -> None:
    info = tarfile.TarInfo(entry.name)
    info.mtime = entry.mtime
    info.mode = 0o755 if entry.executable or entry.directory else 0o644
    if entry.link:
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
        archive.addfile(info)
    elif entry.directory:
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
    else:
        _add_file(archive, entry, info)


def _add_file(archive: tarfile.TarFile, entry: Entry, info: tarfile.TarInfo) -> None:
    info.size = entry.size
    try:
        with entry.path.open("rb") as file:
            archive.addfile(info, file)
    except OSError as error:
        reason = error.strerror or "it became shorter while it was read"
        raise CliError(f"{entry.path} cannot be read: {reason}.") from None


def _largest(found: Sequence[Entry]) -> List[str]:
    top = sorted(found, key=lambda entry: -entry.size)[:_NAMED]
    return [f"{entry.name} ({show_size(entry.size)})" for entry in top]
