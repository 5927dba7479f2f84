"""The images of a real engine of the test's own: nothing here touches the machine's."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import docker
import pytest

from runtiles.catalogue import Catalogue, Tile
from runtiles.contract.errors import Conflict, InvalidRequest, NotFound
from runtiles.contract.protocol import LABEL_LAYER_OF
from runtiles.engines.docker import DockerEngine
from runtiles.service.admin.images.manager import ImageManager
from runtiles.store import Store
from tests.fixtures.engine import PrivateEngine
from tests.fixtures.images import random_image
from tests.fixtures.registry import Registry

pytestmark = pytest.mark.engine
SIZE = 1_000_000


class World:
    """`client` is docker-py on the private engine: the hands of a test."""

    def __init__(self, engine: PrivateEngine, store: Store) -> None:
        self.client: docker.APIClient = engine.client()
        self.store = store
        self.engine = DockerEngine("test", client_kwargs={"base_url": engine.url})
        self.tiles: list[Tile] = []
        self.manager = ImageManager(self.engine, store, lambda: Catalogue(self.tiles, []))

    def image(self, name: str) -> str:
        """A new image of SIZE bytes; its id."""
        return self.id_of(random_image(self.client, name, 1, SIZE))

    def layer(self, base: str, name: str) -> str:
        """An image on top of another, labelled as a derived layer is."""
        text = f"FROM {base}\nENV LAYER={name}\n".encode()
        made = self.client.build(
            fileobj=io.BytesIO(text),
            tag=f"runtiles/layer:{name}",
            labels={LABEL_LAYER_OF: base},
            rm=True,
        )
        assert b"Successfully" in b"".join(made)
        return self.id_of(f"runtiles/layer:{name}")

    def tile(self, slug: str, image: str, **fields: Any) -> None:
        self.tiles.append(Tile(slug=slug, title=slug, image=image, **fields))

    def id_of(self, name: str) -> str:
        return str(self.client.inspect_image(name)["Id"])

    def ids(self) -> set[str]:
        return {row["Id"] for row in self.client.images()}

    async def pulled(self, reference: str) -> dict[str, Any]:
        """The end of a pull."""
        self.manager.pull(reference)
        while True:
            (pull,) = [p for p in self.manager.pulls.listed() if p["reference"] == reference]
            if pull["state"] != "pulling":
                return pull
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        await self.manager.close()
        await self.engine.close()
        self.client.close()


@pytest.fixture
async def world(private_engine: PrivateEngine, tmp_path: Path) -> AsyncIterator[World]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    world = World(private_engine, store)
    yield world
    await world.close()
    store.close()


async def test_a_tidying_takes_what_is_the_sites_and_unused_and_nothing_else(
    world: World,
) -> None:
    lab, foreign, launched = (world.image(name) for name in ("lab", "foreign", "launched"))
    busy = world.image("busy")
    world.tile("lab", "runtiles-test/lab:1")
    old = world.layer(lab, "old")
    await asyncio.sleep(1)  # the engine tells the time of an image by the second
    new = world.layer(lab, "new")
    for image_id in (launched, busy):
        world.store.image_uses.note(image_id, "runtiles-test/launched:1")
    world.client.create_container(busy, ["/x"])

    found = {image["id"]: image for image in (await world.manager.show())["images"]}
    assert found.keys() == {lab, launched, busy, old, new}
    assert found[lab]["references"] == ["runtiles-test/lab:1"]
    assert found[lab]["tiles"] == found[new]["tiles"] == ["lab"]
    assert [found[one]["kept"] for one in (lab, new, old)] == [True, True, False]
    assert found[busy]["in_use"]
    assert found[launched]["last_used"]
    assert (await world.manager.show())["disk"]["used"] >= 3 * SIZE

    removed, freed = await world.manager.prune(tiles=False)
    assert {image.id for image in removed} == {launched, old}
    assert freed >= SIZE
    assert {lab, foreign, busy, new} <= world.ids()
    assert not {launched, old} & world.ids()
    assert launched not in world.store.image_uses.all()

    removed, _ = await world.manager.prune(tiles=True)
    assert {image.id for image in removed} == {lab, new}
    assert {foreign, busy} <= world.ids()


async def test_one_image_goes_with_its_layers_unless_it_is_used_or_foreign(world: World) -> None:
    lab, foreign = world.image("lab"), world.image("foreign")
    world.tile("lab", "runtiles-test/lab:1")
    layer = world.layer(lab, "one")
    container = world.client.create_container(layer, ["/x"])
    for image_id in (lab, layer):
        with pytest.raises(Conflict):
            await world.manager.remove(image_id)
    with pytest.raises(NotFound):
        await world.manager.remove(foreign)
    world.client.remove_container(container["Id"])
    assert (await world.manager.remove(lab)).id == lab
    assert not {lab, layer} & world.ids()
    assert foreign in world.ids()


async def test_an_image_on_its_way_to_a_container_is_in_use(world: World) -> None:
    lab = world.image("lab")
    world.tile("lab", "runtiles-test/lab:1")
    world.store.launches.record(
        "ada", "", "1", options={}, spec={}, image="docker.io/runtiles-test/lab:1"
    )
    with pytest.raises(Conflict):
        await world.manager.remove(lab)
    world.store.launches.finish("1", "stopped")
    await world.manager.remove(lab)


@pytest.mark.registry
async def test_after_a_pull_the_budget_is_kept_and_the_new_image_stays(
    world: World, open_registry: Registry, docker_client: docker.APIClient
) -> None:
    source = random_image(docker_client, "pulled", 1, SIZE)
    open_registry.push(source, "team/pulled:1")
    docker_client.remove_image(source, force=True)
    name = f"{open_registry.host}/team/pulled:1"
    older, newer = world.image("older"), world.image("newer")
    world.store.image_uses.note(older, "runtiles-test/older:1")
    time.sleep(0.01)  # noqa: ASYNC251 - so that the second is later
    world.store.image_uses.note(newer, "runtiles-test/newer:1")
    await world.manager.set_budget(int(2.5 * SIZE))

    pull = await world.pulled(name)
    assert (pull["state"], pull["percent"]) == ("done", 100.0)
    assert older not in world.ids()
    assert newer in world.ids()
    assert (await world.manager.show())["disk"]["budget"] == int(2.5 * SIZE)
    _, (entry,) = world.store.audit.page(actor="budget")
    assert entry.details["references"] == ["runtiles-test/older:1"]
    await world.manager.set_budget(1)
    pulled = world.id_of(name)
    await world.pulled(name)
    assert pulled in world.ids()
    assert newer not in world.ids()


async def test_a_pull_that_cannot_be_says_why(world: World) -> None:
    for bad in ("Not A Name", ""):
        with pytest.raises(InvalidRequest):
            world.manager.pull(bad)
    world.tile("own", "our/own:1", local=True)
    with pytest.raises(InvalidRequest):
        world.manager.pull("our/own:1")
    pull = await world.pulled("127.0.0.1:9/nothing:1")
    assert pull["state"] == "failed"
    assert pull["message"]
