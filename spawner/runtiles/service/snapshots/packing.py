"""A snapshot as one file, packed and unpacked piece by piece. Blocking; no piece of it is ever large.

The file is a gzip'd tar: first `runtiles-snapshot.json`, which tells format and origin, then the
snapshot's own files. One that comes in is written by anybody: only plain files in the places of a snapshot
get through, and nothing is read into memory on its word.
"""

import json
import re
import tarfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Protocol

from runtiles.contract.errors import InvalidRequest, LimitReached
from runtiles.contract.state import SNAPSHOT_FILE
from runtiles.service.bodies import json_object

HEADER = "runtiles-snapshot.json"
FORMAT = 1
_PIECE = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_MOST_FILES = 10_000
_MOST_TEXT = 32 << 20
#: Each list or object costs many times its brackets when it is read.
_MOST_THINGS = 1_000_000
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_ALLOWED = re.compile(rf"{SNAPSHOT_FILE}|kernels/{_NAME}/{_NAME}")
#: Of what this version packs: a plain file, and a folder.
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


class Source(Protocol):
    """`engines.pulled.Pulled`, or a file."""

    def read(self, size: int, /) -> bytes: ...


def pack(header: Mapping[str, Any], source: Source) -> Generator[bytes, None, None]:
    """From the tar stream of an engine, whose names begin with the snapshot's id. Links and what else the
    user may have put there are left out."""
    packer = zlib.compressobj(1, wbits=31)
    about = json.dumps({"format": FORMAT, **header}).encode()
    yield packer.compress(_entry(HEADER, len(about)) + about + _padding(len(about)))
    with tarfile.open(fileobj=source, mode="r|") as tar:  # type: ignore[call-overload]
        for member in tar:
            name = member.name.partition("/")[2]
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or not _ALLOWED.fullmatch(name):
                continue
            yield packer.compress(_entry(name, member.size))
            while piece := content.read(_PIECE):
                yield packer.compress(piece)
            yield packer.compress(_padding(member.size))
    yield packer.compress(bytes(2 * _BLOCK)) + packer.flush()


class Incoming:
    """`header` and `whole` are the contents of the two JSON files, once everything has been taken in; both
    are the word of whoever made the file. `size` counts the bytes of the files."""

    def __init__(self, source: Source, snapshot_id: str, room: int | None) -> None:
        self._source = _Unpacked(source)
        self._id = snapshot_id
        self._room = room
        self._seen: set[str] = set()
        self._folders = 0
        self.header: dict[str, Any] = {}
        self.whole: dict[str, Any] = {}
        self.size = 0

    def pieces(self) -> Generator[bytes, None, None]:
        """A tar stream for an engine. Raises InvalidRequest, LimitReached."""
        self.header = self._header()
        while member := self._next():
            name = member.name
            if member.type == tarfile.DIRTYPE:
                self._folders += 1
                if self._folders > _MOST_FILES:
                    raise _odd("its folders are too many")
                continue
            self._check(member)
            if name == SNAPSHOT_FILE:
                content = self._renamed(self._text(member))
                yield _entry(name, len(content)) + content + _padding(len(content))
                continue
            yield _entry(name, member.size)
            yield from self._content(member.size)
            yield self._source.read(-member.size % _BLOCK)
        if not self.whole:
            raise _odd("it has no snapshot in it")
        yield bytes(2 * _BLOCK)

    def _header(self) -> dict[str, Any]:
        member = self._next()
        if member is None or member.name != HEADER or member.type not in _PLAIN:
            raise _odd("it does not begin as one")
        header = json_object(self._text(member))
        if header.get("format") != FORMAT:
            raise _odd("it was made by another version of Runtiles")
        return header

    def _next(self) -> tarfile.TarInfo | None:
        """The next entry. Extended headers, which may be of any size, are none of ours."""
        block = self._source.read(_BLOCK)
        if not block.strip(b"\0") and len(block) == _BLOCK:
            return None
        try:
            return tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.TarError, UnicodeDecodeError, ValueError):
            raise _odd("it is damaged or cut off") from None

    def _check(self, member: tarfile.TarInfo) -> None:
        if member.type not in _PLAIN or not _ALLOWED.fullmatch(member.name):
            raise _odd("it has something in it that is none of a snapshot's files")
        if member.name in self._seen or len(self._seen) >= _MOST_FILES or member.size < 0:
            raise _odd("its files are too many, or one of them is there twice")
        self._seen.add(member.name)
        self.size += member.size
        if self._room is not None and self.size > self._room:
            raise LimitReached(
                "There is no room for this snapshot.", hint="Delete snapshots that you do not need."
            )

    def _text(self, member: tarfile.TarInfo) -> bytes:
        if not 0 <= member.size <= _MOST_TEXT:
            raise _odd("its description is too large")
        content = b"".join(self._content(member.size))
        if content.count(b"[") + content.count(b"{") > _MOST_THINGS:
            raise _odd("its description is too large")
        self._source.read(-member.size % _BLOCK)
        return content

    def _renamed(self, content: bytes) -> bytes:
        """Under its new id, with nobody's signature."""
        data = json_object(content)
        self.whole = data.get("snapshot") or {}
        if not isinstance(self.whole, dict) or data.get("format") != FORMAT:
            raise _odd("its description is none")
        self.whole["id"] = self._id
        return json.dumps({"format": FORMAT, "signature": "", "snapshot": self.whole}).encode()

    def _content(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self._source.read(min(_PIECE, size))
            if not piece:
                raise _odd("it is cut off")
            size -= len(piece)
            yield piece


class _Unpacked:
    """Gzip, as much at a time as is asked for: what a few bytes unpack to may be endless."""

    def __init__(self, source: Source) -> None:
        self._read: Callable[[int], bytes] = source.read
        self._unpacker = zlib.decompressobj(wbits=31)
        self._waiting = b""

    def read(self, size: int) -> bytes:
        """As much, but for the end. Raises InvalidRequest."""
        parts = []
        while size:
            data = self._waiting or self._read(1 << 16)
            try:
                part = self._unpacker.decompress(data, size)
            except zlib.error:
                raise _odd("it is not packed with gzip, or damaged") from None
            self._waiting = self._unpacker.unconsumed_tail
            if not part and not data:
                break
            if self._unpacker.eof and not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _entry(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _odd(why: str) -> InvalidRequest:
    return InvalidRequest({"body": f"is not the file of a snapshot: {why}"})
