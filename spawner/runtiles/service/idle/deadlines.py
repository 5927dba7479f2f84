"""Deadlines in a heap: the next one is found at once, however many there are."""

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)


class Deadlines(Generic[_K]):
    """One deadline per key. Moving or taking one away costs as much as the logarithm of their number;
    putting one off, which every report does, costs nothing until it comes up."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, _K]] = []
        self._live: dict[_K, float] = {}
        #: The entry of the heap that stands for a key, never later than its deadline. Others are left over.
        self._queued: dict[_K, tuple[float, int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._live)

    def put(self, key: _K, at: float) -> None:
        """From now on this key's is `at`."""
        self._live[key] = at
        queued = self._queued.get(key)
        if queued is None or at < queued[0]:
            self._push(key, at)
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
            del self._live[key], self._queued[key]
            yield key

    def _push(self, key: _K, at: float) -> None:
        self._count += 1
        self._queued[key] = (at, self._count)
        heapq.heappush(self._heap, (at, self._count, key))

    def _skip(self) -> None:
        """What was moved or dropped lies in the heap until it comes up."""
        while self._heap:
            at, number, key = self._heap[0]
            stands = self._queued.get(key) == (at, number)
            due = self._live.get(key)
            if stands and due == at:
                return
            heapq.heappop(self._heap)
            if stands and due is not None:
                self._push(key, due)
            elif stands:
                del self._queued[key]

    def _rebuild(self) -> None:
        self._heap, self._queued = [], {}
        for key, at in self._live.items():
            self._push(key, at)
