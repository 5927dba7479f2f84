"""A snapshot as JSON. Pure."""

from collections.abc import Collection
from typing import Any

from runtiles import names
from runtiles.service.runtimes.view import iso
from runtiles.store import SnapshotRecord


def to_json(record: SnapshotRecord, waited_for: Collection[str]) -> dict[str, Any]:
    """`waited_for`: the snapshots that runtimes are paused on."""
    kernels = list(record.summary.get("kernels") or [])
    return {
        "id": record.id,
        "name": record.name,
        "user": record.user,
        "runtime": names.runtime_name(record.server),
        "tile": record.tile,
        "machine": record.machine,
        "created": iso(record.created),
        "size": record.size,
        "origin": record.origin,
        "trusted": record.trusted,
        "variables": sum(kernel.get("variables") or 0 for kernel in kernels),
        "lost": sum(kernel.get("lost") or 0 for kernel in kernels),
        "kernels": [_kernel(kernel) for kernel in kernels],
        "in_use": record.id in waited_for,
    }


def _kernel(kernel: dict[str, Any]) -> dict[str, Any]:
    texts = ("id", "name", "language", "path", "status", "reason")
    numbers = ("variables", "bytes", "lost")
    return {
        **{key: kernel.get(key) for key in texts},
        **{key: int(kernel.get(key) or 0) for key in numbers},
    }
