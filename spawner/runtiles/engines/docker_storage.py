"""Files of a user's volume, through a helper: a container with this volume and nothing else in it.

Reading and writing go through the archive interface of a helper that never runs; it resolves every path
inside that container. Removing and signing need steps that follow no link, so they are a short run of
`storage_program` on the image's own Python: no network, no devices, as few capabilities as removing takes.
A helper does not have the labels of a runtime: the reaper, `find` and the GPU ledger never see it. While
its archive is read or written, the engine answers no question about it but in the list of all.
"""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import docker
import docker.errors

from runtiles.contract.errors import Conflict, NotFound, RuntilesError
from runtiles.contract.protocol import (
    LABEL_HELPER,
    LABEL_PROTOCOL,
    LABEL_PYTHON,
    LAYER_PYTHON,
    STORAGE_DIR,
)

from .base import ContainerFile, Storage
from .container_files import archive
from .docker_client import DockerDoor, api_error
from .docker_stream import EngineStream, RefusedError
from .pulled import Pulled
from .shared import to_its_end
from .storage_paths import checked
from .storage_program import NOT_THERE

_PROGRAM = Path(__file__).with_name("storage_program.py")
_KEY = "/run/runtiles-key"
#: A helper that is older was left by a process that was killed.
_FORGOTTEN_S = 6 * 3600.0
#: The program is that of a user's image, and may never end.
_LONGEST_S = 600
_FOLDER, _LINK = 1 << 31, 1 << 27


class DockerStorage:
    """See `Engine.storage_read` and its neighbours for the guarantees."""

    def __init__(self, door: DockerDoor, hub: str) -> None:
        self._door = door
        self._label = {LABEL_HELPER: hub}
        self._removals: set[asyncio.Future[None]] = set()

    async def read(self, storage: Storage, path: str) -> AsyncGenerator[bytes, None]:
        parts = checked(path)
        async with self._helper(storage) as helper:
            if len(await self._there(helper, parts)) < len(parts):
                raise _missing()
            stream = EngineStream(
                self._door,
                "GET",
                f"/containers/{helper}/archive",
                params={"path": f"{STORAGE_DIR}/{path}"},
                # Else the engine packs it with gzip, on one core.
                headers={"Accept-Encoding": "identity"},
            )
            try:
                async with stream:
                    while data := await stream.read():
                        yield data
            except RefusedError as error:
                raise api_error(error.status, error.text) from None

    async def write(self, storage: Storage, path: str, chunks: AsyncIterator[bytes]) -> None:
        parts = checked(path)
        async with self._helper(storage) as helper:
            there = await self._there(helper, parts)
            if len(there) == len(parts):
                raise Conflict("Something of this name is on the storage already.")
            data = archive(list(_folders(parts, len(there))))
            await self._door.call(lambda client: client.put_archive(helper, STORAGE_DIR, data))
            try:
                await self._upload(helper, f"{STORAGE_DIR}/{path}", chunks)
            except BaseException:
                await asyncio.shield(self._keep(self.remove(storage, path)))
                raise

    async def remove(self, storage: Storage, path: str) -> None:
        checked(path)
        with suppress(_NothingThere):
            await self._run(storage, ["remove", STORAGE_DIR, path])

    async def sign(self, storage: Storage, path: str, key: bytes) -> None:
        checked(path)
        files = [ContainerFile(_KEY, key)]
        await self._run(storage, ["sign", STORAGE_DIR, path, _KEY], files)

    async def sweep(self) -> None:
        filters = {"label": [f"{name}={value}" for name, value in self._label.items()]}
        rows = await self._door.call(lambda client: client.containers(all=True, filters=filters))
        for row in rows:
            if time.time() - float(row.get("Created") or 0) > _FORGOTTEN_S:
                await self._remove(str(row["Id"]))

    async def close(self) -> None:
        if self._removals:
            await asyncio.wait(self._removals)

    # -- the helper --------------------------------------------------------------------------------

    async def _run(
        self, storage: Storage, arguments: Sequence[str], files: Sequence[ContainerFile] = ()
    ) -> None:
        """The program, to its end. Raises NotFound, Conflict."""
        program = await asyncio.to_thread(_PROGRAM.read_text)
        async with self._helper(storage, ["-I", "-c", program, *arguments]) as helper:
            if files:
                data = archive(files)
                await self._door.call(lambda client: client.put_archive(helper, "/", data))
            code = await self._door.call_slow(lambda client: _run(client, helper))
        if code == NOT_THERE:
            raise _NothingThere("There is no such snapshot on the storage.")
        if code:
            raise Conflict(
                "The files on the storage are not what they should be.",
                hint="Look at the folder .runtiles there: a link or something foreign is in the way.",
            )

    @asynccontextmanager
    async def _helper(self, storage: Storage, command: Sequence[str] = ()) -> AsyncIterator[str]:
        """Its name. Whatever happens, it is taken away."""
        name = f"runtiles-helper-{secrets.token_hex(8)}"
        runs = bool(command)
        image, python = await self._door.call(lambda client: _image(client, storage.image, runs))
        try:
            await to_its_end(
                self._door.call(
                    lambda client: _create(
                        client, name, image, storage.source, [python, *command], self._label
                    )
                )
            )
            yield name
        finally:
            await asyncio.shield(self._keep(self._remove(name)))

    async def _remove(self, name: str) -> None:
        def work(client: docker.APIClient) -> None:
            with suppress(docker.errors.NotFound):
                client.remove_container(name, force=True, v=True)

        # One that stays is found by `sweep`.
        with suppress(RuntilesError):
            await self._door.call_slow(work)

    def _keep(self, work: Any) -> "asyncio.Future[None]":
        """The event loop itself keeps only weak references."""
        task: asyncio.Future[None] = asyncio.ensure_future(work)
        self._removals.add(task)
        task.add_done_callback(self._removals.discard)
        return task

    # -- paths and bytes ---------------------------------------------------------------------------

    async def _there(self, helper: str, parts: Sequence[str]) -> list[str]:
        """As many of the parts as are there, each a folder but for the last. Raises NotFound at a link."""
        found: list[str] = []
        for part in parts:
            place = "/".join([STORAGE_DIR, *found, part])
            mode = await self._door.call(partial(self._mode, helper, place))
            if mode is None:
                break
            if mode & _LINK or (not mode & _FOLDER and len(found) + 1 < len(parts)):
                raise _missing()
            found.append(part)
        return found

    def _mode(self, helper: str, place: str, _: docker.APIClient) -> int | None:
        """As Go's os.FileMode; None where nothing is."""
        answer = self._door.request(
            "HEAD", f"/containers/{helper}/archive", params={"path": place}, timeout=60
        )
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if answer.status_code != HTTPStatus.OK:
            raise api_error(answer.status_code, f"Looking at the storage failed: {answer.reason}")
        stat = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
        return int(stat["mode"])

    async def _upload(self, helper: str, path: str, chunks: AsyncIterator[bytes]) -> None:
        body = Pulled(chunks)

        def put(_: docker.APIClient) -> None:
            answer = self._door.request(
                "PUT",
                f"/containers/{helper}/archive",
                params={"path": path},
                data=iter(body),
                headers={"Connection": "close"},
                timeout=(10.0, None),
            )
            with answer:
                if answer.status_code >= HTTPStatus.BAD_REQUEST:
                    raise api_error(answer.status_code, answer.text)

        sending = asyncio.ensure_future(self._door.call_slow(put))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            body.abort()
            await asyncio.wait({sending})
            raise
        except RuntilesError:
            if body.error is not None:
                raise body.error from None
            raise


