"""GET /admin, and the routes of all rooms of the panel that this file knows."""

from tornado.web import RequestHandler

from runtiles.service.openapi import operation
from runtiles.service.openapi.models.admin import Overview

from .base import AdminHandler
from .drain import handlers as drain
from .gpus import handlers as gpus
from .images import handlers as images
from .runtimes import handlers as runtimes
from .snapshots import handlers as snapshots
from .usage import handlers as usage


class OverviewHandler(AdminHandler):
    @operation("Versions, and how much of everything there is", answer=Overview, access="admin")
    async def get(self) -> None:
        self.only()
        self.answer(await self.context.admin.overview(self.caller))


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/admin", OverviewHandler),
    *runtimes.ROUTES,
    *drain.ROUTES,
    *images.ROUTES,
    *gpus.ROUTES,
    *usage.ROUTES,
    *snapshots.ROUTES,
]
