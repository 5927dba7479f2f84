"""The bytes of snapshots: removed, packed into a file, taken in from one, and accepted."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from runtiles import names
from runtiles.contract.errors import Conflict, NotFound, RuntilesError
from runtiles.contract.state import SNAPSHOTS_DIR
from runtiles.engines.base import Engine, Storage
from runtiles.engines.pulled import Pulled
from runtiles.service.runtimes.distrust import line
from runtiles.service.runtimes.gateway import Gateway
from runtiles.service.runtimes.view import iso
from runtiles.store import SnapshotRecord, Store

from .arriving import Arriving
from .foreign import shaped, without_variables
from .packing import Incoming, pack

_log = logging.getLogger(__name__)
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,28}")
#: Each waits for somebody's network: not those that everything else needs.
_THREADS = ThreadPoolExecutor(32, "runtiles-snapshots")


@dataclass(frozen=True)
class SnapshotFiles:
    """`engine` is None where the service sees none: then only what a runtime can do is done."""

    engine: Engine | None
    gateway: Gateway
    store: Store
    arriving: Arriving

    @classmethod
    def of(cls, engine: Engine | None, gateway: Gateway, store: Store) -> "SnapshotFiles":
        return cls(engine, gateway, store, Arriving(store))

    async def remove(self, record: SnapshotRecord) -> None:
        """From the user's storage; fine if gone. Raises Conflict, EngineUnavailable."""
        storage = await self._storage(record)
        if storage is None or await self._removed_by_a_runtime(record):
            return
        await self._engine().storage_remove(storage, _place(record.id))

    async def export(self, record: SnapshotRecord) -> AsyncGenerator[bytes, None]:
        """The whole as one file. Use with `aclosing`. Raises NotFound, Conflict, EngineUnavailable."""
        storage = Storage.of(record.storage)
        if storage is None:
            raise NotFound("The files of this snapshot are gone.")
        header = {
            "name": record.name,
            "runtime": names.runtime_name(record.server),
            "tile": record.tile,
            "machine": record.machine,
            "created": iso(record.created),
            "size": record.size,
        }
        async with aclosing(self._engine().storage_read(storage, _place(record.id))) as chunks:
            source = Pulled(chunks)
            async with _stepped(pack(header, source), source) as pieces:
                async for piece in pieces:
                    yield piece

    async def take_in(
        self, user: str, chunks: AsyncIterator[bytes], storage: Storage, room: int | None
    ) -> SnapshotRecord:
        """A new snapshot on the user's storage out of such a file, which nobody vouches for.

        `room` is how many bytes it may have. Raises InvalidRequest, LimitReached, Conflict, NotFound,
        EngineUnavailable; nothing stays then.
        """
        snapshot_id = secrets.token_hex(8)
        await asyncio.to_thread(self.arriving.begin, snapshot_id, storage)
        try:
            return await self._take_in(user, chunks, storage, room, snapshot_id)
        finally:
            # Whatever is there without a row is swept.
            self.arriving.leave(snapshot_id)

    async def _take_in(
        self,
        user: str,
        chunks: AsyncIterator[bytes],
        storage: Storage,
        room: int | None,
        snapshot_id: str,
    ) -> SnapshotRecord:
        source = Pulled(chunks)
        incoming = await asyncio.to_thread(Incoming, source, snapshot_id, room)
        async with _stepped(incoming.pieces(), source) as pieces:
            await self._engine().storage_write(storage, _place(snapshot_id), pieces)
        try:
            manifest = shaped(incoming.whole)
            record = _record(user, snapshot_id, incoming, manifest, storage)
            await asyncio.to_thread(self.store.snapshots.add, record, manifest)
        except BaseException:
            await asyncio.shield(self._engine().storage_remove(storage, _place(snapshot_id)))
            raise
        return record

    async def sweep(self) -> None:
        """What imports that were killed left; what cannot be removed now waits for the next time."""
        for snapshot_id, storage in (await asyncio.to_thread(self.arriving.left)).items():
            try:
                if not await asyncio.to_thread(self.store.snapshots.exists, snapshot_id):
                    with suppress(NotFound):
                        await self._engine().storage_remove(storage, _place(snapshot_id))
                await asyncio.to_thread(self.arriving.end, snapshot_id)
            except RuntilesError as error:
                _log.warning("What an import left stays for now: %s", error)

    async def trust(self, record: SnapshotRecord) -> None:
        """From here on it is as if this user had made it: signed with their key.

        Raises NotFound, Conflict, EngineUnavailable.
        """
        storage = await self._storage(record)
        if storage is None:
            raise NotFound("The files of this snapshot are gone.")
        key = await asyncio.to_thread(self.store.state_keys.snapshot_key, record.user)
        await self._engine().storage_sign(storage, _place(record.id), bytes.fromhex(key))
        await asyncio.to_thread(self.store.snapshots.update, record.user, record.id, trusted=True)

    async def storage_of(self, user: str) -> Storage:
        """Where the user's newest runtime with a storage has it. Raises Conflict."""
        for launch in await asyncio.to_thread(self.store.launches.runtimes, user):
            if (found := Storage.of(launch.storage)) is not None:
                return found
        raise Conflict("There is no storage yet.", hint="Start a runtime first: that makes one.")

    async def _storage(self, record: SnapshotRecord) -> Storage | None:
        """Reached by the image of the user's newest runtime there: an older one may be gone from the host,
        and nobody else's may run on it."""
        for launch in await asyncio.to_thread(self.store.launches.runtimes, record.user):
            if _same(launch.storage, record.storage):
                return Storage.of(launch.storage)
        return Storage.of(record.storage)

    def _engine(self) -> Engine:
        if self.engine is None:
            raise Conflict("The service does not see the engine that the files are on.")
        return self.engine

    async def _removed_by_a_runtime(self, record: SnapshotRecord) -> bool:
        """By one that runs on the same storage. Whatever keeps it from that, there is the engine."""
        for launch in await asyncio.to_thread(self.store.launches.runtimes, record.user):
            runs = launch.ended_at is None and launch.started_at is not None
            if (
                not runs
                or launch.frozen_at is not None
                or not _same(launch.storage, record.storage)
            ):
                continue
            with suppress(RuntilesError):
                await self.gateway.call(
                    record.user, launch.server, "DELETE", f"snapshots/{record.id}"
                )
                return True
        return False


