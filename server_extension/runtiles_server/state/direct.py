"""Large writes past the page cache, hashed on the way, by threads with one piece of memory each."""

import contextlib
import errno
import mmap
import os
import queue
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, List, Optional

from .blocks import reserve
from .signing import PIECE, new_hash

#: Of files and of memory: what O_DIRECT asks for.
PAGE = 4096
#: More than cores: while some wait for the disk, others hash.
_THREADS = 4
#: Smaller pieces go through the page cache, which gathers them.
_SMALL = 256 << 10
#: As much, twice, is in a core's own cache: copying and hashing it there takes a sixth less time. Of
#: less, where another thread is busy, each step waits for its turn.
_NEAR = 512 << 10


def aligned(size: int) -> int:
    return -(-size // PAGE) * PAGE


class Pump:
    """Writes at given positions of one new file. Memory: four pieces, whatever is written."""

    def __init__(self, path: Path, hash_name: str, durable: bool = True) -> None:
        self._hash, self._durable = hash_name, durable
        self._file = os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._direct = opened_direct(path, os.O_WRONLY)
        self._pool: Optional[ThreadPoolExecutor] = None
        self._bounce: "queue.SimpleQueue[mmap.mmap]" = queue.SimpleQueue()
        self._slots = BoundedSemaphore(_THREADS + 2)
        self._pending: List["Future[str]"] = []

    def write(self, data: memoryview, position: int) -> List["Future[str]"]:
        """The hash of each piece, as it was written, when it is. `data` must not change until then."""
        written = []
        if len(data) >= PIECE:
            reserve(self._file, position, aligned(len(data)))
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            self._slots.acquire()
            future = self._workers().submit(self._write_piece, piece, position + start)
            future.add_done_callback(lambda _: self._slots.release())
            written.append(future)
        self._pending = [each for each in self._pending if not each.done() or each.exception()]
        self._pending.extend(written)
        return written

    def finish(self) -> None:
        """All is written; on the disk, if durable. Raises the OSError of the first write that failed."""
        for each in self._pending:
            each.result()
        if self._durable:
            os.fsync(self._file)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        while not self._bounce.empty():
            self._bounce.get().close()
        os.close(self._file)
        if self._direct is not None:
            os.close(self._direct)

    def _workers(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, "runtiles-write")
            for _ in range(_THREADS):
                self._bounce.put(mmap.mmap(-1, PIECE))
        return self._pool

    def _write_piece(self, piece: memoryview, position: int) -> str:
        if len(piece) < _SMALL:
            own = bytes(piece)
            _write_all(self._file, own, position)
            return str(new_hash(self._hash, own).hexdigest())
        bounce = self._bounce.get()
        try:
            with memoryview(bounce) as whole, whole[: aligned(len(piece))] as block:
                found = _copied(piece, block, new_hash(self._hash))
                self._write_block(block, position)
        finally:
            self._bounce.put(bounce)
        return found

    def _write_block(self, block: memoryview, position: int) -> None:
        if self._direct is not None:
            try:
                if os.pwrite(self._direct, block, position) == len(block):
                    return
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise
        # Not on this file system, or only a part: the usual way.
        _write_all(self._file, block, position)


def _copied(piece: memoryview, block: memoryview, hashing: Any) -> str:
    """The hash of what was copied, taken while that is still near the processor."""
    for start in range(0, len(piece), _NEAR):
        end = min(start + _NEAR, len(piece))
        block[start:end] = piece[start:end]
        hashing.update(block[start:end])
    block[len(piece) :] = bytes(len(block) - len(piece))
    return str(hashing.hexdigest())


def opened_direct(path: Path, access: int) -> Optional[int]:
    """Past the page cache. None where the file system or the machine cannot."""
    with contextlib.suppress(OSError, AttributeError):
        return os.open(str(path), access | os.O_DIRECT | os.O_CLOEXEC)
    return None


def _write_all(file: int, data: Any, position: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(file, view[: 1 << 30], position)
        view, position = view[done:], position + done
