"""Kernels that save, and do not get on: each is interrupted, and never killed."""

import time
from typing import Any, Optional, Sequence

from jupyter_server.utils import ensure_async

from runtiles_server.kernels.asking import INTERRUPTS, endless, stuck
from runtiles_server.kernels.saving import Saving


class Pressing:
    """`limit`: seconds without a byte, or a kernel, more."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._standing: Any = None
        self._moved, self.pressed = 0.0, 0

    async def press(self, savings: Sequence[Saving], done: int) -> None:
        """`done`: bytes so far. Raises KernelStuck when interrupts do not help."""
        at_it = [each for each in savings if each.errand.started and not each.found]
        now, standing = time.monotonic(), (done, len(at_it))
        if self._standing != standing or not at_it:
            self._standing, self._moved, self.pressed = standing, now, 0
        elif now - self._moved > self._limit:
            if self.pressed >= INTERRUPTS:
                raise stuck(at_it[0].kernel["id"])
            self._moved, self.pressed = now, self.pressed + 1
            for each in at_it:
                await ensure_async(each.manager.interrupt_kernel())

    def check(self, savings: Sequence[Saving], error: Optional[BaseException]) -> None:
        """Raises it, in words of its cause."""
        if error is not None and self.pressed:
            at_it = next(each for each in savings if not each.found)
            raise endless(at_it.kernel["id"], self._limit, error) from error
        if error is not None:
            raise error
