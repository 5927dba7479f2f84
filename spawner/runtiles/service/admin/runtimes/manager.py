"""The panel's rows: each runtime with what it uses and costs."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtiles import names
from runtiles.catalogue import Catalogue
from runtiles.engines.base import ContainerUsage
from runtiles.gpus import GpuUse
from runtiles.service.access import Caller
from runtiles.service.admin.gpus.meter import GpuMeter
from runtiles.service.admin.sampler import Sampler
from runtiles.service.runtimes.manager import RuntimeManager
from runtiles.store import Store, Use

from .table import OF_ENGINE, Page, Question, Row, answer

#: (user, the Hub's name of the server)
Key = tuple[str, str]


@dataclass(frozen=True)
class _Records:
    """`running`: what is being paid for; `containers`: where the engine can be asked."""

    running: Mapping[Key, Use]
    containers: Mapping[Key, str]


@dataclass(frozen=True)
class AdminRuntimes:
    """`catalogue` gives the present one: a runtime that does not run has the price of its machine."""

    runtimes: RuntimeManager
    store: Store
    catalogue: Callable[[], Catalogue]
    sampler: Sampler
    meter: GpuMeter
    currency: str

    async def page(self, caller: Caller, asked: Question) -> Page:
        """Only the rows of the page are asked about at the engine, unless they are sorted by use."""
        found = await self.runtimes.list_all(caller)
        records = await asyncio.to_thread(self._records)
        now = time.time()
        rows = [self._row(runtime, records, now) for runtime in found]
        if asked.sort in OF_ENGINE:
            await self._measure(rows, records)
            return answer(rows, asked)
        page = answer(rows, asked)
        await self._measure(page.rows, records)
        return page

    async def counts(self, caller: Caller) -> tuple[dict[str, int], int]:
        """How many runtimes are in each state, and how many users have some."""
        found = await self.runtimes.list_all(caller)
        page = answer(found, Question(limit=0, sort="state"))
        return dict(page.counts), len({runtime["user"] for runtime in found})

    def _records(self) -> _Records:
        running = {(use.user, use.server): use for use in self.store.usage.running()}
        return _Records(running, self.store.launches.containers())

    def _row(self, runtime: Mapping[str, Any], records: _Records, now: float) -> Row:
        idle = runtime.get("idle") or {}
        return {
            **runtime,
            "use": _used(None, [], {}),
            "cost": self._cost(runtime, records.running.get(_key(runtime)), now),
            "idle_since": idle.get("since"),
            "idle_reason": idle.get("reason"),
        }

    def _cost(self, runtime: Mapping[str, Any], use: Use | None, now: float) -> dict[str, Any]:
        """Of the present run; null where nothing runs."""
        if use is None or runtime["started_at"] is None:
            machine = self.catalogue().machines.get(runtime["machine"] or "")
            price, so_far = (machine.price_per_hour if machine else None), None
        else:
            price = use.price_per_hour
            so_far = round(price * use.seconds_within(use.started, now) / 3600, 4)
        return {"per_hour": price, "so_far": so_far, "currency": self.currency}

    async def _measure(self, rows: Iterable[Row], records: _Records) -> None:
        running = [row for row in rows if row["started_at"] is not None]
        ids = {_key(row): records.containers.get(_key(row), "") for row in running}
        usage = await self.sampler.usage({one for one in ids.values() if one})
        gpus = await self.meter.use() if any(row["gpus"] for row in running) else {}
        for row in running:
            row["use"] = _used(usage.get(ids[_key(row)]), row["gpus"], gpus)


def _key(runtime: Mapping[str, Any]) -> Key:
    return runtime["user"], names.server_name(runtime["name"])


def _used(
    usage: ContainerUsage | None, uuids: Iterable[str], gpus: Mapping[str, GpuUse]
) -> dict[str, Any]:
    """GPU use is the mean over the runtime's GPUs, their memory the sum."""
    known = [gpus[uuid] for uuid in uuids if uuid in gpus]
    percents = [gpu.percent for gpu in known if gpu.percent is not None]
    memories = [gpu.memory for gpu in known if gpu.memory is not None]
    return {
        "cpu": round(usage.cpu, 3) if usage else None,
        "memory": usage.memory if usage else None,
        "memory_limit": usage.memory_limit if usage else None,
        "gpu_percent": round(sum(percents) / len(percents)) if percents else None,
        "gpu_memory": sum(memories) if memories else None,
    }
