"""GET /notices, DELETE /notices/ID: the caller's own, whoever is asked for"""

import asyncio
from typing import Annotated

from pydantic import Field
from tornado.web import RequestHandler

from runtiles.contract.errors import NotFound
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import operation
from runtiles.service.openapi.models.notices import Notice

from .view import listed

_NUMBER = Annotated[int, Field(ge=1, lt=10**18)]


class NoticesHandler(ApiHandler):
    @operation("What admins tell the caller, oldest first", answer=list[Notice])
    async def get(self) -> None:
        owner = self.caller.owner(None)
        self.answer(await asyncio.to_thread(listed, self.context.store.notices, owner))


class NoticeHandler(ApiHandler):
    @operation("Dismiss a notice", status=204, path={"notice_id": _NUMBER})
    async def delete(self, notice_id: str) -> None:
        if not (notice_id.isascii() and notice_id.isdigit() and len(notice_id) < 19):
            raise NotFound("There is no such notice.")
        owner = self.caller.owner(None)
        await asyncio.to_thread(self.context.store.notices.dismiss, owner, int(notice_id))
        self.set_status(204)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/notices", NoticesHandler),
    (r"/notices/([^/]+)", NoticeHandler),
]
