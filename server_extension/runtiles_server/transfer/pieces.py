"""What a file that comes piece by piece has to be, decided by its signed manifest. No input or output."""

from dataclasses import dataclass
from typing import Dict, List, Tuple

from runtiles_server.state import Altered, Manifest
from runtiles_server.state.signing import PIECE


@dataclass(frozen=True)
class Piece:
    """`length` bytes from `offset` whose hash is known."""

    offset: int
    length: int
    hash: str


@dataclass(frozen=True)
class Arriving:
    """One file. `pieces`: in their order; what is between them nobody reads."""

    name: str
    size: int
    pieces: Tuple[Piece, ...]


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
    return Arriving(name, manifest.files[name], tuple(each for each in own if each.length))
