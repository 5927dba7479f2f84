"""Snapshots that are removed: rows and files."""

import asyncio
import logging
import time
from dataclasses import dataclass

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.policy import SitePolicy
from runtiles.store import SnapshotRecord, Store

from .files import SnapshotFiles
from .retention import superfluous

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tidy:
    store: Store
    files: SnapshotFiles
    policy: SitePolicy

    async def remove(self, record: SnapshotRecord) -> None:
        """The files first: what is still listed can be removed again. Raises what `files` raises."""
        await self.files.remove(record)
        try:
            await asyncio.to_thread(self.store.snapshots.delete, record.user, record.id)
        except NotFound:
            return  # somebody else did

    async def after_pause(self, user: str, server: str) -> None:
        """Makes room after a new snapshot of this runtime. Never raises: the pause has succeeded."""
        records = await asyncio.to_thread(self.store.snapshots.of_user, user)
        await self._keep([one for one in records if one.server == server])

    async def sweep(self) -> None:
        """Of everybody, what is too old or too many, and what imports that were killed left."""
        await self.files.sweep()
        await self._keep(await asyncio.to_thread(self.store.snapshots.all))

    async def _keep(self, records: list[SnapshotRecord]) -> None:
        waited_for = await asyncio.to_thread(self.waited_for)
        found = superfluous(records, self.policy, now=time.time(), waited_for=waited_for)
        for record in found:
            try:
                await self.remove(record)
            except RuntilesError as error:
                _log.warning("A snapshot of %s stays for now: %s", record.user, error)

    def waited_for(self, user: str | None = None) -> frozenset[str]:
        """The snapshots that runtimes are paused on, or are being resumed from."""
        launches = self.store.launches.runtimes(user)
        waiting = {launch.snapshot for launch in launches}
        starting = {str(one.options.get("resume") or "") for one in launches if not one.ended_at}
        return frozenset((waiting | starting) - {""})