class _NothingThere(NotFound):
    pass


def _missing() -> NotFound:
    return NotFound("There is no such snapshot on the storage.")


def _folders(parts: Sequence[str], there: int) -> Iterator[ContainerFile]:
    """Those that are missing. Who made the outer ones does not matter: several uids may add to them."""
    for count in range(there + 1, len(parts) + 1):
        mode = 0o755 if count == len(parts) else 0o1777
        yield ContainerFile("/".join(parts[:count]), mode=mode, directory=True)


def _image(client: docker.APIClient, wanted: str, runs: bool) -> tuple[str, str]:
    """Id of the image and its Python: the wanted one, or any with a launcher in it where nothing of it
    `runs`. Another user's image must not run on this storage."""
    with suppress(docker.errors.NotFound):
        found = client.inspect_image(wanted)
        labels = (found.get("Config") or {}).get("Labels") or {}
        if LABEL_PROTOCOL in labels:
            return str(found["Id"]), labels.get(LABEL_PYTHON, LAYER_PYTHON)
    if runs:
        raise Conflict(
            "The image that this storage was used with is not on the host any more.",
            hint="Start a runtime once, and try again.",
        )
    for row in client.images(filters={"label": LABEL_PROTOCOL}):
        return str(row["Id"]), (row.get("Labels") or {}).get(LABEL_PYTHON, LAYER_PYTHON)
    raise NotFound(
        "This host has no image to reach the storage with.", hint="Start a runtime here first."
    )


def _create(
    client: docker.APIClient,
    name: str,
    image: str,
    source: str,
    command: Sequence[str],
    labels: dict[str, str],
) -> None:
    """Raises docker's NotFound without the storage: a mount would make a new one."""
    path = source.startswith("/")
    if not path:
        client.inspect_volume(source)
    mount: dict[str, Any] = {"Type": "bind" if path else "volume", "Source": source}
    if not path:
        # Else an empty volume is given whatever the image has in that place.
        mount["VolumeOptions"] = {"NoCopy": True}
    client.create_container_from_config(
        {
            "Image": image,
            "Entrypoint": list(command),
            "Cmd": [],
            "User": "0:0",
            "WorkingDir": "/",
            "Labels": labels,
            # The driver's runtime, where it is the default one, gives GPUs to whoever does not say no.
            "Env": ["NVIDIA_VISIBLE_DEVICES=void"],
            "Healthcheck": {"Test": ["NONE"]},
            "NetworkDisabled": True,
            "HostConfig": {
                "Mounts": [{**mount, "Target": STORAGE_DIR}],
                "NetworkMode": "none",
                "CapDrop": ["ALL"],
                "CapAdd": ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
                "SecurityOpt": ["no-new-privileges"],
                "Memory": 512 * 2**20,
                "PidsLimit": 16,
                "LogConfig": {"Type": "none"},
            },
        },
        name,
    )


def _run(client: docker.APIClient, name: str) -> int:
    client.start(name)
    return int(client.wait(name, timeout=_LONGEST_S)["StatusCode"])
