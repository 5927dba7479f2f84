"""The engine in memory keeps the contract, and what it has beside it works."""

import asyncio
from collections.abc import Mapping

import pytest

from runtiles.contract.errors import (
    Conflict,
    EngineUnavailable,
    ImageNotFound,
    NoPython,
    RegistryDenied,
)
from runtiles.contract.events import LaunchEvent
from runtiles.contract.protocol import LABEL_PROTOCOL, LAYER_PYTHON
from runtiles.engines.base import Image, Owner, RegistryAuth
from runtiles.engines.memory import MemoryEngine, Published
from runtiles.images import ImageRef

from .contract import EngineContract, World, ready_image, until

ALICE = RegistryAuth("alice", "sesame")


class MemoryWorld(World):
    def __init__(self) -> None:
        self.engine: MemoryEngine = MemoryEngine()
        self.hub = "hub"
        self.ref = ImageRef.parse("local/python:1")
        self.engine.publish("local/python:1", local=True)
        self._plans: dict[str, tuple[int, int | None]] = {}

    async def create(
        self, labels: Mapping[str, str], *, lines: int = 0, code: int | None = None, user: str = ""
    ) -> str:
        name = f"container-{len(self._plans)}"
        container_id = self.engine.create(name, await ready_image(self), labels, user=user)
        self._plans[container_id] = (lines, code)
        return container_id

    async def start(self, container_id: str) -> None:
        lines, code = self._plans[container_id]
        self.engine.start(container_id)
        for i in range(lines):
            self.engine.write(container_id, f"line {i + 1}")
        if code is not None:
            self.engine.finish(container_id, code)

    async def read(self, container_id: str, path: str) -> tuple[bytes, int, Owner]:
        file = self.engine.files(container_id)[path]
        return file.content, file.mode, file.owner


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


class TestMemoryEngine(EngineContract):
    pass


async def test_concurrent_pulls_are_one(world: MemoryWorld) -> None:
    engine = world.engine
    engine.publish("some/image:1")
    gate = engine.hold("pulling")
    heard: list[list[LaunchEvent]] = [[], []]
    ref = ImageRef.parse("some/image:1")
    tasks = [asyncio.ensure_future(engine.ensure_image(ref, report=h.append)) for h in heard]
    await asyncio.sleep(0.01)
    gate.set()
    first, second = await asyncio.gather(*tasks)
    assert first == second
    assert engine.pulls == 1
    assert heard[1][-1].percent == 100


async def test_a_private_image_is_for_who_has_its_credentials(world: MemoryWorld) -> None:
    blank = Image("", "")
    world.engine.publish("private/image:1", Published(blank, credentials=ALICE))
    ref = ImageRef.parse("private/image:1")
    with pytest.raises(RegistryDenied):
        await world.engine.ensure_image(ref)
    await world.engine.ensure_image(ref, auth=ALICE)
    with pytest.raises(RegistryDenied):
        await world.engine.ensure_image(ref, auth=RegistryAuth("alice", "wrong"))
    with pytest.raises(ImageNotFound):
        await world.engine.ensure_image(ImageRef.parse("no/image:1"))


async def test_prepare_builds_once_and_leaves_a_prepared_image_alone(world: MemoryWorld) -> None:
    image = await ready_image(world)
    first, second = await asyncio.gather(*(world.engine.prepare(image) for _ in range(2)))
    assert first == second
    assert first.python == LAYER_PYTHON
    assert first.reference == image.reference
    assert world.engine.builds == 1
    assert await world.engine.prepare(first) == first
    ours = Image("sha256:1", "ours", labels={LABEL_PROTOCOL: "1"})
    assert (await world.engine.prepare(ours)).python == LAYER_PYTHON


async def test_an_image_without_python(world: MemoryWorld) -> None:
    world.engine.publish("bare/image:1", Published(Image("", ""), python=False), local=True)
    image = await world.engine.ensure_image(ImageRef.parse("bare/image:1"))
    with pytest.raises(NoPython):
        await world.engine.prepare(image)


async def test_an_engine_that_is_down_is_not_a_stopped_container(world: MemoryWorld) -> None:
    container_id = await world.running()
    world.engine.available = False
    for call in (world.engine.status, world.engine.wait, world.engine.remove, world.engine.logs):
        with pytest.raises(EngineUnavailable):
            await call(container_id)
    with pytest.raises(EngineUnavailable):
        await world.engine.version()


async def test_names_are_unique_and_oom_is_told(world: MemoryWorld) -> None:
    image = await ready_image(world)
    container_id = world.engine.create("one", image, {})
    with pytest.raises(Conflict):
        world.engine.create("one", image, {})
    world.engine.start(container_id)
    world.engine.finish(container_id, 137, oom_killed=True)
    status = await world.engine.status(container_id)
    assert status is not None
    assert status.oom_killed


async def test_until_waits() -> None:
    seen: list[int] = []

    async def condition() -> bool:
        seen.append(1)
        return len(seen) > 2

    await until(condition)
    assert len(seen) == 3