def _record(
    user: str, snapshot_id: str, incoming: Incoming, manifest: dict[str, Any], storage: Storage
) -> SnapshotRecord:
    header = incoming.header
    said = {name: value for name, value in header.items() if isinstance(value, str)}
    runtime = said.get("runtime", "")
    options = {k: said[k] for k in ("tile", "machine") if _SLUG.fullmatch(said.get(k, ""))}
    return SnapshotRecord(
        id=snapshot_id,
        user=user,
        server=runtime if _SLUG.fullmatch(runtime) else "imported",
        created=time.time(),
        size=incoming.size,
        # One without a name would make room for newer ones.
        name=line(said.get("name"))[:100] or "Imported",
        origin="import",
        trusted=False,
        tile=options.get("tile", ""),
        machine=options.get("machine", ""),
        options=options,
        storage={"image": storage.image, "source": storage.source},
        summary=without_variables(manifest),
    )


@asynccontextmanager
async def _stepped(
    pieces: Generator[bytes, None, None], source: Pulled
) -> AsyncIterator[AsyncGenerator[bytes, None]]:
    """Runs a generator on threads, step by step; whoever leaves early ends it."""

    async def steps() -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        while (piece := await loop.run_in_executor(_THREADS, next, pieces, None)) is not None:
            yield piece

    try:
        yield steps()
    finally:
        source.abort()


def _place(snapshot_id: str) -> str:
    return f"{SNAPSHOTS_DIR}/{snapshot_id}"


def _same(one: Any, other: Any) -> bool:
    return bool(one and other and one["source"] == other["source"])
