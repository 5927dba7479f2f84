"""GET /tiles, /tiles/SLUG, /machines"""

import asyncio

from runtiles.service.base import ApiHandler


class TilesHandler(ApiHandler):
    def get(self) -> None:
        self.answer(self.context.catalogue.tiles())


class TileHandler(ApiHandler):
    def get(self, slug: str) -> None:
        self.answer(self.context.catalogue.tile(slug))


class MachinesHandler(ApiHandler):
    async def get(self) -> None:
        self.answer(await asyncio.to_thread(self.context.catalogue.machines))
