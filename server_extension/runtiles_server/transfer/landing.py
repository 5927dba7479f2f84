"""Where a file that comes from another server gets to: each byte compared with what was signed."""

import os
from collections import deque
from pathlib import Path
from typing import Any, Deque, Optional, Tuple

from runtiles_server.state import Altered
from runtiles_server.state.direct import Pump
from runtiles_server.state.signing import PIECE, new_hash

from .pieces import Arriving, Piece

_CHUNK = 1 << 20
#: Received pieces whose hash and write are still under way.
_MOST_WAITING = 3


class Landing:
    """One file, from its first byte to its last. `position` is where to go on after a break.

    The next bytes are put into `room`, then `took` is told how many. Raises Altered.
    """

    def __init__(self, path: Path, arriving: Arriving) -> None:
        self.path, self.arriving, self.position = path, arriving, 0

    @property
    def whole(self) -> bool:
        return self.position == self.arriving.size

    @property
    def range(self) -> str:
        return f"bytes={self.position}-"

    def room(self) -> memoryview:
        raise NotImplementedError

    def took(self, count: int) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """All of it is what was written, and is there to be read."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def altered(self) -> Altered:
        return Altered(f"{self.arriving.name} is not what was written: its bytes changed.")


class InOrder(Landing):
    """One hash for all of it. Memory: one chunk."""

    def __init__(self, path: Path, arriving: Arriving, hash_name: str) -> None:
        super().__init__(path, arriving)
        self._file = path.open("xb", buffering=0)
        self._hash = new_hash(hash_name)
        self._chunk = memoryview(bytearray(_CHUNK))

    def room(self) -> memoryview:
        return self._chunk[: self.arriving.size - self.position]

    def took(self, count: int) -> None:
        data = self._chunk[:count]
        self._hash.update(data)
        self.position += count
        while len(data):
            data = data[self._file.write(data) :]

    def finish(self) -> None:
        if [self._hash.hexdigest()] != [each.hash for each in self.arriving.pieces]:
            raise self.altered()

    def close(self) -> None:
        self._file.close()


class ByPieces(Landing):
    """Hashed and written by other threads while the next piece comes. Memory: eight pieces."""

    def __init__(self, path: Path, arriving: Arriving, hash_name: str) -> None:
        super().__init__(path, arriving)
        self._pump = Pump(path, hash_name, durable=False)
        self._pieces: Deque[Piece] = deque(arriving.pieces)
        self._waiting: Deque[Tuple[Piece, Any, bytearray]] = deque()
        self._buffer: Optional[bytearray] = None
        self._scrap = memoryview(bytearray(1 << 14))

    def room(self) -> memoryview:
        start = self._pieces[0].offset if self._pieces else self.arriving.size
        if self.position < start:
            # Between two buffers there is nothing that anybody reads.
            return self._scrap[: start - self.position]
        if self._buffer is None:
            full = len(self._waiting) >= _MOST_WAITING
            self._buffer = self._settled() if full else bytearray(PIECE)
        done = self.position - start
        return memoryview(self._buffer)[done : min(done + _CHUNK, self._pieces[0].length)]

    def took(self, count: int) -> None:
        self.position += count
        if self._buffer is None:
            return
        piece = self._pieces[0]
        if self.position == piece.offset + piece.length:
            written = self._pump.write(memoryview(self._buffer)[: piece.length], piece.offset)
            self._waiting.append((piece, written[0], self._buffer))
            self._buffer = None
            self._pieces.popleft()

    def finish(self) -> None:
        while self._waiting:
            self._settled()
        self._pump.finish()
        # It was written by whole pages.
        os.truncate(str(self.path), self.arriving.size)

    def close(self) -> None:
        self._pump.close()

    def _settled(self) -> bytearray:
        """The memory of the oldest piece, which is what was written."""
        piece, written, buffer = self._waiting.popleft()
        if written.result() != piece.hash:
            raise self.altered()
        return buffer
