"""A streamed pull through the engine: bytes, percent, a deadline that movement extends, cancellable."""

import asyncio
import base64
import json
from collections.abc import Callable
from time import monotonic
from typing import Any

import docker.auth
import docker.errors

from runtiles.contract.errors import EngineUnavailable, PhaseTimeout
from runtiles.contract.events import LaunchEvent
from runtiles.images import ImageRef

from .base import RegistryAuth, Report
from .docker_client import DockerDoor
from .docker_stream import EngineStream, JsonLines, RefusedError
from .pull_progress import PullProgress
from .registry_errors import registry_error

#: Between two progress events: about three a second.
_INTERVAL = 0.3

#: Credentials that the site itself has for a registry host, as a header value; '' = none.
SiteCredentials = Callable[[str], str]


def docker_config_credentials(registry: str) -> str:
    """From ~/.docker/config.json of the Hub's user, credential helpers included. Blocks."""
    try:
        found = docker.auth.load_config().resolve_authconfig(registry)
    except docker.errors.DockerException:
        return ""
    return _encode(dict(found)) if found else ""


def no_credentials(_registry: str) -> str:
    """For sites where only the user's own credentials count."""
    return ""


def auth_header(auth: RegistryAuth | None, registry: str, site: SiteCredentials) -> dict[str, str]:
    """The header with the person's credentials, or else the site's, or none at all."""
    if auth is not None:
        value = _encode({"username": auth.username, "password": auth.password})
    else:
        value = site(registry)
    return {"X-Registry-Auth": value} if value else {}


def _encode(credentials: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(credentials).encode()).decode()


class Puller:
    """Runs pulls, `slots` at a time; the others wait and say so."""

    def __init__(
        self, door: DockerDoor, *, site: SiteCredentials, slots: int = 4, stall: float = 180.0
    ) -> None:
        self._door = door
        self._site = site
        self._slots = asyncio.Semaphore(slots)
        self._stall = stall

    async def pull(self, ref: ImageRef, auth: RegistryAuth | None, report: Report) -> None:
        """Returns when the image is on the host. Errors: see Engine.ensure_image."""
        report(LaunchEvent("pulling", "phase", f"Pulling {ref.familiar}"))
        if self._slots.locked():
            report(LaunchEvent("pulling", "progress", "Waiting for other downloads", percent=0.0))
        async with self._slots:
            try:
                await self._pull(ref, auth, report)
            except RefusedError as error:
                raise self._failed(ref, auth, error.text) from error
            except TimeoutError as error:
                raise PhaseTimeout(
                    f"Pulling {ref.familiar} got stuck: nothing arrived for {self._stall:.0f} s.",
                    hint="The registry or the network may be overloaded: try again.",
                ) from error
            except EngineUnavailable as error:
                raise EngineUnavailable(
                    f"The container engine went away while pulling {ref.familiar}.",
                    hint="Try again when it is back: layers that are complete are kept.",
                ) from error

    async def _pull(self, ref: ImageRef, auth: RegistryAuth | None, report: Report) -> None:
        stream = EngineStream(
            self._door,
            "POST",
            "/images/create",
            params={"fromImage": repository(ref), "tag": ref.digest or ref.tag},
            headers=await self._header(ref, auth),
            silence=self._stall,
        )
        async with stream:
            await self._watch(stream, ref, auth, report)

    async def _header(self, ref: ImageRef, auth: RegistryAuth | None) -> dict[str, str]:
        return await self._door.call_slow(lambda _: auth_header(auth, ref.registry, self._site))

    async def _watch(
        self, stream: EngineStream, ref: ImageRef, auth: RegistryAuth | None, report: Report
    ) -> None:
        progress, lines = PullProgress(), JsonLines()
        moved = told = monotonic()
        news = False
        while (data := await stream.read(_INTERVAL)) != b"":
            for message in lines.feed(data or b""):
                if "error" in message:
                    raise self._failed(ref, auth, str(message["error"]))
                if progress.feed(message):
                    moved, news = monotonic(), True
            now = monotonic()
            if now - moved > self._stall:
                raise TimeoutError
            if news and now - told >= _INTERVAL:
                told, news = now, False
                report(progress.event())
        report(progress.finished())

    def _failed(self, ref: ImageRef, auth: RegistryAuth | None, text: str) -> Exception:
        if "context canceled" in text:  # its own doing: we would not be here to hear it
            return EngineUnavailable("The container engine is stopping.")
        secret = auth.password if auth else ""
        return registry_error(ref.familiar, text, credentials=auth is not None, secret=secret)


def repository(ref: ImageRef) -> str:
    """Registry and repository in full, so that the engine never guesses."""
    return f"{ref.registry}/{ref.repository}"
