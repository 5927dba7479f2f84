"""Images on the host: found, pulled, and authorized for the one who asks."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import docker
import docker.errors

from runtiles.contract.errors import ImageNotFound
from runtiles.contract.events import LaunchEvent
from runtiles.images import ImageRef

from .base import Image, PullPolicy, RegistryAuth, Report
from .docker_client import DockerDoor
from .docker_pull import Puller, SiteCredentials, auth_header, repository
from .layer import LAYER_REPOSITORY
from .open_images import OpenImages
from .registry_errors import registry_error
from .shared import SharedJobs

_REGISTRY_TIMEOUT = (10.0, 30.0)


class DockerImages:
    """`ensure` is Engine.ensure_image; see there for the guarantees.

    A cached image is given at once when it never came from a registry, when it is on record as open,
    or when the site trusts its name; otherwise the registry is asked, with the person's credentials.
    """

    def __init__(
        self,
        door: DockerDoor,
        puller: Puller,
        *,
        site: SiteCredentials,
        opened: OpenImages,
        trusted: Sequence[str] = (),
    ) -> None:
        """`trusted`: patterns of references that the host may give to anyone without asking."""
        self._door = door
        self._puller = puller
        self._site = site
        self._opened = opened
        self._trusted = tuple(trusted)
        self._pulls: SharedJobs[tuple[str, RegistryAuth | None], None] = SharedJobs()

    async def ensure(
        self, ref: ImageRef, policy: PullPolicy, auth: RegistryAuth | None, report: Report
    ) -> Image:
        if repository(ref) == LAYER_REPOSITORY:
            # A layer may hold a private image: who may use that one comes here by its own name.
            raise ImageNotFound(f"{ref.familiar} is internal: use the image it was made from.")
        if policy != "always" and (found := await self.inspect(str(ref))):
            image = as_image(found, ref)
            await self._authorize(ref, image, auth, report)
            return image
        if policy == "never":
            raise ImageNotFound(
                f"This host has no image {ref.familiar}, and pulling is switched off.",
                hint="Ask an administrator to put the image on the host.",
            )
        return await self._pull(ref, auth, report)

    async def inspect(self, name: str) -> Mapping[str, Any] | None:
        """The engine's description of a local image, None when there is none."""

        def look(client: docker.APIClient) -> Mapping[str, Any] | None:
            try:
                return dict(client.inspect_image(name))
            except docker.errors.NotFound:
                return None

        return await self._door.call(look)

    async def close(self) -> None:
        await self._pulls.close()

    async def _pull(self, ref: ImageRef, auth: RegistryAuth | None, report: Report) -> Image:
        async def work(tell: Report) -> None:
            await self._puller.pull(ref, auth, tell)

        await self._pulls.run((str(ref), auth), work, report)
        found = await self.inspect(str(ref))
        if found is None:
            raise ImageNotFound(f"The engine pulled {ref.familiar} and lost it: try again.")
        image = as_image(found, ref)
        if auth is None and image.digest:
            await asyncio.to_thread(self._opened.add, repository(ref), image.id)
        return image

    async def _authorize(
        self,
        ref: ImageRef,
        image: Image,
        auth: RegistryAuth | None,
        report: Report,
    ) -> None:
        if not image.digest or ref.matches(self._trusted):
            return
        if auth is None and (repository(ref), image.id) in self._opened:
            return
        report(LaunchEvent("pulling", "phase", "Asking the registry for access"))
        await self._ask(ref, image.digest, auth)
        if auth is None:
            await asyncio.to_thread(self._opened.add, repository(ref), image.id)

    async def _ask(self, ref: ImageRef, digest: str, auth: RegistryAuth | None) -> None:
        """Asks for this very image first, then for the name: registries forget old manifests."""
        status, text = await self._distribution(ref, digest, auth)
        if status == HTTPStatus.NOT_FOUND:
            status, text = await self._distribution(ref, str(ref), auth)
        if status != HTTPStatus.OK:
            raise registry_error(
                ref.familiar,
                text,
                credentials=auth is not None,
                secret=auth.password if auth else "",
                doing="Asking the registry for access to",
            )

    async def _distribution(
        self, ref: ImageRef, name: str, auth: RegistryAuth | None
    ) -> tuple[int, str]:
        def ask(_: docker.APIClient) -> tuple[int, str]:
            answer = self._door.request(
                "GET",
                f"/distribution/{name}/json",
                headers=auth_header(auth, ref.registry, self._site),
                timeout=_REGISTRY_TIMEOUT,
            )
            with answer:
                return answer.status_code, answer.text

        return await self._door.call_slow(ask)


def as_image(found: Mapping[str, Any], ref: ImageRef) -> Image:
    """The engine's description as a value. `digest` is the one in the asked repository."""
    config = found.get("Config") or {}
    return Image(
        id=str(found["Id"]),
        reference=ref.familiar,
        labels=dict(config.get("Labels") or {}),
        env=dict(item.split("=", 1) for item in config.get("Env") or [] if "=" in item),
        user=str(config.get("User") or ""),
        digest=_digest(found.get("RepoDigests") or [], repository(ref)),
    )


def _digest(known: Sequence[str], wanted: str) -> str:
    """Of an image's digests, each in the spelling of its engine, the one in this repository."""
    for text in known:
        ref = ImageRef.parse(text)
        if repository(ref) == wanted:
            return str(ref)
    return ""
