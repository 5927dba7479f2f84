"""GET /tiles, /tiles/SLUG, /machines"""

from runtiles.service.base import ApiHandler
from runtiles.service.openapi import operation
from runtiles.service.openapi.models.catalogue import MachineAnswer, TileAnswer


class TilesHandler(ApiHandler):
    @operation("The tiles of the gallery", answer=list[TileAnswer])
    async def get(self) -> None:
        self.answer(await self.context.catalogue.tiles())


class TileHandler(ApiHandler):
    @operation("One tile, hidden ones too; of a deprecated one its successor", answer=TileAnswer)
    async def get(self, slug: str) -> None:
        self.answer(await self.context.catalogue.tile(slug))


class MachinesHandler(ApiHandler):
    @operation("The machines, and how many of their GPUs are free", answer=list[MachineAnswer])
    async def get(self) -> None:
        self.answer(await self.context.catalogue.machines())
