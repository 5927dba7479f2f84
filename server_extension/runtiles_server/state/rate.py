"""How fast a save is going to be."""

import time
import uuid
from pathlib import Path
from typing import Optional

from .direct import Pump
from .files import Place
from .signing import PIECE

_USUAL_RATE = float(500 << 20)
_WORTH_MEASURING = 64 << 20
_PROBE = 32 << 20


def write_rate(folder: Optional[Place], size: int) -> float:
    """Bytes that a save gets to the disk each second: measured there where it matters, else assumed."""
    if folder is None or size < _WORTH_MEASURING:
        return _USUAL_RATE
    path = Path(folder)
    while not path.is_dir():
        path = path.parent
    path /= f".rate-{uuid.uuid4().hex}"
    start = time.perf_counter()
    try:
        pump = Pump(path, "sha256")
    except OSError:
        return _USUAL_RATE
    try:
        path.unlink()
        for piece in range(_PROBE // PIECE):
            pump.write(memoryview(bytes(PIECE)), piece * PIECE)
        pump.finish()
    except OSError:
        return _USUAL_RATE
    finally:
        pump.close()
    return _PROBE / (time.perf_counter() - start)
