"""What another server fetches, on its way from the disk: read once, so past the page cache."""

import mmap
import os
from pathlib import Path
from typing import List

from runtiles_server.state.direct import PAGE, opened_direct

#: Large enough for a disk, which is read while the piece before is on its way.
CHUNK = 2 << 20


class Reading:
    """One file from `position` to its end, piece by piece. Memory: two pieces.

    Filling the page cache with what nobody reads again costs more than all the rest of sending it. What
    was written through that cache is read from there.
    """

    def __init__(self, path: Path, position: int = 0, *, direct: bool = True) -> None:
        self.position = position
        self._file = os.open(str(path), os.O_RDONLY | os.O_CLOEXEC)
        self._direct = opened_direct(path, os.O_RDONLY) if direct else None
        # Pages, which is what O_DIRECT asks for. A piece that is still being sent keeps its own.
        self._areas: List[memoryview] = []

    @property
    def size(self) -> int:
        return os.fstat(self._file).st_size

    def piece(self) -> memoryview:
        """The next one, empty at the end of the file. It is overwritten by the one after the next."""
        if len(self._areas) < 2:
            self._areas.append(memoryview(mmap.mmap(-1, CHUNK)))
        else:
            self._areas.reverse()
        area = self._areas[-1]
        before = self.position % PAGE
        found = self._read(area, self.position - before)
        data = area[before : max(before, found)]
        self.position += len(data)
        return data

    def _read(self, area: memoryview, start: int) -> int:
        if self._direct is not None:
            try:
                return os.preadv(self._direct, [area], start)
            except OSError:
                # Not on this file system; a disk that fails says so again.
                os.close(self._direct)
                self._direct = None
        return os.preadv(self._file, [area], start)

    def close(self) -> None:
        for each in (self._file, self._direct):
            if each is not None:
                os.close(each)
