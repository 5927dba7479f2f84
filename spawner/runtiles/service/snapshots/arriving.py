"""Snapshots that are coming in: written down before the first byte, so that what a killed service began is
taken away."""

import threading
from dataclasses import dataclass, field
from typing import Any

from runtiles.engines.base import Storage
from runtiles.store import Store

_FACT = "snapshots.arriving"


@dataclass(frozen=True)
class Arriving:
    """Blocking. The service is the one writer of this fact."""

    store: Store
    _here: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, snapshot: str, storage: Storage) -> None:
        """Raises ServiceUnavailable; then nothing may be written."""
        with self._lock:
            self._here.add(snapshot)
            where = {"image": storage.image, "source": storage.source}
            self._publish({**self._all(), snapshot: where})

    def leave(self, snapshot: str) -> None:
        """Nobody here writes it any more: it is in the list of snapshots, or left over."""
        self._here.discard(snapshot)

    def end(self, snapshot: str) -> None:
        """Nothing is left over of it."""
        with self._lock:
            self._publish({key: where for key, where in self._all().items() if key != snapshot})

    def left(self) -> dict[str, Storage]:
        """Of those that nobody here writes any more, where they were to be."""
        with self._lock:
            found = {
                key: Storage.of(it) for key, it in self._all().items() if key not in self._here
            }
        return {key: storage for key, storage in found.items() if storage is not None}

    def _all(self) -> dict[str, Any]:
        fact = self.store.facts.read(_FACT)
        return dict(fact.value) if fact else {}

    def _publish(self, value: dict[str, Any]) -> None:
        self.store.facts.publish(_FACT, value)
