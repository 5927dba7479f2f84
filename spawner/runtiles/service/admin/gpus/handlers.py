"""GET /admin/gpus"""

from tornado.web import RequestHandler

from runtiles.service.admin.base import AdminHandler
from runtiles.service.openapi import operation
from runtiles.service.openapi.models.admin import Gpus


class GpusHandler(AdminHandler):
    @operation("Who holds which GPU, and who waits for one", answer=Gpus, access="admin")
    async def get(self) -> None:
        self.only()
        self.answer(await self.context.admin.gpus.overview())


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/admin/gpus", GpusHandler)]
