"""Files of a user's storage where it is a folder of this very machine."""

import asyncio
import os
import shutil
import tarfile
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import suppress
from typing import IO, cast

from runtiles.contract.errors import Conflict, NotFound

from .base import Storage
from .pulled import Pulled
from .storage_paths import checked
from .storage_program import open_folder, remove, sign

_PIECE = 1 << 20
_HERE = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


async def read(storage: Storage, path: str) -> AsyncGenerator[bytes, None]:
    pieces = _packed(storage.source, checked(path))
    try:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
    finally:
        await asyncio.to_thread(pieces.close)


async def write(storage: Storage, path: str, chunks: AsyncIterator[bytes]) -> None:
    parts = checked(path)
    target = await asyncio.to_thread(_make, storage.source, parts)
    source = Pulled(chunks)
    work = asyncio.ensure_future(asyncio.to_thread(_unpack, target, source))
    try:
        await asyncio.shield(work)
    except BaseException as error:
        source.abort()
        await asyncio.wait({work})
        await asyncio.shield(asyncio.to_thread(remove, storage.source, path))
        if source.error is not None:
            raise source.error from None
        if isinstance(error, OSError | tarfile.TarError):
            raise Conflict(f"The files could not be written: {error}.") from None
        raise


async def take_away(storage: Storage, path: str) -> None:
    checked(path)
    try:
        with suppress(FileNotFoundError):
            await asyncio.to_thread(remove, storage.source, path)
    except OSError as error:
        raise Conflict(f"The files cannot be removed: {error.strerror}.") from None


async def sign_anew(storage: Storage, path: str, key: bytes) -> None:
    checked(path)
    try:
        await asyncio.to_thread(sign, storage.source, path, key)
    except FileNotFoundError:
        raise _missing() from None
    except (OSError, ValueError, TypeError, KeyError):
        raise Conflict("The files on the storage are not what they should be.") from None


def _packed(root: str, parts: list[str]) -> Generator[bytes, None, None]:
    """A tar, piece by piece; each step in it is one name in an open folder."""
    try:
        parent = open_folder(root, parts[:-1])
    except OSError:
        raise _missing() from None
    try:
        try:
            found = os.stat(parts[-1], dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            raise _missing() from None
        if found.st_mode & 0o170000 == 0o120000:
            raise _missing()
        yield from _entry(parent, parts[-1], parts[-1])
    finally:
        os.close(parent)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _entry(folder: int, name: str, shown: str) -> Iterator[bytes]:
    member = tarfile.TarInfo(shown)
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    member.mode, member.mtime = found.st_mode & 0o7777, int(found.st_mtime)
    kind = found.st_mode & 0o170000
    if kind == 0o040000:
        member.type = tarfile.DIRTYPE
        yield member.tobuf()
        inner = os.open(name, _HERE, dir_fd=folder)
        try:
            for each in sorted(os.listdir(inner)):
                yield from _entry(inner, each, f"{shown}/{each}")
        finally:
            os.close(inner)
    elif kind == 0o120000:
        member.type, member.linkname = tarfile.SYMTYPE, os.readlink(name, dir_fd=folder)
        yield member.tobuf()
    elif kind == 0o100000:
        yield from _content(folder, name, member)


def _content(folder: int, name: str, member: tarfile.TarInfo) -> Iterator[bytes]:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
        member.size = left = os.fstat(file.fileno()).st_size
        yield member.tobuf()
        while left:
            piece = file.read(min(_PIECE, left))
            # One that shrinks meanwhile has zeros in place of what is gone, as with any tar.
            piece = piece or bytes(min(_PIECE, left))
            left -= len(piece)
            yield piece
    yield bytes(-member.size % tarfile.BLOCKSIZE)


def _make(root: str, parts: list[str]) -> str:
    """The new folder, made with those around it."""
    for count in range(1, len(parts)):
        try:
            os.close(open_folder(root, parts[:count]))
        except FileNotFoundError:
            if not os.path.isdir(root):
                raise NotFound("There is no such storage.") from None
            os.mkdir(os.path.join(root, *parts[:count]), 0o700)
        except OSError:
            raise _missing() from None
    target = os.path.join(root, *parts)
    try:
        os.mkdir(target, 0o700)
    except FileExistsError:
        raise Conflict("Something of this name is on the storage already.") from None
    return target


def _unpack(target: str, source: Pulled) -> None:
    with tarfile.open(fileobj=cast(IO[bytes], source), mode="r|") as tar:
        for member in tar:
            place = os.path.join(target, member.name)
            if member.isdir():
                os.makedirs(place, 0o700, exist_ok=True)
                continue
            content = tar.extractfile(member)
            if content is None:
                raise tarfile.ReadError(f"{member.name} is not a file")
            os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
            with open(place, "xb") as file:
                shutil.copyfileobj(content, file, _PIECE)


def _missing() -> NotFound:
    return NotFound("There is no such snapshot on the storage.")
