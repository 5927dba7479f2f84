"""GET /admin/snapshots"""

import asyncio

from tornado.web import RequestHandler

from runtiles.service.admin.base import AdminHandler
from runtiles.service.openapi import operation
from runtiles.service.openapi.models.admin import SnapshotsOfUser
from runtiles.service.runtimes.view import iso


class SnapshotSumsHandler(AdminHandler):
    """Sums only: what is in a snapshot is its owner's."""

    @operation(
        "How much the snapshots of each user take, the most first",
        answer=list[SnapshotsOfUser],
        access="admin",
    )
    async def get(self) -> None:
        self.only()
        sums = await asyncio.to_thread(self.context.store.snapshots.sums)
        self.answer([{**vars(one), "oldest": iso(one.oldest)} for one in sums])


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/admin/snapshots", SnapshotSumsHandler)]
