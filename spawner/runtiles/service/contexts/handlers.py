"""GET and POST /contexts, DELETE /contexts/ID"""

import asyncio
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.web import RequestHandler

from runtiles.contract.errors import LimitReached, RuntilesError
from runtiles.service.base import ApiHandler
from runtiles.service.crowd import Crowd
from runtiles.service.openapi import USER, operation
from runtiles.service.openapi.models.contexts import Context
from runtiles.service.runtimes.view import iso
from runtiles.store import ContextRecord

from .archives import Upload

#: Of one person: what is on its way counts for nobody's room yet, and may be large.
_UPLOADS = Crowd(4, "uploads")


class ContextsHandler(ApiHandler):
    """A folder comes as the request's body, straight to the disk: it is never whole in memory."""

    _upload: Upload | None = None
    _uploader: tuple[str, str] | None = None
    _trouble: RuntilesError | None = None

    async def prepare(self) -> None:
        if self.request.method != "POST":
            await super().prepare()
            return
        self.max_request = 2 * self.context.settings.policy.max_context_size
        # The limit of the whole server is for JSON. Beyond this one the connection is closed.
        if isinstance(self.request.connection, HTTP1Connection):
            self.request.connection.set_max_body_size(self.max_request)
        await super().prepare()
        if hasattr(self, "caller"):
            await self._begin()

    async def _begin(self) -> None:
        try:
            uploader = (self.caller.kind, self.caller.name)
            _UPLOADS.enter(uploader)
            self._uploader = uploader
            begin = self.context.contexts.begin
            self._upload = await asyncio.to_thread(begin, self.caller, self.owner)
            if self._uploader is None:
                self._discard()  # whoever sends it has gone meanwhile
        except RuntilesError as error:
            self._trouble = error

    async def data_received(self, chunk: bytes) -> None:
        if self._upload is None:
            # Refused. The rest is taken in all the same, or the answer would be lost.
            return
        try:
            await asyncio.to_thread(self._upload.write, chunk)
        except RuntilesError as error:
            self._trouble = error
            self._discard()

    @operation("The uploaded folders of a user", answer=list[Context], query=[USER])
    async def get(self) -> None:
        records = await asyncio.to_thread(self.context.contexts.of_user, self.caller, self.owner)
        self.answer([_json(record) for record in records])

    @operation(
        "Upload a folder, as a tar archive packed with gzip",
        status=201,
        answer=Context,
        body=bytes,
        body_type="application/gzip",
        query=[USER],
        scopes=["start:servers"],
        errors=[LimitReached],
    )
    async def post(self) -> None:
        if self._trouble is not None or self._upload is None:
            raise self._trouble or RuntilesError("The upload never began.")
        try:
            record = await asyncio.to_thread(self.context.contexts.keep, self.owner, self._upload)
        except RuntilesError:
            # Before the answer: who has it must not find half an upload.
            self._discard()
            raise
        self.set_status(201)
        self.answer(_json(record))

    def on_finish(self) -> None:
        self._end()
        super().on_finish()

    def on_connection_close(self) -> None:
        self._end()
        super().on_connection_close()

    def _end(self) -> None:
        self._discard()
        if self._uploader is not None:
            _UPLOADS.leave(self._uploader)
            self._uploader = None

    def _discard(self) -> None:
        if self._upload is not None:
            self._upload.discard()
            self._upload = None


class ContextHandler(ApiHandler):
    @operation("Delete an uploaded folder", status=204, query=[USER], scopes=["start:servers"])
    async def delete(self, context: str) -> None:
        delete = self.context.contexts.delete
        await asyncio.to_thread(delete, self.caller, self.owner, context)
        self.set_status(204)


def _json(record: ContextRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "size": record.size,
        "sha256": record.sha256,
        "created": iso(record.created),
    }


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/contexts", ContextsHandler),
    (r"/contexts/([^/]+)", ContextHandler),
]
