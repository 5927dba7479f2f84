"""The Docker engine keeps the contract, on a real engine."""

import asyncio
import io
import tarfile
from collections.abc import Iterator, Mapping

import docker
import pytest

from runtiles.engines.base import Owner
from runtiles.engines.docker import DockerEngine
from runtiles.images import ImageRef
from tests.fixtures.engine import remove_containers

from .contract import EngineContract, World

pytestmark = pytest.mark.engine


class DockerWorld(World):
    def __init__(self, client: docker.APIClient, engine: DockerEngine, hub: str, image: str):
        self.client = client
        self.engine = engine
        self.hub = hub
        self.ref = ImageRef.parse(image)

    async def create(
        self, labels: Mapping[str, str], *, lines: int = 0, code: int | None = None, user: str = ""
    ) -> str:
        end = "exec sleep 600" if code is None else f"exit {code}"
        script = f"i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo line $i; done; {end}"
        return await asyncio.to_thread(self._create, dict(labels), script, user)

    def _create(self, labels: dict[str, str], script: str, user: str) -> str:
        container = self.client.create_container(
            str(self.ref),
            ["sh", "-c", script],
            labels=labels,
            user=user,
            host_config=self.client.create_host_config(init=True),
        )
        return str(container["Id"])

    async def start(self, container_id: str) -> None:
        await asyncio.to_thread(self.client.start, container_id)

    async def read(self, container_id: str, path: str) -> tuple[bytes, int, Owner]:
        chunks, _ = await asyncio.to_thread(self.client.get_archive, container_id, path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            member = tar.next()
            assert member is not None
            content = tar.extractfile(member)
            assert content is not None
            return content.read(), member.mode & 0o7777, Owner(member.uid, member.gid)


@pytest.fixture
def world(
    docker_client: docker.APIClient, docker_engine: DockerEngine, hub_name: str, debian: str
) -> DockerWorld:
    return DockerWorld(docker_client, docker_engine, hub_name, debian)


@pytest.fixture(autouse=True)
def foreign_containers_are_removed(docker_client: docker.APIClient) -> Iterator[None]:
    yield
    remove_containers(docker_client, "another hub")


class TestDockerEngine(EngineContract):
    pass
