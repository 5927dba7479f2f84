"""/admin/images and what is below it"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict, EngineUnavailable, LaunchFailed, NotFound
from runtiles.service.admin.base import AdminHandler
from runtiles.service.openapi import operation
from runtiles.service.openapi.models.images import Images, Pruned

from .concern import SiteImage
from .manager import ImageManager, shown

#: Where there is no engine, where it does not answer, and where it fails.
_ENGINE = (NotFound, EngineUnavailable, LaunchFailed)


class PullBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    image: Annotated[str, Field(min_length=1, max_length=600)]


class PruneBody(BaseModel):
    """`tiles`: also what the tiles of the catalogue start from."""

    model_config = ConfigDict(extra="forbid")

    tiles: bool = False


class BudgetBody(BaseModel):
    """`bytes`: null for no limit."""

    model_config = ConfigDict(extra="forbid")

    bytes: Annotated[int | None, Field(ge=0, le=2**62)]


class _ImagesHandler(AdminHandler):
    @property
    def images(self) -> ImageManager:
        """Raises NotFound where the service sees no engine."""
        images = self.context.admin.images
        if images is None:
            raise NotFound("This site has no engine with images.")
        return images


class ImagesHandler(_ImagesHandler):
    @operation("Images on the host", answer=Images, errors=_ENGINE, access="admin")
    async def get(self) -> None:
        self.only()
        self.answer(await self.images.show())


class ImageHandler(_ImagesHandler):
    @operation(
        "Remove an image with its unused layers",
        status=204,
        errors=(*_ENGINE, Conflict),
        access="admin",
    )
    async def delete(self, image_id: str) -> None:
        self.only()
        image = await self.images.remove(image_id)
        await self.audit("image.remove", f"image:{image.id}", _named(image))
        self.set_status(204)


class PullHandler(_ImagesHandler):
    @operation(
        "Begin to pull an image",
        body=PullBody,
        answer=Images,
        status=202,
        errors=(*_ENGINE, Conflict),
        access="admin",
    )
    async def post(self) -> None:
        self.only()
        body = self.body(PullBody)
        self.images.pull(body.image)
        await self.audit("image.pull", f"image:{body.image}")
        self.set_status(202)
        self.answer(await self.images.show())


class PruneHandler(_ImagesHandler):
    @operation(
        "Remove what is not used",
        body=PruneBody,
        body_required=False,
        answer=Pruned,
        errors=_ENGINE,
        access="admin",
    )
    async def post(self) -> None:
        self.only()
        body = self.body(PruneBody)
        removed, freed = await self.images.prune(tiles=body.tiles)
        for image in removed:
            await self.audit("image.remove", f"image:{image.id}", _named(image))
        gone = [{"id": image.id, **_named(image)} for image in removed]
        self.answer({"removed": gone, "freed": freed})


class BudgetHandler(_ImagesHandler):
    @operation(
        "How much the images may take: what does not fit is removed, the least recently used first",
        body=BudgetBody,
        status=204,
        errors=_ENGINE,
        access="admin",
    )
    async def put(self) -> None:
        self.only()
        body = self.body(BudgetBody)
        await self.images.set_budget(body.bytes)
        await self.audit("image.budget", "images", {"bytes": body.bytes})
        self.set_status(204)


def _named(image: SiteImage) -> dict[str, list[str]]:
    return {"references": shown(image.references)}


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/admin/images", ImagesHandler),
    (r"/admin/images/pull", PullHandler),
    (r"/admin/images/prune", PruneHandler),
    (r"/admin/images/budget", BudgetHandler),
    (r"/admin/images/([^/]+)", ImageHandler),
]
