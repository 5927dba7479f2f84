"""Deadlines in a heap: the next one is found at once, however many there are."""

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)


class Deadlines(Generic[_K]):
    """One deadline per key. Moving or taking one away costs as much as the logarithm of their number."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, _K]] = []
        self._live: dict[_K, tuple[float, int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._live)

    def put(self, key: _K, at: float) -> None:
        """From now on this key's is `at`."""
        known = self._live.get(key)
        if known is not None and known[0] == at:
            return
        self._count += 1
        self._live[key] = (at, self._count)
        heapq.heappush(self._heap, (at, self._count, key))
        if len(self._heap) > 64 + 4 * len(self._live):
            self._rebuild()

    def drop(self, key: _K) -> None:
        """Fine if it has none."""
        self._live.pop(key, None)

    def next(self) -> float | None:
        """When the earliest one is due."""
        self._skip()
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> Iterator[_K]:
        """Takes out those that are due, earliest first."""
        while (at := self.next()) is not None and at <= now:
            _, _, key = heapq.heappop(self._heap)
            del self._live[key]
            yield key

    def _skip(self) -> None:
        """What was moved or dropped lies in the heap until it comes up."""
        while self._heap:
            at, number, key = self._heap[0]
            if self._live.get(key) == (at, number):
                return
            heapq.heappop(self._heap)

    def _rebuild(self) -> None:
        self._heap = [(at, number, key) for key, (at, number) in self._live.items()]
        heapq.heapify(self._heap)
