"""From what the server knows now to a report: keeps since when each thing is so."""

import time
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Tuple

from runtiles.contract.activity import Activity, Kernel, Load, Terminal

from .programs import Foreground


class Since:
    """For each key how long its value has been what it is, on the monotonic clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: Dict[str, Tuple[Any, float]] = {}

    def age(self, key: str, value: Any) -> float:
        """Seconds since `key` got this value: 0 for a new one."""
        now = self._clock()
        known = self._seen.get(key)
        if known is None or known[0] != value:
            self._seen[key] = (value, now)
            return 0.0
        return now - known[1]

    def keep(self, keys: Iterable[str]) -> None:
        """Forgets every other key."""
        wanted = set(keys)
        self._seen = {key: value for key, value in self._seen.items() if key in wanted}


class Last:
    """How long ago something was last so; None for never."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._at: Optional[float] = None

    def saw(self, is_so: bool = True) -> None:
        if is_so:
            self._at = self._clock()

    def saw_ago(self, ages: Iterable[float]) -> None:
        """It was so each of these many seconds ago."""
        known = () if self._at is None else (self._at,)
        now = self._clock()
        self._at = max((*known, *(now - age for age in ages)), default=None)

    @property
    def age(self) -> Optional[float]:
        return None if self._at is None else self._clock() - self._at


class Tracker:
    """`thresholds`: percent above which a processor (of one core) and a GPU count as working."""

    def __init__(
        self,
        *,
        cpu_threshold: float,
        gpu_threshold: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._thresholds = {"cpu": cpu_threshold, "gpu": gpu_threshold}
        self._began = clock()
        self._busy, self._running, self._above = Since(clock), Since(clock), Since(clock)
        self._heard = Since(clock)
        self._occupied, self._connected, self._input = Last(clock), Last(clock), Last(clock)
        # What is gone was there: a job of ten hours that ended a second ago is no ten hours of idleness.
        self._active, self._worked = Last(clock), Last(clock)
        self._quiet = {name: Last(clock) for name in self._thresholds}
        self._percents: Dict[str, float] = {}
        self._sequence = 0

    def touched(self) -> None:
        """A person did something in a tab that they look at."""
        self._input.saw()

    def report(
        self,
        kernels: Iterable[Mapping[str, Any]],
        paths: Mapping[str, str],
        terminals: Iterable[Tuple[str, Optional[Foreground], Any]],
        sessions: int,
        loads: Mapping[str, Optional[float]],
        syncing: str = "",
    ) -> Activity:
        """`kernels` are Jupyter's models, `paths` the notebooks by kernel id, `loads` percent by name.

        Of Jupyter's `last_activity`, a wall clock time, only that it changed is believed.
        """
        seen = tuple(self._kernel(model, paths) for model in kernels)
        programs = tuple(self._terminal(*each) for each in terminals)
        self._busy.keep(each.id for each in seen)
        self._running.keep(each.name for each in programs)
        self._heard.keep(
            [
                *(f"kernel {each.id}" for each in seen),
                *(f"terminal {each.name}" for each in programs),
            ]
        )
        occupied = bool(seen or programs or sessions)
        connected = any(each.connections for each in seen)
        self._occupied.saw(occupied)
        self._connected.saw(connected)
        gpu, cpu = (self._load(name, loads.get(name)) for name in ("gpu", "cpu"))
        busy = any(each.busy_for is not None for each in seen)
        working = any(each.running for each in programs) or _above(gpu) or _above(cpu)
        self._active.saw_ago(_heard(seen, programs))
        self._worked.saw(working)
        self._sequence += 1
        return Activity(
            sequence=self._sequence,
            up_for=self._clock() - self._began,
            kernels=seen,
            terminals=programs,
            sessions=sessions,
            occupied_for=0.0 if occupied else self._occupied.age,
            connected_for=0.0 if connected else self._connected.age,
            input_for=self._input.age,
            active_for=0.0 if busy else self._active.age,
            worked_for=0.0 if working else self._worked.age,
            gpu=gpu,
            cpu=cpu,
            syncing=syncing,
        )

    def _kernel(self, model: Mapping[str, Any], paths: Mapping[str, str]) -> Kernel:
        busy = model["execution_state"] == "busy"
        age = self._busy.age(model["id"], busy)
        return Kernel(
            id=model["id"],
            path=paths.get(model["id"], ""),
            busy_for=age if busy else None,
            quiet_for=self._heard.age(f"kernel {model['id']}", model["last_activity"]),
            connections=int(model.get("connections") or 0),
        )

    def _terminal(self, name: str, program: Optional[Foreground], last: Any) -> Terminal:
        age = self._running.age(name, program)
        return Terminal(
            name=name,
            running=program.name if program else "",
            running_for=age if program else None,
            quiet_for=self._heard.age(f"terminal {name}", last),
        )

    def _load(self, name: str, percent: Optional[float]) -> Optional[Load]:
        """Where nobody can tell this time, only when it was above its threshold last is said."""
        quiet = self._quiet[name]
        if percent is None:
            return None if quiet.age is None else Load(self._percents[name], None, quiet.age)
        self._percents[name] = percent
        above = percent > self._thresholds[name]
        age = self._above.age(name, above)
        quiet.saw(above)
        return Load(percent, age, 0.0) if above else Load(percent, None, quiet.age)


def _above(load: Optional[Load]) -> bool:
    return load is not None and load.above_for is not None


def _heard(kernels: Iterable[Kernel], terminals: Iterable[Terminal]) -> Iterator[float]:
    yield from (0.0 if each.busy_for is not None else each.quiet_for for each in kernels)
    yield from (each.quiet_for for each in terminals)
