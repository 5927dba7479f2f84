"""What a container uses, from the engine's statistics."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import docker
import docker.errors

from .base import ContainerStatus, ContainerUsage
from .docker_client import DockerDoor

#: Containers whose last reading is remembered: more than one host runs.
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Reading:
    """CPU time in seconds that a container had used up at a moment (seconds since the epoch)."""

    cpu: float
    at: float


class UsageMeter:
    """`usage` is Engine.usage. The engine is asked for one reading, not for the two, a second apart,
    that it would compare by itself: the one before is remembered here."""

    def __init__(self, door: DockerDoor) -> None:
        self._door = door
        self._last: dict[str, Reading] = {}

    async def usage(
        self, container_id: str, status: ContainerStatus | None
    ) -> ContainerUsage | None:
        if status is None or not status.alive:
            self.forget(container_id)
            return None
        found = await self._door.call_slow(lambda client: _stats(client, container_id))
        reading = Reading(cpu_seconds(found), time.time())
        if not found.get("memory_stats", {}).get("usage"):
            self.forget(container_id)  # it has ended meanwhile
            return None
        before = self._last.get(container_id, Reading(0.0, status.started_at or reading.at))
        self._remember(container_id, reading)
        return usage(found, before, reading)

    def forget(self, container_id: str) -> None:
        self._last.pop(container_id, None)

    def _remember(self, container_id: str, reading: Reading) -> None:
        self._last.pop(container_id, None)
        self._last[container_id] = reading
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]


def usage(found: Mapping[str, Any], before: Reading, now: Reading) -> ContainerUsage:
    """`found` is the engine's answer. A restarted container counts anew: never a negative number."""
    memory = found.get("memory_stats") or {}
    spent, passed = max(0.0, now.cpu - before.cpu), now.at - before.at
    return ContainerUsage(
        cpu=spent / passed if passed > 0 else 0.0,
        memory=max(0, int(memory.get("usage") or 0) - _cache(memory.get("stats") or {})),
        memory_limit=int(memory.get("limit") or 0) or None,
    )


def cpu_seconds(found: Mapping[str, Any]) -> float:
    usage_of = (found.get("cpu_stats") or {}).get("cpu_usage") or {}
    return float(usage_of.get("total_usage") or 0) / 1e9


def _cache(stats: Mapping[str, Any]) -> int:
    """Of control groups version 1, and of version 2."""
    return int(stats.get("total_inactive_file", stats.get("inactive_file", 0)))


def _stats(client: docker.APIClient, container_id: str) -> Mapping[str, Any]:
    try:
        return dict(client.stats(container_id, stream=False, one_shot=True))
    except docker.errors.NotFound:
        return {}
