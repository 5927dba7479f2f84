"""LaunchSteps: what a launch on any engine consists of, told in the words of `engines.base`."""

import asyncio
import ssl
from collections.abc import Iterable
from functools import partial

from jupyterhub.utils import make_ssl_context, url_path_join

from runtiles.contract.errors import ImageNotFound, LaunchFailed
from runtiles.contract.events import without_events
from runtiles.contract.protocol import (
    LABEL_GPUS,
    LABEL_HUB,
    LABEL_LAUNCH,
    LABEL_MACHINE,
    LABEL_SERVER,
    LABEL_TILE,
    LABEL_USER,
)
from runtiles.engines.base import ContainerStatus, Image, RegistryAuth
from runtiles.plan import LaunchPlan

from . import failures
from .boot import Boot
from .burial import holder
from .contained import ContainedSpawner


class LaunchSteps(ContainedSpawner):
    """Each engine's `_launch` puts these steps in order around its own creation of a container."""

    # -- before it starts -------------------------------------------------------------------------

    async def _image(self, planned: LaunchPlan) -> Image:
        """The image with a launcher in it, pulled and layered as needed."""
        auth = await self._registry_auth(planned)
        try:
            image = await self.engine.ensure_image(
                planned.image, policy=planned.pull_policy, auth=auth, report=self.report
            )
        except ImageNotFound as error:
            if not planned.image_hint:
                raise
            raise ImageNotFound(error.message, hint=planned.image_hint) from None
        prepared = await self.engine.prepare(image, report=self.report)
        self._note_images({image.id, prepared.id}, image.reference)
        return prepared

    def _note_images(self, ids: Iterable[str], reference: str) -> None:
        """For who tidies the host: what was used last goes last."""
        for image_id in ids:
            self._submit(partial(self.site.store.image_uses.note, image_id, reference))

    async def _registry_auth(self, planned: LaunchPlan) -> RegistryAuth | None:
        registry = planned.registry
        if not registry.username and not registry.password:
            return None
        resolve = partial(self.site.store.secrets.resolve, teams=self.teams)
        password = await asyncio.to_thread(resolve, self.user.name, registry.password)
        return RegistryAuth(registry.username, password)

    async def _gpus(self, planned: LaunchPlan) -> tuple[str, ...]:
        """The leased GPUs by UUID; waits in the queue, and says at which place."""
        if not planned.gpus:
            return ()
        # Whoever must wait is seen in the queue from the beginning.
        self._publish_soon()
        leased = await self.site.gpus.acquire(
            holder(self.user.name, self.name, self.launch_id),
            planned.gpus,
            models=planned.gpu_models,
            report=self.report,
        )
        self._publish_soon()
        return leased

    def _labels(self, planned: LaunchPlan, gpus: Iterable[str]) -> dict[str, str]:
        return {
            LABEL_HUB: self.hub_id,
            LABEL_USER: self.user.name,
            LABEL_SERVER: self.name,
            LABEL_LAUNCH: self.launch_id,
            LABEL_TILE: planned.tile,
            LABEL_MACHINE: planned.machine,
            LABEL_GPUS: ",".join(gpus),
        }

    # -- from started to answering ----------------------------------------------------------------

    async def _boot(self, address: tuple[str, int], planned: LaunchPlan) -> None:
        boot = Boot(self.report_line, self.silence_timeout, self.boot_timeout)
        server = url_path_join(self._address_url(address), self.server.base_url)
        self._record(address=server)
        await boot.run(
            self.engine.follow(self.object_id),
            partial(self._ended, boot, planned.memory or 0),
            self._silent,
            url_path_join(server, "api"),
            self._ssl_context(),
        )

    def _address_url(self, address: tuple[str, int]) -> str:
        ip, port = address
        return f"{'https' if self.internal_ssl else 'http'}://{ip}:{port}"

    async def _ended(self, boot: Boot, memory: int) -> LaunchFailed:
        """Waits for the container's end; why it ended. `_clean_up` removes the container."""
        status = await self.engine.wait(self.object_id) or ContainerStatus("exited")
        log = without_events(await self.engine.logs(self.object_id, tail=4 * self.log_lines))
        tail = "\n".join(log.splitlines()[-self.log_lines :])
        if boot.failure is not None:
            hint = str(boot.failure.details.get("hint", ""))
            return LaunchFailed(boot.failure.message, hint=hint, log=tail)
        return failures.exited(
            status.exit_code, oom_killed=status.oom_killed, log=tail, memory=memory
        )

    def _silent(self, phase: str) -> LaunchFailed:
        return failures.silent(
            phase, self.silence_timeout, self.launch_log.log_tail(self.log_lines)
        )

    def _ssl_context(self) -> ssl.SSLContext | None:
        if not self.internal_ssl:
            return None
        settings = self.user.settings
        context: ssl.SSLContext = make_ssl_context(
            settings["internal_ssl_key"],
            settings["internal_ssl_cert"],
            cafile=settings["internal_ssl_ca"],
        )
        return context
