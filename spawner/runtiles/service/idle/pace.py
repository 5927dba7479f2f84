"""So many in a minute and no more, and so many at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Few:
    """At most `most` at a time; one that takes longer than `patience` seconds, like a runtime that hangs,
    keeps nobody waiting any more."""

    def __init__(self, most: int, patience: float) -> None:
        self._free, self._patience = asyncio.Semaphore(most), patience

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[None]:
        await self._free.acquire()
        places = [self._free]

        def leave() -> None:
            while places:
                places.pop().release()

        timer = asyncio.get_running_loop().call_later(self._patience, leave)
        try:
            yield
        finally:
            timer.cancel()
            leave()


#: What a place is worth when its time has come, but for rounding.
_ONE = 1.0 - 1e-9


class Pace:
    """Lets `per_minute` through in any minute, in bursts of at most a quarter of them. Pure: the time is
    handed in."""

    def __init__(self, per_minute: float) -> None:
        self._rate = per_minute / 60.0
        self._most = max(1.0, per_minute / 4)
        self._left = self._most
        self._at: float | None = None
        self._last_place = 0.0

    def take(self, now: float) -> bool:
        """True: go on, it is counted."""
        self._fill(now)
        if self._left < _ONE:
            return False
        self._left -= 1.0
        return True

    def wait(self, now: float) -> float:
        """0: `take` would let one through. Else seconds until it is worth asking again: each who asks is
        given a place after the last, so that a crowd does not ask all the time."""
        self._fill(now)
        if self._left >= _ONE:
            return 0.0
        free = now + (1.0 - self._left) / self._rate
        self._last_place = max(self._last_place + 1.0 / self._rate, free)
        return self._last_place - now

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
