"""What containers use, asked of the engine at most every few seconds, and only while somebody looks."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from runtiles.contract.errors import RuntilesError
from runtiles.engines.base import ContainerUsage, Engine

_FRESH_S = 10.0
_KEPT_S = 120.0
_AT_ONCE = 16


@dataclass
class Sampler:
    """`engine` is None where the service sees none: then nothing is known."""

    engine: Engine | None
    fresh: float = _FRESH_S
    #: How long an answer waits for an engine that is slow; what comes later is for the next one.
    patience: float = 2.0
    _last: dict[str, tuple[float, ContainerUsage | None]] = field(default_factory=dict)
    _asking: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def usage(self, container_ids: Collection[str]) -> Mapping[str, ContainerUsage]:
        """By id, what is known of those that run."""
        if self.engine is None:
            return {}
        self._forget_old()
        tasks = [self._ask(one, self.engine) for one in container_ids if self._is_old(one)]
        if tasks:
            await asyncio.wait(tasks, timeout=self.patience)
        known = {one: self._last[one][1] for one in container_ids if one in self._last}
        return {one: usage for one, usage in known.items() if usage is not None}

    async def close(self) -> None:
        for task in list(self._asking.values()):
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _is_old(self, container_id: str) -> bool:
        at, _ = self._last.get(container_id, (float("-inf"), None))
        return time.monotonic() - at >= self.fresh

    def _ask(self, container_id: str, engine: Engine) -> "asyncio.Task[None]":
        """One question for all who ask at the same time."""
        if container_id not in self._asking:
            task = asyncio.create_task(self._sample(container_id, engine))
            self._asking[container_id] = task
            task.add_done_callback(lambda _: self._asking.pop(container_id, None))
        return self._asking[container_id]

    async def _sample(self, container_id: str, engine: Engine) -> None:
        async with self._slots:
            try:
                usage = await engine.usage(container_id)
            except RuntilesError:
                usage = None
        self._last[container_id] = (time.monotonic(), usage)

    def _forget_old(self) -> None:
        """Of containers that nobody asks about any more."""
        limit = time.monotonic() - _KEPT_S
        self._last = {one: known for one, known in self._last.items() if known[0] > limit}
