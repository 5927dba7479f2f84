"""The stream of objects: what pickle writes, hashed and perhaps packed on the way."""

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, Optional

from .codecs import Codec, codec
from .errors import Altered
from .manifest import Manifest
from .signing import PIECE, new_hash


class StreamSink:
    """Only counts."""

    def __init__(self) -> None:
        self.size = 0
        self.written = 0

    def write(self, data: Any) -> int:
        length = len(data)
        self.size += length
        return length

    def finish(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""


class StreamWriter(StreamSink):
    def __init__(
        self, path: Path, hash_name: str, pack: Optional[Codec], durable: bool = True
    ) -> None:
        super().__init__()
        self._durable = durable
        self.path = path
        self.codec = pack.name if pack is not None else ""
        self._pack = pack
        self._hash = new_hash(hash_name)
        self._file = path.open("xb", buffering=1 << 20)
        self._waiting = bytearray()

    def write(self, data: Any) -> int:
        self.size += len(data)
        if self._pack is None:
            self._put(data)
        else:
            self._waiting += data
            if len(self._waiting) >= PIECE:
                self._put_packed()
        return len(data)

    def _put(self, data: Any) -> None:
        self.written += len(data)
        self._hash.update(data)
        self._file.write(data)

    def _put_packed(self) -> None:
        if self._pack is not None and self._waiting:
            packed = self._pack.pack(bytes(self._waiting))
            self._put(len(packed).to_bytes(8, "little") + packed)
            self._waiting.clear()

    def finish(self) -> str:
        self._put_packed()
        self._file.flush()
        if self._durable:
            os.fsync(self._file.fileno())
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()


def opened(folder: Path, manifest: Manifest) -> BinaryIO:
    """The stream from its beginning, after all of it was found to be what was written."""
    file = (folder / manifest.stream).open("rb", buffering=1 << 20)
    try:
        _check(file, manifest)
        file.seek(0)
        if manifest.stream_codec:
            with file:
                return _unpacked(file, manifest.stream_codec)
    except BaseException:
        file.close()
        raise
    return file


def _check(file: BinaryIO, manifest: Manifest) -> None:
    found = new_hash(manifest.hash)
    for piece in iter(lambda: file.read(1 << 20), b""):
        found.update(piece)
    if found.hexdigest() != manifest.stream_hash:
        raise Altered(f"{manifest.stream} is not what was written: its bytes changed.")


def _unpacked(file: BinaryIO, name: str) -> BinaryIO:
    unpack = codec(name).unpack
    whole = io.BytesIO()
    for head in iter(lambda: file.read(8), b""):
        whole.write(unpack(file.read(int.from_bytes(head, "little"))))
    whole.seek(0)
    return whole
