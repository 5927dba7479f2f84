"""All usage since the beginning, without reading all of it each time that somebody asks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from runtiles.store import Store, UsageSum
from runtiles.store.sums import SumState

#: What ended longer ago than this is added up by the database, and so seldom: by then whoever was to record
#: an end has done so. What is closed later, for a moment before, is in the next sum.
_LATE_S, _ANEW_S = 300.0, 3600.0

_Key = tuple[str, str, SumState]
_Sum = tuple[float, float, float]
_NOTHING: _Sum = (0.0, 0.0, 0.0)


@dataclass
class Totals:
    """They never become less while the service runs, as Prometheus has it of counters: one whose end was
    recorded late, for a moment before, stands still until it is true again."""

    store: Store
    clock: Callable[[], float] = time.time
    _until: float = float("-inf")
    _ended: dict[_Key, _Sum] = field(default_factory=dict, repr=False)
    _told: dict[_Key, _Sum] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def read(self) -> list[UsageSum]:
        """Blocks. By user, machine and state, in order."""
        with self._lock:
            now = self.clock()
            if not 0.0 <= now - _LATE_S - self._until <= _ANEW_S:
                self._add_up(now - _LATE_S)
            found = dict(self._ended)
            for use in self.store.usage.since(self._until):
                lasted = use.seconds_within(0.0, now)
                more = (lasted, lasted * use.gpus, lasted / 3600 * use.price_per_hour)
                _add(found, (use.user, use.machine, "running"), more)
            for span in self.store.spans.since(self._until):
                more = (span.seconds_within(0.0, now), 0.0, 0.0)
                _add(found, (span.user, span.machine, span.kind), more)
            for key, sums in found.items():
                seconds, gpu_seconds, cost = map(max, sums, self._told.get(key, _NOTHING))
                self._told[key] = (seconds, gpu_seconds, cost)
            return [UsageSum(*key, *sums) for key, sums in sorted(self._told.items())]

    def _add_up(self, until: float) -> None:
        ended = self.store.usage.sums(until)
        self._until, self._ended = until, {}
        for one in ended:
            key = (one.user, one.machine, one.state)
            self._ended[key] = (one.seconds, one.gpu_seconds, one.cost)


def _add(sums: dict[_Key, _Sum], key: _Key, more: _Sum) -> None:
    seconds, gpu_seconds, cost = sums.get(key, _NOTHING)
    sums[key] = (seconds + more[0], gpu_seconds + more[1], cost + more[2])
