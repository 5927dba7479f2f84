"""Who wrote a snapshot, and whether it still is what was written."""

import hashlib
import hmac
import json
import time
from typing import Any, Mapping, Optional

from .errors import Refused

#: Buffers are hashed in pieces of this size, by several threads.
PIECE = 8 << 20
_ALGORITHMS = ("sha256", "blake2b")


def fastest_hash() -> str:
    """Of those that every Python has; which one it is depends on the processor."""
    sample = bytes(1 << 20)
    return min(_ALGORITHMS, key=lambda name: _seconds(name, sample))


def _seconds(name: str, sample: bytes) -> float:
    start = time.perf_counter()
    new_hash(name, sample)
    return time.perf_counter() - start


def new_hash(name: str, data: Any = b"") -> Any:
    if name not in _ALGORITHMS:
        raise Refused(f"The snapshot uses the hash {name!r}, which is not accepted.")
    return hashlib.sha256(data) if name == "sha256" else hashlib.blake2b(data, digest_size=32)


def sign(content: Mapping[str, Any], key: Optional[bytes]) -> str:
    """Empty without a key: nobody vouches for such a snapshot."""
    if not key:
        return ""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, b"runtiles snapshot\0" + text.encode(), "sha256").hexdigest()


def require(content: Mapping[str, Any], signature: str, key: Optional[bytes]) -> None:
    """Raises Refused. Called without a key it trusts whatever it is given."""
    if key and not hmac.compare_digest(sign(content, key), signature):
        raise Refused(
            "The snapshot was not made with your key, or it was changed since.",
            "To use somebody else's snapshot, accept it first: restoring runs its owner's code.",
        )
