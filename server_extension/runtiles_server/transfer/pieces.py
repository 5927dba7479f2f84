"""What a file that comes piece by piece has to be, decided by its signed manifest. No input or output."""

from dataclasses import dataclass
from typing import Any, Dict, List

from runtiles_server.state import Altered, Manifest
from runtiles_server.state.signing import PIECE, new_hash


@dataclass(frozen=True)
class Piece:
    """`length` bytes from `offset` whose hash is known."""

    offset: int
    length: int
    hash: str


class Arriving:
    """One file, fed from its first byte to its last. `position` is where to go on after a break."""

    def __init__(self, name: str, size: int, hash_name: str, pieces: List[Piece]) -> None:
        self.name, self.size, self.position = name, size, 0
        self._hash_name = hash_name
        self._pieces = sorted(pieces, key=lambda each: each.offset, reverse=True)
        self._hash: Any = None

    @property
    def whole(self) -> bool:
        return self.position == self.size and not self._pieces

    @property
    def range(self) -> str:
        return f"bytes={self.position}-"

    def feed(self, data: memoryview) -> None:
        """The next bytes. Raises Altered at the end of a piece that is not what was written."""
        if self.position + len(data) > self.size:
            raise self._altered("it has more bytes than were written")
        while len(data):
            used = self._take(data)
            self.position += used
            data = data[used:]

    def _take(self, data: memoryview) -> int:
        if not self._pieces:
            return len(data)
        piece = self._pieces[-1]
        before = piece.offset - self.position
        if before > 0:
            # Between two buffers there is nothing that anybody reads.
            return min(before, len(data))
        if self._hash is None:
            self._hash = new_hash(self._hash_name)
        used = min(piece.offset + piece.length - self.position, len(data))
        self._hash.update(data[:used])
        if self.position + used == piece.offset + piece.length:
            self._end(piece)
        return used

    def _end(self, piece: Piece) -> None:
        if self._hash.hexdigest() != piece.hash:
            raise self._altered("its bytes changed")
        self._hash = None
        self._pieces.pop()

    def _altered(self, why: str) -> Altered:
        return Altered(f"{self.name} is not what was written: {why}.")


def arriving(manifest: Manifest) -> List[Arriving]:
    """The files that it names, the one of objects first.

    Raises Altered for what no transfer has: packed buffers, or bytes that two hashes are for.
    """
    pieces: Dict[str, List[Piece]] = {name: [] for name in manifest.files}
    try:
        size = manifest.files[manifest.stream]
        pieces[manifest.stream].append(Piece(0, size, manifest.stream_hash))
        for entry in manifest.buffers:
            if entry.codec or len(entry.hashes) != -(-entry.length // PIECE):
                raise Altered("What was sent is packed in a way that no transfer is.")
            for number, digest in enumerate(entry.hashes):
                start = number * PIECE
                length = min(PIECE, entry.length - start)
                pieces[entry.file].append(Piece(entry.offset + start, length, digest))
    except KeyError:
        raise Altered("What was sent names files that it does not have.") from None
    names = sorted(manifest.files, key=lambda name: (name != manifest.stream, name))
    return [_arriving(name, manifest, pieces[name]) for name in names]


def _arriving(name: str, manifest: Manifest, pieces: List[Piece]) -> Arriving:
    # Two names for one array are one entry twice.
    own = sorted(set(pieces), key=lambda each: each.offset)
    end = 0
    for each in own:
        if each.offset < end or each.offset + each.length > manifest.files[name]:
            raise Altered("What was sent names bytes that its files do not have.")
        end = each.offset + each.length
    return Arriving(
        name, manifest.files[name], manifest.hash, [each for each in own if each.length]
    )
