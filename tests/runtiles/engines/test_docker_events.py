"""The subscription: a status usually costs nothing, and an engine that is away is never "stopped"."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import docker
import pytest

from runtiles.contract.errors import EngineUnavailable
from runtiles.contract.protocol import LABEL_HUB
from runtiles.engines.base import ContainerStatus
from runtiles.engines.docker_client import DockerDoor
from runtiles.engines.docker_events import StatusCache
from tests.fixtures.engine import PrivateEngine, remove_containers

from .contract import WAIT_S, until

pytestmark = pytest.mark.engine

LIMIT = 32 * 1024 * 1024


class CountingDoor(DockerDoor):
    """Counts the questions that reach the engine."""

    calls = 0

    def client(self) -> docker.APIClient:
        self.calls += 1
        return super().client()


@pytest.fixture
async def door() -> AsyncIterator[CountingDoor]:
    door = CountingDoor()
    yield door
    door.close()


@pytest.fixture
async def cache(door: CountingDoor, hub_name: str) -> AsyncIterator[StatusCache]:
    """Subscribed."""
    cache = StatusCache(door, hub_name)
    await cache.status("0" * 64)
    await until(lambda: _stands(cache))
    yield cache
    await cache.close()


async def _stands(cache: StatusCache) -> bool:
    return cache.standing


@pytest.fixture
def start(docker_client: docker.APIClient, debian: str, hub_name: str) -> Iterator["Start"]:
    yield Start(docker_client, debian, hub_name)
    remove_containers(docker_client, hub_name)


class Start:
    """Starts a container and gives its id."""

    def __init__(self, client: docker.APIClient, image: str, hub: str) -> None:
        self.client = client
        self._image = image
        self._hub = hub

    async def __call__(self, command: str, hub: str | None = None, memory: int = 0) -> str:
        return await asyncio.to_thread(self._start, command, hub or self._hub, memory)

    def _start(self, command: str, hub: str, memory: int) -> str:
        container = self.client.create_container(
            self._image,
            ["sh", "-c", command],
            labels={LABEL_HUB: hub},
            host_config=self.client.create_host_config(
                init=True, network_mode="none", mem_limit=memory or None
            ),
        )["Id"]
        self.client.start(container)
        return str(container)


async def becomes(cache: StatusCache, container_id: str, state: str) -> ContainerStatus | None:
    seen: list[ContainerStatus | None] = []

    async def reached() -> bool:
        seen.append(await cache.status(container_id))
        status = seen[-1]
        return (status.state if status else "gone") == state

    await until(reached)
    return seen[-1]


async def known(cache: StatusCache, door: CountingDoor, container_id: str) -> None:
    """Running, and the event of its start has come: from here on only news costs a question."""

    async def free() -> bool:
        await cache.status(container_id)
        await asyncio.sleep(0.1)
        door.calls = 0
        await cache.status(container_id)
        return door.calls == 0

    await until(free)


async def test_a_status_is_read_once(cache: StatusCache, door: CountingDoor, start: Start) -> None:
    container_id = await start("sleep 600")
    await known(cache, door, container_id)
    door.calls = 0
    for _ in range(1000):
        assert await cache.status(container_id)
    assert door.calls == 0


async def test_what_others_do_is_seen_at_once(
    cache: StatusCache, door: CountingDoor, start: Start
) -> None:
    container_id = await start("sleep 600")
    await known(cache, door, container_id)
    for action, state in (
        (start.client.pause, "paused"),
        (start.client.unpause, "running"),
    ):
        door.calls = 0
        await asyncio.to_thread(action, container_id)
        await becomes(cache, container_id, state)
        assert door.calls == 0, "the event told it"
    waiting = asyncio.ensure_future(cache.wait(container_id))
    await asyncio.to_thread(start.client.kill, container_id)
    ended = await asyncio.wait_for(waiting, WAIT_S)
    assert ended is not None
    assert (ended.state, ended.exit_code, ended.oom_killed) == ("exited", 137, False)
    await asyncio.to_thread(start.client.start, container_id)
    await becomes(cache, container_id, "running")
    await asyncio.to_thread(start.client.remove_container, container_id, force=True)
    assert await becomes(cache, container_id, "gone") is None


async def test_out_of_memory_is_told(cache: StatusCache, start: Start) -> None:
    hungry = "python3 -c 'x = bytearray(10**9)'; exit 9"
    container_id = await start(f"exec {hungry.split(';', maxsplit=1)[0]}", memory=LIMIT)
    ended = await asyncio.wait_for(cache.wait(container_id), WAIT_S)
    assert ended is not None
    assert ended.oom_killed
    assert ended.exit_code == 137


async def test_another_hubs_container_is_asked_for_each_time(
    cache: StatusCache, door: CountingDoor, start: Start, hub_name: str
) -> None:
    other = f"{hub_name}-other"
    container_id = await start("sleep 600", hub=other)
    try:
        await becomes(cache, container_id, "running")
        door.calls = 0
        await cache.status(container_id)
        assert door.calls == 1
        await asyncio.to_thread(start.client.pause, container_id)
        status = await cache.status(container_id)
        assert status is not None
        assert status.state == "paused"
    finally:
        remove_containers(start.client, other)


async def test_short_ids_and_names_are_not_kept(
    cache: StatusCache, door: CountingDoor, start: Start
) -> None:
    container_id = await start("sleep 600")
    assert await cache.status(container_id[:12])
    door.calls = 0
    assert await cache.status(container_id[:12])
    assert door.calls == 1


async def test_many_at_once_do_not_wait_for_each_other(cache: StatusCache, start: Start) -> None:
    container_id = await start("sleep 600")
    waits = [asyncio.ensure_future(cache.wait(container_id)) for _ in range(100)]
    asked = asyncio.gather(*(cache.status(container_id) for _ in range(100)))
    await asyncio.wait_for(asked, WAIT_S)
    await asyncio.to_thread(start.client.kill, container_id)
    ended = await asyncio.wait_for(asyncio.gather(*waits), WAIT_S)
    assert {status.exit_code for status in ended if status} == {137}


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_an_engine_that_goes_and_comes_back(
    private_engine: PrivateEngine, docker_client: docker.APIClient, debian: str
) -> None:
    client = private_engine.client()
    client.load_image(b"".join(docker_client.get_image(debian)))
    start = Start(client, debian, "lab")
    door = DockerDoor({"base_url": private_engine.url})
    cache = StatusCache(door, "lab")
    container_id = await start("sleep 600")
    await becomes(cache, container_id, "running")
    await until(lambda: _stands(cache))
    waiting = asyncio.ensure_future(cache.wait(container_id))
    # Killed: a stop would end its containers first, and that is what would be told.
    await asyncio.to_thread(private_engine.kill)
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(waiting, WAIT_S)
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            await cache.status(container_id)
    await asyncio.to_thread(private_engine.start)
    await until(lambda: _stands(cache))
    # The engine took its containers down: what was known before is not believed.
    status = await cache.status(container_id)
    assert status is not None
    assert status.state == "exited"
    await asyncio.to_thread(client.start, container_id)
    await becomes(cache, container_id, "running")
    await asyncio.to_thread(client.remove_container, container_id, force=True)
    await cache.close()
    client.close()
    door.close()
