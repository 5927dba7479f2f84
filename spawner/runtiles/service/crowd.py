"""How many of something one person may have open at a time: what costs us for as long as it is open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from runtiles.contract.errors import LimitReached


class Crowd:
    """`what` is named in the refusal: `uploads`."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._inside: Counter[Any] = Counter()

    def enter(self, key: Any) -> None:
        """Raises LimitReached. Whoever came in has to leave."""
        if self._inside[key] >= self._most:
            raise LimitReached(
                f"{self._most} {self._what} are open already.", hint="Wait for one of them to end."
            )
        self._inside[key] += 1

    def leave(self, key: Any) -> None:
        self._inside[key] -= 1
        if self._inside[key] <= 0:
            del self._inside[key]

    @contextmanager
    def inside(self, key: Any) -> Iterator[None]:
        self.enter(key)
        try:
            yield
        finally:
            self.leave(key)
