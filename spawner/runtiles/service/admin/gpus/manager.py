"""The Hub's word on its GPUs, and the driver's."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from runtiles import names
from runtiles.gpus import read_gpus
from runtiles.store import Facts

from .meter import GpuMeter

#: Published by the Hub, which has the ledger: inventory, leases and queue as `GpuPool.snapshot` gives.
GPUS = "gpus"


@dataclass(frozen=True)
class GpuManager:
    facts: Facts
    meter: GpuMeter

    async def overview(self) -> dict[str, Any]:
        """Every GPU with what it does and its holder, and the queue in order."""
        published, use = await self._published(), await self.meter.use()
        holders = _holders(published["leases"])
        return {
            "gpus": [
                {
                    "uuid": gpu["uuid"],
                    "model": gpu["model"],
                    "memory": gpu["memory"] or None,
                    "memory_used": use[gpu["uuid"]].memory if gpu["uuid"] in use else None,
                    "utilization": use[gpu["uuid"]].percent if gpu["uuid"] in use else None,
                    "holder": holders.get(gpu["uuid"]),
                }
                for gpu in published["gpus"]
            ],
            "queue": [
                {
                    **_owner(wish["holder"]),
                    "position": place,
                    "gpus": wish["count"],
                    "models": list(wish["models"]),
                }
                for place, wish in enumerate(published["queue"], 1)
            ],
        }

    async def count(self) -> dict[str, int]:
        published = await self._published()
        held = {uuid for uuids in published["leases"].values() for uuid in uuids}
        uuids = [gpu["uuid"] for gpu in published["gpus"]]
        return {"total": len(uuids), "free": sum(uuid not in held for uuid in uuids)}

    async def _published(self) -> Mapping[str, Any]:
        """Before the Hub has said anything nobody holds any: what the driver lists is free."""
        fact = await asyncio.to_thread(self.facts.read, GPUS)
        if fact is not None:
            value: Mapping[str, Any] = fact.value
            return value
        found = await asyncio.to_thread(read_gpus)
        return {"gpus": [asdict(gpu) for gpu in found], "leases": {}, "queue": []}


def _holders(leases: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
    return {uuid: _owner(holder) for holder, uuids in leases.items() for uuid in uuids}


def _owner(holder: str) -> dict[str, str]:
    """A lease belongs to a launch, written `user/server/launch`."""
    user, server, _ = holder.rsplit("/", 2)
    return {"user": user, "name": names.runtime_name(server)}
