"""Gives an image the launcher: as it is when it brings one, else by a derived layer built once."""

import asyncio
from dataclasses import replace

from runtiles.contract.errors import LayerFailed
from runtiles.contract.events import LaunchEvent
from runtiles.contract.protocol import (
    LABEL_LAYER_OF,
    LABEL_PROTOCOL,
    LABEL_PYTHON,
    LAYER_PYTHON,
    PROTOCOL_VERSION,
)

from .base import Image, Report
from .docker_build import BuildOptions, DockerBuilds
from .docker_client import DockerDoor
from .docker_images import DockerImages
from .docker_probe import probe
from .layer import Launcher, Recipe
from .layer_probe import Python, choose
from .shared import SharedJobs


class DockerLayers:
    """`prepare` is Engine.prepare; see there for the guarantees."""

    def __init__(self, door: DockerDoor, images: DockerImages, options: BuildOptions) -> None:
        self._door = door
        self._images = images
        self._builds = DockerBuilds(door, options)
        self._jobs: SharedJobs[str, None] = SharedJobs()
        self._pythons: dict[str, list[Python]] = {}
        self._launcher: Launcher | None = None

    async def prepare(self, image: Image, report: Report) -> Image:
        if image.labels.get(LABEL_PROTOCOL) == str(PROTOCOL_VERSION):
            return replace(image, python=image.labels.get(LABEL_PYTHON, LAYER_PYTHON))
        recipe = Recipe(image, await self._own_sources())
        layer = await self._find(recipe)
        if layer is None:
            await self._jobs.run(recipe.key, lambda tell: self._make(recipe, tell), report)
            layer = await self._find(recipe)
        if layer is None:
            raise LayerFailed(f"The layer for {image.reference} was built and is gone: try again.")
        return layer

    async def close(self) -> None:
        await self._jobs.close()

    async def _own_sources(self) -> Launcher:
        if self._launcher is None:
            launcher = await asyncio.to_thread(Launcher.installed)
            await asyncio.to_thread(lambda: launcher.digest)
            self._launcher = launcher
        return self._launcher

    async def _find(self, recipe: Recipe) -> Image | None:
        found = await self._images.inspect(recipe.tag)
        labels = ((found or {}).get("Config") or {}).get("Labels") or {}
        if found is None or labels.get(LABEL_LAYER_OF) != recipe.image.id:
            return None
        return replace(
            recipe.image,
            id=str(found["Id"]),
            labels=dict(labels),
            python=labels.get(LABEL_PYTHON, LAYER_PYTHON),
        )

    async def _make(self, recipe: Recipe, report: Report) -> None:
        name = recipe.image.reference
        report(LaunchEvent("preparing", "phase", f"Adding the launcher to {name}"))
        python = choose(name, await self._probe(recipe.image))
        report(LaunchEvent("preparing", "log", f"Found {python}"))
        await self._builds.build(recipe, python, report)

    async def _probe(self, image: Image) -> list[Python]:
        known = self._pythons.get(image.id)
        if known is None:
            known = self._pythons[image.id] = await self._door.call_slow(
                lambda client: probe(client, image.id, image.reference)
            )
        return known
