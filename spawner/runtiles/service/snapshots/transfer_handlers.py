"""GET /snapshots/ID/export, POST /snapshots/import, POST /snapshots/ID/trust"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict, InvalidRequest, LimitReached, RuntilesError
from runtiles.service.base import ApiHandler
from runtiles.service.crowd import Crowd
from runtiles.service.openapi import USER, operation
from runtiles.service.openapi.models.snapshot_transfer import ImportedSnapshot
from runtiles.service.runtimes.view import iso
from runtiles.store import SnapshotRecord

#: Of one person, in and out together: each holds a helper at the engine.
_OPEN = Crowd(2, "snapshot files")
_LARGEST = 1 << 42
#: Seconds. A body that is silent for longer is given up.
_SILENCE_S = 120.0


class ExportHandler(ApiHandler):
    @operation(
        "A snapshot as one file: a tar archive packed with gzip",
        content={"application/gzip": bytes},
        query=[USER],
        scopes=["delete:servers"],
        errors=[Conflict, LimitReached],
    )
    async def get(self, snapshot: str) -> None:
        # In it is what the user's programs have in memory.
        self.caller.require_output(self.owner)
        record = await asyncio.to_thread(self.context.store.snapshots.get, self.owner, snapshot)
        with _OPEN.inside((self.caller.kind, self.caller.name)):
            self._sending = asyncio.create_task(self._send_file(record))
            await asyncio.wait({self._sending})
            if not self._sending.cancelled():
                self._sending.result()

    async def _send_file(self, record: SnapshotRecord) -> None:
        async with aclosing(self.context.snapshot_files.export(record)) as pieces:
            first = await anext(pieces)
            await self.note("export", record.id, kind="snapshot")
            # What cannot be read is told as an error; from here on only a broken connection tells.
            self.set_header("Content-Type", "application/gzip")
            name = f'attachment; filename="snapshot-{record.id}.tar.gz"'
            self.set_header("Content-Disposition", name)
            self.write(first)
            try:
                async for piece in pieces:
                    self.write(piece)
                    await self.flush()
            except StreamClosedError:
                return


class ImportHandler(ApiHandler):
    """The file comes as the request's body, straight to the user's storage."""

    max_request = _LARGEST
    _work: "asyncio.Task[SnapshotRecord] | None" = None
    _who: tuple[str, str] | None = None
    _trouble: RuntilesError | None = None

    async def prepare(self) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(8)
        if isinstance(self.request.connection, HTTP1Connection):
            self.request.connection.set_max_body_size(self.max_request)
        await super().prepare()
        if self.request.method == "POST" and hasattr(self, "caller"):
            await self._begin()

    async def _begin(self) -> None:
        try:
            who = (self.caller.kind, self.caller.name)
            self.caller.require("start:servers", self.owner)
            _OPEN.enter(who)
            self._who = who
            files = self.context.snapshot_files
            storage = await files.storage_of(self.owner)
            room = await asyncio.to_thread(self._room)
            work = files.take_in(self.owner, self._arriving(), storage, room)
            self._work = asyncio.create_task(work)
        except RuntilesError as error:
            self._trouble = error

    def _room(self) -> int | None:
        """Bytes that the user's snapshots may still take."""
        most = getattr(self.context.settings.policy, "max_snapshots_size", None)
        return (
            None if most is None else max(0, most - self.context.store.snapshots.used(self.owner))
        )

    async def _arriving(self) -> AsyncIterator[bytes]:
        while (piece := await self._next()) is not None:
            yield piece

    async def _next(self) -> bytes | None:
        try:
            return await asyncio.wait_for(self._pieces.get(), _SILENCE_S)
        except asyncio.TimeoutError:
            raise InvalidRequest({"body": "stopped coming before its end"}) from None

    async def data_received(self, chunk: bytes) -> None:
        await self._pass_on(chunk)

    async def _pass_on(self, piece: bytes | None) -> None:
        """Once it has failed, the rest is taken in all the same, or the answer would be lost."""
        if self._work is None or self._work.done():
            return
        putting = asyncio.ensure_future(self._pieces.put(piece))
        await asyncio.wait({putting, self._work}, return_when=asyncio.FIRST_COMPLETED)
        putting.cancel()

    @operation(
        "Take in a snapshot that was exported; it cannot be resumed before it is trusted",
        status=201,
        answer=ImportedSnapshot,
        body=bytes,
        body_type="application/gzip",
        query=[USER],
        scopes=["start:servers"],
        errors=[Conflict, LimitReached],
    )
    async def post(self) -> None:
        if self._trouble is not None or self._work is None:
            raise self._trouble or RuntilesError("The import never began.")
        await self._pass_on(None)
        record = await self._work
        await self.note("import", record.id, kind="snapshot")
        self.set_status(201)
        self.answer(_json(record))

    def on_finish(self) -> None:
        self._end()
        super().on_finish()

    def on_connection_close(self) -> None:
        self._end()
        super().on_connection_close()

    def _end(self) -> None:
        if self._work is not None:
            self._work.cancel()
        if self._who is not None:
            _OPEN.leave(self._who)
            self._who = None


class TrustHandler(ApiHandler):
    @operation(
        "Accept a snapshot that came as a file: resuming it runs whatever its maker put into it",
        answer=ImportedSnapshot,
        query=[USER],
        scopes=["start:servers"],
        errors=[Conflict],
    )
    async def post(self, snapshot: str) -> None:
        self.caller.require("start:servers", self.owner)
        get = self.context.store.snapshots.get
        record = await asyncio.to_thread(get, self.owner, snapshot)
        if not record.trusted:
            await self.context.snapshot_files.trust(record)
            await self.note("trust", record.id, kind="snapshot")
        self.answer(_json(await asyncio.to_thread(get, self.owner, snapshot)))


def _json(record: SnapshotRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "user": record.user,
        "size": record.size,
        "created": iso(record.created),
        "origin": record.origin,
        "trusted": record.trusted,
    }


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/snapshots/import", ImportHandler),
    (r"/snapshots/([^/]+)/export", ExportHandler),
    (r"/snapshots/([^/]+)/trust", TrustHandler),
]
