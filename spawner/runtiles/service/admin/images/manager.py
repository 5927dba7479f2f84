"""The images of the site on its host: shown, pulled, removed, kept to a budget."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import Conflict, InvalidRequest, NotFound
from runtiles.engines.base import Engine
from runtiles.images import ImageRef
from runtiles.service.runtimes.view import iso
from runtiles.store import Store

from .concern import SiteImage, over_budget, removable, site_images, total
from .pulls import Pulls
from .records import ImageRecords

_log = logging.getLogger(__name__)

#: The actor of an entry in the audit log that nobody asked for.
BY_BUDGET = "budget"


class ImageManager:
    """Removals happen one after another: the engine would only let them wait for each other."""

    def __init__(self, engine: Engine, store: Store, catalogue: Callable[[], Catalogue]) -> None:
        """`catalogue` gives the present one."""
        self.pulls = Pulls(engine, self._pulled)
        self._engine = engine
        self._audit = store.audit
        self._records = ImageRecords(store, catalogue)
        self._removing = asyncio.Lock()

    async def show(self) -> dict[str, Any]:
        """Raises EngineUnavailable."""
        images = await self.images()
        disk = await self._engine.disk()
        budget = await asyncio.to_thread(self._records.budget)
        return {
            "images": [_json(image) for image in images],
            "disk": {"used": total(images), "budget": budget, "free": disk.free},
            "pulls": self.pulls.listed(),
        }

    async def images(self) -> list[SiteImage]:
        # What is on its way is asked after: an image is in use before it has a container.
        found = await self._engine.images()
        return site_images(found, await asyncio.to_thread(self._records.site))

    def pull(self, reference: str) -> None:
        """Begins to. Raises InvalidRequest, Conflict."""
        try:
            ref = ImageRef.parse(reference)
        except ValueError as error:
            raise InvalidRequest({"image": str(error)}) from None
        if self._records.is_local(ref):
            raise InvalidRequest({"image": "is built on this site: no registry has it"})
        self.pulls.begin(ref)

    async def remove(self, image_id: str) -> SiteImage:
        """One image with its unused layers. Raises NotFound, Conflict, EngineUnavailable."""
        async with self._removing:
            images = await self.images()
            image = next((image for image in images if image.id == image_id), None)
            if image is None:
                raise NotFound("This site has no such image.")
            if image.in_use:
                raise Conflict("A runtime uses this image.", hint="Stop its runtimes first.")
            layers = [layer for layer in images if layer.base == image.id]
            for one in (*layers, image):
                await self._remove(one)
            return image

    async def prune(self, *, tiles: bool) -> tuple[list[SiteImage], int]:
        """Removes what is not used; what was removed, and the bytes that this freed."""
        async with self._removing:
            images = await self.images()
            removed = await self._remove_all(removable(images, tiles=tiles))
            rest = [image for image in images if image not in removed]
            return removed, total(images) - total(rest)

    async def set_budget(self, size: int | None) -> None:
        """Bytes that the site's images may take; None for no limit."""
        await asyncio.to_thread(self._records.set_budget, size)

    async def keep_budget(self, *spared: str) -> list[SiteImage]:
        """Where there is a budget: what does not fit goes, the least recently used first, but for the
        images with these ids. What was removed."""
        async with self._removing:
            budget = await asyncio.to_thread(self._records.budget)
            if budget is None:
                return []
            chosen = over_budget(await self.images(), budget, spared=spared)
            removed = await self._remove_all(chosen)
        for image in removed:
            target, details = f"image:{image.id}", {"references": shown(image.references)}
            record = self._audit.record
            await asyncio.to_thread(record, BY_BUDGET, "image.remove", target, details)
        return removed

    async def close(self) -> None:
        await self.pulls.close()

    async def _pulled(self, image_id: str) -> None:
        await asyncio.to_thread(self._records.pulled, image_id)
        await self.keep_budget(image_id)

    async def _remove_all(self, chosen: Sequence[SiteImage]) -> list[SiteImage]:
        removed = []
        for image in chosen:
            try:
                await self._remove(image)
            except Conflict as error:
                # Somebody has just begun to use it, or has made an image of their own from it.
                _log.info("The image %s stays: %s", image.id, error)
            else:
                removed.append(image)
        return removed

    async def _remove(self, image: SiteImage) -> None:
        await self._engine.remove_image(image.id)
        await asyncio.to_thread(self._records.removed, image.id)


def _json(image: SiteImage) -> dict[str, Any]:
    return {
        "id": image.id,
        "references": shown(image.references),
        "size": image.size,
        "created": iso(image.created),
        "last_used": iso(image.last_used) if image.last_used else None,
        "tiles": list(image.tiles),
        "kind": image.kind,
        "in_use": image.in_use,
        "kept": image.kept,
    }


def shown(references: Sequence[str]) -> list[str]:
    """As people write them; digests only where there is no other name."""
    named = [reference for reference in references if "@" not in reference]
    return [_familiar(reference) for reference in named or references]


def _familiar(reference: str) -> str:
    try:
        return ImageRef.parse(reference).familiar
    except ValueError:
        return reference
