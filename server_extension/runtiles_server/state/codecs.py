"""Compression with what this Python has, chosen by trying it."""

import importlib
import zlib
from typing import Any, Callable, Dict, NamedTuple, Optional

from .errors import Unreadable, Unwritable

#: A buffer that does not shrink at least to this part stays as it is: it can then be mapped.
WORTH = 0.8
_SAMPLE = 1 << 20


class Codec(NamedTuple):
    name: str
    pack: Callable[[Any], bytes]
    unpack: Callable[[Any], bytes]


def _zlib() -> Codec:
    return Codec("zlib", lambda data: zlib.compress(data, 1), zlib.decompress)


def _lz4() -> Codec:
    lz4 = importlib.import_module("lz4.frame")
    return Codec("lz4", lz4.compress, lz4.decompress)


def _zstd() -> Codec:
    try:
        own = importlib.import_module("compression.zstd")
        return Codec("zstd", lambda data: own.compress(data, 1), own.decompress)
    except ImportError:
        zstd = importlib.import_module("zstandard")
        return Codec(
            "zstd",
            lambda data: zstd.ZstdCompressor(level=1).compress(data),
            lambda data: zstd.ZstdDecompressor().decompress(data),
        )


_MAKERS: Dict[str, Callable[[], Codec]] = {"zstd": _zstd, "lz4": _lz4, "zlib": _zlib}


def codec(name: str) -> Codec:
    """Raises Unreadable where this Python lacks it."""
    try:
        return _MAKERS[name]()
    except (ImportError, KeyError):
        hint = {"zstd": "pip install zstandard", "lz4": "pip install lz4"}.get(name, "")
        raise Unreadable(f"This Python cannot unpack {name}.", hint) from None


def wanted(compress: Optional[str]) -> Optional[Codec]:
    """`auto` is the best one that is here; None is none. Raises Unwritable for an unknown one."""
    if compress is None:
        return None
    for name in _MAKERS if compress == "auto" else (compress,):
        try:
            return codec(name)
        except Unreadable:
            continue
    raise Unwritable(
        f"Compression {compress!r} is not available here.", "Use zstd, lz4, zlib or auto."
    )


def shrinks(codec: Codec, data: Any) -> bool:
    sample = data[:_SAMPLE]
    return len(codec.pack(sample)) < WORTH * len(sample)
