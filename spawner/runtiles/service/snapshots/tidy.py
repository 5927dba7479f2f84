"""Snapshots that are removed: rows and files."""

import asyncio
import logging
import time
from dataclasses import dataclass

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.contract.state import NOT_RESTORED
from runtiles.policy import SitePolicy
from runtiles.store import SnapshotRecord, Store

from .files import SnapshotFiles
from .retention import superfluous

_log = logging.getLogger(__name__)
_REST = "Not all of it came back"


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
        try:
            records = await asyncio.to_thread(self.store.snapshots.of_user, user)
            unnamed = {one.id for one in records if not one.name}
            await asyncio.to_thread(self._keep_the_rest, user, server, unnamed)
        except RuntilesError as error:
            _log.warning("The snapshots of %s stay as they are for now: %s", user, error)
            return
        await self._keep([one for one in records if one.server == server and one.id in unnamed])

    def _keep_the_rest(self, user: str, server: str, unnamed: set[str]) -> None:
        """What did not come back at a resume is in the old snapshot alone: with a name it is kept until its
        owner deletes it, and leaves `unnamed`."""
        for launch in self.store.launches.of_runtime(user, server):
            snapshot = str(launch.options.get("resume") or "")
            if snapshot in unnamed and self._came_back_in_part(launch.id):
                self.store.snapshots.update(user, snapshot, name=_REST)
                unnamed.discard(snapshot)

    def _came_back_in_part(self, launch_id: str) -> bool:
        told = self.store.events.for_launch(launch_id, but=("log", "progress", "phase"))
        codes = {each.event.details.get("code") for each in told if each.event.phase == "restoring"}
        return not codes.isdisjoint(NOT_RESTORED)

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
