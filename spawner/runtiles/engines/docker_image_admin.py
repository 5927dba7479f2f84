"""The images of the host for who administers it: listed, removed, and the disk they are on."""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import docker
import docker.errors

from runtiles.contract.errors import Conflict
from runtiles.images import ImageRef

from .base import DiskSpace, HostImage
from .docker_client import DockerDoor

#: How docker-py calls an engine behind a socket of this host.
_LOCAL = "http+docker://"


class DockerImageAdmin:
    """See `Engine.images`, `remove_image` and `disk` for the guarantees."""

    def __init__(self, door: DockerDoor) -> None:
        self._door = door

    async def images(self) -> list[HostImage]:
        return await self._door.call_slow(_list)

    async def remove(self, image_id: str) -> None:
        await self._door.call_slow(lambda client: _remove(client, image_id))

    async def disk(self) -> DiskSpace:
        return await self._door.call_slow(_disk)


def as_host_image(row: Mapping[str, Any], used: Iterable[str]) -> HostImage:
    """A row of the engine's list. `used`: ids of the images that containers are made from."""
    names = [*(row.get("RepoTags") or []), *(row.get("RepoDigests") or [])]
    return HostImage(
        id=str(row["Id"]),
        references=tuple(_references(names)),
        size=int(row.get("Size") or 0),
        created=float(row.get("Created") or 0),
        labels=dict(row.get("Labels") or {}),
        in_use=row["Id"] in used,
    )


def _references(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        # `<none>:<none>`, and what other tools name in ways that no person could ask for.
        with suppress(ValueError):
            yield str(ImageRef.parse(name))


def _list(client: docker.APIClient) -> list[HostImage]:
    rows = client.images()
    # Containers last: one that was made meanwhile counts as well.
    used = {str(row.get("ImageID")) for row in client.containers(all=True)}
    return [as_host_image(row, used) for row in rows]


def _remove(client: docker.APIClient, image_id: str) -> None:
    """Never by force: that would take an image from under a container that is not running."""
    with suppress(docker.errors.ImageNotFound):
        found = client.inspect_image(image_id)
        _check_free(client, str(found["Id"]))
        for name in (found.get("RepoTags") or [])[1:]:
            client.remove_image(name)
        client.remove_image(found["Id"])


def _check_free(client: docker.APIClient, image_id: str) -> None:
    if any(row.get("ImageID") == image_id for row in client.containers(all=True)):
        raise Conflict("A container is made from this image.", hint="Stop its runtimes first.")
    if any(row.get("ParentId") == image_id for row in client.images(all=True)):
        raise Conflict("Another image is made from this one.", hint="Remove that one first.")


def _disk(client: docker.APIClient) -> DiskSpace:
    folder = str(client.info().get("DockerRootDir") or "")
    if not client.base_url.startswith(_LOCAL) or not folder:
        return DiskSpace()
    try:
        space = shutil.disk_usage(folder)
    except OSError:
        return DiskSpace()  # its folder is on another machine, or behind another root
    return DiskSpace(space.total, space.free)
