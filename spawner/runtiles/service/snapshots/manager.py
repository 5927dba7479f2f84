"""What people do with snapshots."""

import asyncio
from dataclasses import dataclass
from typing import Any

from runtiles.contract.errors import Conflict
from runtiles.service.access import Caller
from runtiles.service.openapi.models.snapshots import SnapshotChange
from runtiles.store import SnapshotRecord, Store

from .tidy import Tidy
from .view import to_json


class InUse(Conflict):
    """A runtime is paused on it."""

    code = "in_use"


@dataclass(frozen=True)
class SnapshotManager:
    """Who may see a user's runtimes sees that there are snapshots; who may stop them, what is in these and
    changes them."""

    store: Store
    tidy: Tidy

    async def of_user(self, caller: Caller, owner: str) -> list[dict[str, Any]]:
        """Newest first. Raises NotAllowed."""
        caller.require_output(owner)
        records, waited_for = await asyncio.to_thread(self._read, owner)
        return [to_json(record, waited_for) for record in records]

    async def show(self, caller: Caller, owner: str, snapshot: str) -> dict[str, Any]:
        """One, with its manifest. Raises NotAllowed, NotFound."""
        caller.require_output(owner)
        manifest = await asyncio.to_thread(self.store.snapshots.manifest, owner, snapshot)
        return {**await self._shown(owner, snapshot), "manifest": manifest}

    async def change(
        self, caller: Caller, owner: str, snapshot: str, change: SnapshotChange
    ) -> dict[str, Any]:
        """Raises NotAllowed, NotFound."""
        caller.require("delete:servers", owner)
        update = self.store.snapshots.update
        if change.name is not None:
            await asyncio.to_thread(update, owner, snapshot, name=change.name)
        return await self._shown(owner, snapshot)

    async def delete(self, caller: Caller, owner: str, snapshot: str, *, force: bool) -> None:
        """Raises NotAllowed, NotFound, and InUse, unless forced, where a runtime is paused on it."""
        caller.require("delete:servers", owner)
        record = await asyncio.to_thread(self.store.snapshots.get, owner, snapshot)
        if not force and snapshot in await asyncio.to_thread(self.tidy.waited_for, owner):
            raise InUse(
                "A runtime is paused on this snapshot; without it, it can only start empty.",
                hint="Resume it first, or delete with force=1.",
            )
        await self.tidy.remove(record)

    async def _shown(self, owner: str, snapshot: str) -> dict[str, Any]:
        record = await asyncio.to_thread(self.store.snapshots.get, owner, snapshot)
        return to_json(record, await asyncio.to_thread(self.tidy.waited_for, owner))

    def _read(self, owner: str) -> tuple[list[SnapshotRecord], frozenset[str]]:
        return self.store.snapshots.of_user(owner), self.tidy.waited_for(owner)
