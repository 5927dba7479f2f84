"""The Docker engine: the contract of base.py, put together from its rooms (docker_*.py)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import docker
import docker.errors

from runtiles.contract.errors import Conflict
from runtiles.contract.protocol import LABEL_HUB, LABEL_SERVER, LABEL_USER
from runtiles.images import ImageRef
from runtiles.values.loglines import LogLine

from .base import (
    Container,
    ContainerFile,
    ContainerStatus,
    ContainerUsage,
    DiskSpace,
    Engine,
    HostImage,
    Image,
    Owner,
    PullPolicy,
    RegistryAuth,
    Report,
    Storage,
    ignore,
)
from .container_files import archive, resolve_owner, unpack_one
from .docker_build import BuildOptions
from .docker_client import DockerDoor
from .docker_events import StatusCache
from .docker_image_admin import DockerImageAdmin
from .docker_images import DockerImages
from .docker_layer import DockerLayers
from .docker_logs import follow_log, read_log
from .docker_pull import Puller, docker_config_credentials, no_credentials
from .docker_storage import DockerStorage
from .docker_usage import UsageMeter
from .open_images import OpenImages


class DockerEngine(Engine):
    """Any engine that speaks Docker's REST API 1.41 or later."""

    def __init__(
        self,
        hub: str,
        *,
        client_kwargs: Mapping[str, Any] | None = None,
        build: BuildOptions | None = None,
        state_dir: Path | None = None,
        trusted_images: Sequence[str] = (),
        site_credentials: bool = True,
        pull_slots: int = 4,
        pull_stall: float = 180.0,
        control_threads: int = 16,
    ) -> None:
        """Nothing is asked of the engine yet: it may be down.

        `hub`: the value of LABEL_HUB on this hub's containers. `client_kwargs`: for docker.APIClient;
        None reads DOCKER_HOST and friends. `state_dir`: where the record of open images is kept.
        `trusted_images`: patterns of images that the host gives to any user without asking their
        registry (needed where no registry can be reached and the images were loaded by hand).
        `site_credentials`: pull with ~/.docker/config.json for users who give none. `pull_stall`:
        seconds without progress after which a pull has failed.
        """
        self.door = DockerDoor(client_kwargs, control_threads=control_threads)
        site = docker_config_credentials if site_credentials else no_credentials
        self._images = DockerImages(
            self.door,
            Puller(self.door, site=site, slots=pull_slots, stall=pull_stall),
            site=site,
            opened=OpenImages(state_dir / "open-images.json" if state_dir else None),
            trusted=trusted_images,
        )
        self._layers = DockerLayers(self.door, self._images, build or BuildOptions())
        self._admin = DockerImageAdmin(self.door)
        self._statuses = StatusCache(self.door, hub)
        self._meter = UsageMeter(self.door)
        self._storage = DockerStorage(self.door, hub)
        self._owners: dict[tuple[str, str], Owner] = {}

    async def ensure_image(
        self,
        ref: ImageRef,
        *,
        policy: PullPolicy = "missing",
        auth: RegistryAuth | None = None,
        report: Report = ignore,
    ) -> Image:
        return await self._images.ensure(ref, policy, auth, report)

    async def prepare(self, image: Image, *, report: Report = ignore) -> Image:
        return await self._layers.prepare(image, report)

    async def find(
        self, hub: str, user: str | None = None, server: str | None = None
    ) -> list[Container]:
        wanted = {LABEL_HUB: hub, LABEL_USER: user, LABEL_SERVER: server}
        labels = [f"{name}={value}" for name, value in wanted.items() if value is not None]
        rows = await self.door.call(
            lambda client: client.containers(all=True, filters={"label": labels})
        )
        found = await asyncio.gather(*(self._container(row) for row in rows))
        return [container for container in found if container is not None]

    async def status(self, container_id: str) -> ContainerStatus | None:
        return await self._statuses.status(container_id)

    async def wait(self, container_id: str) -> ContainerStatus | None:
        return await self._statuses.wait(container_id)

    async def usage(self, container_id: str) -> ContainerUsage | None:
        return await self._meter.usage(container_id, await self._statuses.status(container_id))

    async def lines(
        self, container_id: str, *, tail: int | None = None, since: float | None = None
    ) -> list[LogLine]:
        return await read_log(self.door, container_id, tail, since)

    def follow_lines(
        self, container_id: str, *, since: float | None = None
    ) -> AsyncGenerator[LogLine, None]:
        return follow_log(self.door, container_id, since)

    async def put_files(self, container_id: str, files: Sequence[ContainerFile]) -> None:
        data = archive(files)
        await self.door.call(lambda client: client.put_archive(container_id, "/", data))

    async def owner_of(self, container_id: str) -> Owner:
        found = await self.door.call(lambda client: client.inspect_container(container_id))
        user, image = str(found["Config"].get("User") or ""), str(found["Image"])
        if (image, user) not in self._owners:
            passwd = await self._text(container_id, "/etc/passwd")
            group = await self._text(container_id, "/etc/group") if ":" in user else ""
            self._owners[image, user] = resolve_owner(user, passwd, group)
        return self._owners[image, user]

    async def freeze(self, container_id: str) -> None:
        await self.door.call(lambda client: _turn(client, container_id, "paused"))
        self._statuses.forget(container_id)

    async def thaw(self, container_id: str) -> None:
        await self.door.call(lambda client: _turn(client, container_id, "running"))
        self._statuses.forget(container_id)

    async def stop(self, container_id: str, grace: float = 10.0) -> None:
        await self.door.call_slow(lambda client: _stop(client, container_id, grace))
        self._statuses.forget(container_id)

    async def remove(self, container_id: str) -> None:
        await self.door.call_slow(lambda client: _remove(client, container_id))
        self._statuses.forget(container_id)

    def storage_read(self, storage: Storage, path: str) -> AsyncGenerator[bytes, None]:
        return self._storage.read(storage, path)

    async def storage_write(
        self, storage: Storage, path: str, chunks: AsyncIterator[bytes]
    ) -> None:
        await self._storage.write(storage, path, chunks)

    async def storage_remove(self, storage: Storage, path: str) -> None:
        await self._storage.remove(storage, path)

    async def storage_sign(self, storage: Storage, path: str, key: bytes) -> None:
        await self._storage.sign(storage, path, key)

    async def storage_sweep(self) -> None:
        await self._storage.sweep()

    async def images(self) -> list[HostImage]:
        return await self._admin.images()

    async def remove_image(self, image_id: str) -> None:
        await self._admin.remove(image_id)

    async def disk(self) -> DiskSpace:
        return await self._admin.disk()

    async def version(self) -> str:
        answer = await self.door.call(lambda client: client.version())
        return f"Docker {answer.get('Version', '?')} (API {answer.get('ApiVersion', '?')})"

    async def close(self) -> None:
        await self._storage.close()
        await self._layers.close()
        await self._images.close()
        await self._statuses.close()
        self.door.close()

    async def _container(self, row: Mapping[str, Any]) -> Container | None:
        status = await self._statuses.status(row["Id"])
        if status is None:
            return None  # removed since it was listed
        name = next(iter(row.get("Names") or [""])).lstrip("/")
        return Container(row["Id"], name, dict(row.get("Labels") or {}), status)

    async def _text(self, container_id: str, path: str) -> str:
        """A small file of a container; '' when it has none."""

        def read(client: docker.APIClient) -> str:
            try:
                chunks, _ = client.get_archive(container_id, path)
            except docker.errors.NotFound:
                return ""
            return unpack_one(b"".join(chunks))

        return await self.door.call(read)


def _turn(
    client: docker.APIClient, container_id: str, wanted: Literal["paused", "running"]
) -> None:
    state = client.inspect_container(container_id)["State"]["Status"]
    if state not in ("paused", "running"):
        raise Conflict("The container is not running.")
    if state != wanted:
        (client.pause if wanted == "paused" else client.unpause)(container_id)


def _stop(client: docker.APIClient, container_id: str, grace: float) -> None:
    with contextlib.suppress(docker.errors.NotFound):
        if client.inspect_container(container_id)["State"]["Status"] == "paused":
            client.unpause(container_id)  # a frozen process could not hear the signal
        client.stop(container_id, timeout=max(0, round(grace)))


def _remove(client: docker.APIClient, container_id: str) -> None:
    with contextlib.suppress(docker.errors.NotFound):
        try:
            client.remove_container(container_id, force=True, v=True)
        except docker.errors.APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            client.wait(container_id, condition="removed")  # somebody else is removing it
