"""One after the other, for each user: what was decided by what they have is still true when it is done."""

import asyncio
from dataclasses import dataclass, field
from weakref import WeakValueDictionary


@dataclass(frozen=True)
class Turns:
    """Locks by name; one that nobody holds or waits for is not kept."""

    _locks: "WeakValueDictionary[str, asyncio.Lock]" = field(default_factory=WeakValueDictionary)

    def of(self, user: str) -> asyncio.Lock:
        """To be held (`async with`) for moments only: all launches of this user wait for it."""
        lock = self._locks.get(user)
        if lock is None:
            lock = self._locks[user] = asyncio.Lock()
        return lock
