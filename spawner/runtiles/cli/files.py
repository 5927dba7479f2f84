"""Large files from and to the service: in pieces, whole or not at all."""

import os
import sys
import tempfile
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Iterable, Iterator, Optional

from .errors import BadUsage, CliError
from .output import is_terminal, note
from .values import show_size

_CHUNK = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
#: How much is unpacked at a time, whatever a piece claims to hold.
_UNPACKED = 4 * 1024 * 1024


@contextmanager
def kept(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """A file to write, which is at `path` only when the block has ended well; nothing of it stays
    otherwise. For its owner alone: it holds what they worked on. Raises BadUsage, CliError."""
    if path.exists() and not replace:
        raise BadUsage(f"{path} is there already.", hint="Add --replace.")
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=str(path.parent))
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}.") from None
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def complete_gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces. Raises CliError at their end when they are no whole gzip file, or an altered
    one: a proxy may end an answer early without a word."""
    unpacking, whole = zlib.decompressobj(_GZIP), False
    for piece in pieces:
        yield piece
        rest = piece
        while rest:
            if unpacking.eof:
                unpacking, whole = zlib.decompressobj(_GZIP), False
            rest = _fed(unpacking, rest)
            whole = unpacking.eof
    while not whole and unpacking.decompress(b"", _UNPACKED):
        whole = unpacking.eof
    if not whole:
        raise CliError("The file did not arrive whole.", hint="Try again.")


def _fed(unpacking: "zlib._Decompress", piece: bytes) -> bytes:
    """What is left of the piece."""
    try:
        unpacking.decompress(piece, _UNPACKED)
    except zlib.error:
        raise CliError("What arrived is damaged.", hint="Try again.") from None
    return unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    while True:
        chunk = file.read(_CHUNK)
        if not chunk:
            return
        yield chunk


def shown(pieces: Iterable[bytes], size: Optional[int], word: str) -> Iterator[bytes]:
    """The same pieces, with a bar on a terminal; `word` and the size when all are through."""
    count = 0
    if not is_terminal(sys.stderr):
        for piece in pieces:
            yield piece
            count += len(piece)
    else:
        from rich.console import Console  # noqa: PLC0415 - a pipe needs none of it
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            DownloadColumn,
            Progress,
            TransferSpeedColumn,
        )

        columns = (
            BarColumn(bar_width=30),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=size)
            for piece in pieces:
                yield piece
                count += len(piece)
                bar.advance(task, len(piece))
    note(f"{word} {show_size(count)}.")
