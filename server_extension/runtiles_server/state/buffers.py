"""The memory of arrays: beside the stream, each at the beginning of a page, so that it can be mapped."""

import mmap
import os
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .codecs import Codec, codec, shrinks
from .direct import Pump, aligned
from .errors import Altered
from .manifest import Stored
from .signing import PIECE, new_hash

#: Below this a buffer is in the stream: a page each would be wasted on many small ones.
IN_STREAM = 16 << 10
_NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000)


class BufferSink:
    """Only counts. `total` is what the session holds, `written` what had to be written."""

    def __init__(self) -> None:
        self.total = 0
        self.written = 0

    def take(self, buffer: Any) -> bool:
        """For pickle: true keeps the buffer in the stream."""
        with buffer.raw() as raw:
            if raw.nbytes < IN_STREAM:
                return True
            self.total += raw.nbytes
            self.put(memoryview(raw))
        return False

    def put(self, data: memoryview) -> None:
        """Nothing more."""

    def finish(self) -> List[Stored]:
        return []

    def close(self) -> None:
        """Nothing is open."""


class BufferWriter(BufferSink):
    """Writes them to one file; those that `earlier` has, with the same bytes, are only pointed at."""

    def __init__(
        self,
        path: Path,
        hash_name: str,
        pack: Optional[Codec],
        earlier: Sequence[Stored] = (),
        durable: bool = True,
    ) -> None:
        super().__init__()
        self._durable = durable
        self._path = path
        self._hash = hash_name
        self._codec = pack
        self._pump: Optional[Pump] = None
        self._end = 0
        self._entries: List[Tuple[Stored, List["Future[str]"]]] = []
        self._earlier: Dict[Tuple[str, ...], Stored] = {
            (*e.hashes,): e for e in earlier if not e.codec
        }
        self._sizes = {each.size for each in self._earlier.values()}

    def put(self, data: memoryview) -> None:
        known = self._known(data)
        if known is not None:
            self._entries.append((known, []))
        elif self._codec is not None and shrinks(self._codec, data):
            self._put_packed(self._codec, data)
        else:
            entry = self._entry(len(data), len(data))
            self._entries.append((entry, self._write(data, entry.offset)))

    def _write(self, data: memoryview, position: int) -> List["Future[str]"]:
        if self._pump is None:
            self._pump = Pump(self._path, self._hash, self._durable)
        return self._pump.write(data, position)

    def _known(self, data: memoryview) -> Optional[Stored]:
        if len(data) not in self._sizes:
            return None
        return self._earlier.get((*hashes(self._hash, data),))

    def _put_packed(self, pack: Codec, data: memoryview) -> None:
        entry = self._entry(0, len(data), pack.name)
        for start in range(0, len(data), PIECE):
            packed = pack.pack(data[start : start + PIECE])
            block = len(packed).to_bytes(8, "little") + packed
            entry.hashes.append(new_hash(self._hash, block).hexdigest())
            for future in self._write(memoryview(block), entry.offset + entry.length):
                future.result()
            entry.length += len(block)
        self._end = aligned(entry.offset + entry.length)
        self.written += entry.length
        self._entries.append((entry, []))

    def _entry(self, length: int, size: int, pack: str = "") -> Stored:
        entry = Stored(self._path.name, self._end, length, size, [], pack)
        self._end += aligned(length)
        self.written += length
        return entry

    def finish(self) -> List[Stored]:
        if self._pump is not None:
            self._pump.finish()
        for entry, futures in self._entries:
            entry.hashes.extend(each.result() for each in futures)
        return [entry for entry, _ in self._entries]

    def close(self) -> None:
        if self._pump is not None:
            self._pump.close()


def hashes(name: str, data: memoryview) -> List[str]:
    return [
        new_hash(name, data[start : start + PIECE]).hexdigest()
        for start in range(0, len(data), PIECE)
    ]


class Mapped:
    """The files of buffers, each mapped privately: what is written to them later stays in memory."""

    def __init__(self, folder: Path, sizes: Mapping[str, int]) -> None:
        self._folder = folder
        self._sizes = sizes
        self._maps: Dict[str, memoryview] = {}

    def read(self, entries: Sequence[Stored]) -> Iterator[Any]:
        """In order; mapped where they are stored as they are, unpacked into memory elsewhere."""
        for entry in entries:
            data = self._bytes(entry)
            yield unpacked(entry, data) if entry.codec else data

    def _bytes(self, entry: Stored) -> memoryview:
        if entry.file not in self._maps:
            self._maps[entry.file] = memoryview(_map(self._folder / entry.file))
        data = self._maps[entry.file][entry.offset : entry.offset + entry.length]
        if len(data) != entry.length:
            raise Altered(f"{entry.file} is shorter than it was.")
        return data


class Readback:
    """The files of buffers, open: what is checked is what was there, whatever becomes of their names."""

    def __init__(self, folder: Path, entries: Sequence[Stored]) -> None:
        self._entries = entries
        self._files: Dict[str, Any] = {}
        for name in dict.fromkeys(each.file for each in entries):
            self._files[name] = (folder / name).open("rb")

    def verify(self, hash_name: str) -> None:
        """Reads all of it, once. Raises Altered at the first difference."""
        try:
            for entry in self._entries:
                _verify_one(self._files[entry.file], entry, hash_name)
        finally:
            for file in self._files.values():
                file.close()


def _verify_one(file: Any, entry: Stored, hash_name: str) -> None:
    file.seek(entry.offset)
    left = entry.length
    for expected in entry.hashes:
        size = min(PIECE, left)
        block = file.read(8) if entry.codec else b""
        if block:
            size = min(int.from_bytes(block, "little"), left)
        block += file.read(size)
        left -= len(block)
        if new_hash(hash_name, block).hexdigest() != expected:
            raise Altered(f"{entry.file} is not what was written: its bytes changed.")


def unpacked(entry: Stored, data: memoryview) -> bytearray:
    """Raises Altered rather than unpacking a byte that was not written."""
    unpack = codec(entry.codec).unpack
    whole = bytearray()
    while len(data):
        size = int.from_bytes(data[:8], "little")
        whole += unpack(data[8 : 8 + size])
        data = data[8 + size :]
    if len(whole) != entry.size:
        raise Altered(f"{entry.file} does not unpack to what was packed.")
    return whole


def _map(path: Path) -> Any:
    file = os.open(str(path), os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not os.fstat(file).st_size:
            return b""
        protection, private = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE
        try:
            # Not counted as memory that must be there: most of it is never written.
            return mmap.mmap(file, 0, private | _NO_RESERVE, protection)
        except (OSError, ValueError):
            return mmap.mmap(file, 0, private, protection)
    finally:
        os.close(file)
