"""Makes a layer: a container of the image runs the build program, and its changes become an image.

Not `docker build`: its copy between stages took a minute where this takes none, it keeps intermediate
images with the build's files, runs an image's ONBUILD instructions, and its old form is on its way
out. Here nothing is left but the layer, whatever happens.
"""

import asyncio
import secrets
import tarfile
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any, BinaryIO

import docker
import docker.errors
import docker.types
from virtualenv.seed.wheels.embed import get_embed_wheel

from runtiles.contract.errors import EngineUnavailable, PhaseTimeout
from runtiles.contract.events import LaunchEvent

from .base import Report
from .docker_client import DockerDoor
from .docker_stream import EngineStream, RefusedError
from .layer import BUILD_DIR, Entry, PackageSource, Recipe
from .layer_output import LayerOutput, build_error
from .layer_probe import Python
from .log_text import StampedLines

#: At most about three packages a second are told of.
_INTERVAL = 0.3
#: Saving a layer writes some 300 MB, twice.
_COMMIT_TIMEOUT = (10.0, 900.0)
#: Enough to write files for anybody; what the image's own code could misuse is left out.
_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
_NAME = "runtiles-layer-"
#: Between the end of a build and its saving lie minutes at most.
_STALE_S = 3600.0


@dataclass(frozen=True)
class BuildOptions:
    """How layers are made on this host.

    `network` is the engine's network for builds. The image's own code runs in it: `host` only where
    the default one cannot reach the package index, for it also reaches what listens on the host's
    loopback. `silence`: seconds without output after which a build counts as stuck.
    """

    source: PackageSource = field(default_factory=PackageSource)
    network: str = ""
    slots: int = 2
    silence: float = 600.0


class DockerBuilds:
    """Runs builds, `slots` at a time; the others wait and say so."""

    def __init__(self, door: DockerDoor, options: BuildOptions) -> None:
        self._door = door
        self._options = options
        self._slots = asyncio.Semaphore(options.slots)

    async def build(self, recipe: Recipe, python: Python, report: Report) -> None:
        """Returns when the recipe's tag is on the host."""
        name = recipe.image.reference
        if self._slots.locked():
            report(LaunchEvent("preparing", "progress", "Waiting for other builds"))
        async with self._slots:
            try:
                await self._build(recipe, python, report)
            except RefusedError as error:
                raise build_error(name, "", error.text) from error
            except TimeoutError as error:
                raise PhaseTimeout(
                    f"Adding the launcher to {name} got stuck: "
                    f"no output for {self._options.silence:.0f} s.",
                    hint="The package index or the host may be overloaded: try again.",
                ) from error
            except EngineUnavailable as error:
                raise EngineUnavailable(
                    f"The container engine went away while adding the launcher to {name}.",
                    hint="Try again when it is back.",
                ) from error

    async def _build(self, recipe: Recipe, python: Python, report: Report) -> None:
        container = f"{_NAME}{secrets.token_hex(8)}"
        creating = asyncio.ensure_future(
            self._door.call(lambda client: self._create(client, container, recipe, python))
        )
        try:
            config = await asyncio.shield(creating)
            await self._door.call_slow(lambda client: self._fill(client, container, recipe, python))
            await self._door.call(lambda client: client.start(container))
            await self._watch(container, recipe.image.reference, report)
            report(LaunchEvent("preparing", "progress", "Saving it"))
            await self._door.call_slow(lambda _: self._commit(container, recipe, config))
        finally:
            # A cancellation does not stop the thread that creates: what it makes goes as well.
            await asyncio.wait({creating})
            await self._door.call_slow(lambda client: _remove(client, container))

    def _create(
        self, client: docker.APIClient, name: str, recipe: Recipe, python: Python
    ) -> Mapping[str, Any]:
        """Gives back the image's own configuration, for the layer to have it unchanged."""
        for left in stale(client.containers(all=True, filters={"name": _NAME}), time.time()):
            _remove(client, left)
        config: Mapping[str, Any] = client.inspect_image(recipe.image.id)["Config"]
        client.create_container(
            recipe.image.id,
            entrypoint=recipe.command(python),
            name=name,
            # An empty user stays empty: the configuration of a layer is merged from both.
            user="0:0" if config.get("User") else "",
            host_config=client.create_host_config(
                network_mode=self._options.network or "default",
                cap_drop=["ALL"],
                cap_add=_CAPABILITIES,
                security_opt=["no-new-privileges"],
                # Its output is read from the log, whatever driver the host prefers.
                log_config=docker.types.LogConfig(type="json-file"),
            ),
        )
        return config

    def _fill(
        self, client: docker.APIClient, container: str, recipe: Recipe, python: Python
    ) -> None:
        wheel = get_embed_wheel("pip", python.minor)
        path = wheel.path if wheel and wheel.support_py(python.minor) else None
        with tempfile.TemporaryFile() as archive:
            write_archive(archive, BUILD_DIR, recipe.files(self._options.source, path))
            client.put_archive(container, "/", archive)

    async def _watch(self, container: str, name: str, report: Report) -> None:
        output, lines, told = LayerOutput(), StampedLines(), 0.0
        parameters = {"follow": "1", "stdout": "1", "stderr": "1"}
        stream = EngineStream(self._door, "GET", f"/containers/{container}/logs", params=parameters)
        async with stream:
            while (data := await stream.read(self._options.silence)) != b"":
                if data is None:
                    raise TimeoutError
                for line in lines.feed(data):
                    event = output.take(line.text)
                    if event and (event.kind == "log" or event.time - told > _INTERVAL):
                        told = event.time
                        report(event)
        ended = await self._door.call(lambda client: client.wait(container))
        if ended["StatusCode"] != 0:
            raise build_error(name, output.tail)

    def _commit(self, container: str, recipe: Recipe, config: Mapping[str, Any]) -> None:
        repository, _, tag = recipe.tag.rpartition(":")
        layer = {
            **config,
            "Labels": {**(config.get("Labels") or {}), **recipe.labels},
            # Not null: that would be filled with the build's own command.
            "Entrypoint": config.get("Entrypoint") or [],
        }
        answer = self._door.request(
            "POST",
            "/commit",
            params={"container": container, "repo": repository, "tag": tag},
            json=layer,
            timeout=_COMMIT_TIMEOUT,
        )
        with answer:
            if answer.status_code != HTTPStatus.CREATED:
                raise RefusedError(answer.status_code, answer.text)


def stale(rows: Iterable[Mapping[str, Any]], now: float) -> list[str]:
    """The ids of build containers that nobody waits for: a Hub that died left them."""
    return [
        str(row["Id"])
        for row in rows
        if row["State"] != "running" and now - row["Created"] > _STALE_S
    ]


def write_archive(archive: BinaryIO, folder: str, entries: Iterable[Entry]) -> None:
    """A tar of the entries in a folder, root's and readable; leaves the file at its beginning."""
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in entries:
            member = tarfile.TarInfo(f"{folder.lstrip('/')}/{name}")
            member.mode = 0o644
            if isinstance(content, bytes):
                member.size = len(content)
                tar.addfile(member, BytesIO(content))
            else:
                member.size = content.stat().st_size
                with content.open("rb") as file:
                    tar.addfile(member, file)
    archive.seek(0)


def _remove(client: docker.APIClient, container: str) -> None:
    try:
        client.remove_container(container, force=True, v=True)
    except docker.errors.NotFound:
        return  # it never came to be
