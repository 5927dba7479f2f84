"""What the GPUs do, read from the driver at most every few seconds however many ask."""

import asyncio
import time
from collections.abc import Callable, Mapping

from runtiles.gpus import GpuUse, read_use

_FRESH_S = 10.0


class GpuMeter:
    """`read` blocks; it runs on a thread, once at a time."""

    def __init__(
        self, read: Callable[[], Mapping[str, GpuUse]] = read_use, *, fresh: float = _FRESH_S
    ) -> None:
        self._read = read
        self._fresh = fresh
        self._last: Mapping[str, GpuUse] = {}
        self._at = float("-inf")
        self._lock = asyncio.Lock()

    async def use(self) -> Mapping[str, GpuUse]:
        """By UUID; empty where there is no driver."""
        async with self._lock:
            if time.monotonic() - self._at >= self._fresh:
                self._last = await asyncio.to_thread(self._read)
                self._at = time.monotonic()
        return self._last
