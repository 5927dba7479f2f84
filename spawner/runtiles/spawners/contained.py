"""ContainedSpawner: the life of a runtime on any engine, told in the words of `engines.base`."""

import asyncio
import time
from contextlib import suppress
from dataclasses import asdict
from functools import partial

from jupyterhub import orm
from sqlalchemy.orm import Session
from traitlets import Float

from runtiles.contract.errors import RuntilesError
from runtiles.contract.protocol import LABEL_LAUNCH
from runtiles.engines.base import Container, ContainerStatus

from .burial import Active, bury, end_interrupted, holder, reap_for_ever
from .reserved import ReservedSpawner

_CHECK_INTERVAL_S = 0.1


class ContainedSpawner(ReservedSpawner):
    """A runtime in one container of an engine: begun, found again after a crash, and buried."""

    reap_interval = Float(
        300.0, config=True, help="Seconds between two searches for containers that nobody owns."
    )
    boot_timeout = Float(
        3600.0,
        config=True,
        help="Seconds from the start of a container to an answering server, whatever it does meanwhile.",
    )

    def _begin(self) -> None:
        super()._begin()
        self.watch_for_orphans()

    async def _publish_gpus(self) -> None:
        """What is free, for the service: the ledger itself is in this process."""
        with suppress(RuntilesError):
            counted = {slug: asdict(count) for slug, count in (await self._free_gpus()).items()}
            publish = self.site.store.facts.publish
            self._submit(partial(publish, "machines.available", counted))
            self._submit(partial(publish, "gpus", await self.site.gpus.snapshot()))

    async def _started(self) -> None:
        self._watch_for_the_end()
        self._publish_soon()

    # -- life and end -----------------------------------------------------------------------------

    async def poll(self) -> int | str | None:
        """None: alive, or nobody can tell. An engine that does not answer has stopped nobody."""
        await self.settled()
        try:
            self.watch_for_orphans()
            status = await self._status()
            if status is None:
                # Perhaps one that was created and never started, when the Hub died in between.
                await self._bury_leftovers()
                self._release(self.launch_id)
                self._end_interrupted()
                return 0
            if status.state != "exited":
                self._watch_for_the_end()
                return None
            # The Hub does not call stop() for a server that ended by itself.
            await self._bury(self.object_id, self.launch_id, "stopped")
        except RuntilesError as error:
            self.log.warning("Cannot tell whether %s is alive: %s", self._log_name, error)
            return None
        return f"exit code {status.exit_code}, out of memory: {status.oom_killed}"

    async def get_url(self) -> str:
        """The Hub asks for it when it has come back, and then asks the server itself, over HTTP. It would
        stop a frozen one for not answering: that one runs until the Hub is done with it."""
        await self._wake()
        url: str = await super().get_url()
        return url

    async def _wake(self) -> None:
        with suppress(RuntilesError):
            status = await self._status()
            if status is not None and status.state == "paused":
                await self.engine.thaw(self.object_id)
                self._keep(asyncio.ensure_future(self._freeze_again(self.object_id)))

    async def _freeze_again(self, container_id: str) -> None:
        with suppress(RuntilesError):
            launch = await asyncio.to_thread(self.site.store.launches.get, self.launch_id)
            # The Hub tells nobody when it has made sure of a server.
            while self._check_pending and self.object_id == container_id:  # noqa: ASYNC110
                await asyncio.sleep(_CHECK_INTERVAL_S)
            if self.object_id == container_id:
                await self.engine.freeze(container_id)
                # The service may have seen it run meanwhile.
                self._record(frozen_at=launch.frozen_at or time.time())

    def _end_interrupted(self) -> None:
        """The last Hub may have died in the middle of a launch; one that is under way has its own end."""
        if self._work is None or self._work.done():
            self._submit(partial(end_interrupted, self.site.store, self.user.name, self.name))

    async def _status(self) -> ContainerStatus | None:
        if not self.object_id and not await self._adopt():
            return None
        return await self.engine.status(self.object_id)

    async def _adopt(self) -> bool:
        """After a Hub restart in the middle of a launch: the container is there, its id is not."""
        for container in await self._mine():
            if container.status.alive:
                self.object_id = container.id
                self.launch_id = container.labels.get(LABEL_LAUNCH, "")
                await self._recall()
                return True
        return False

    async def _recall(self) -> None:
        """Its time begins now: when it was ready nobody wrote down."""
        with suppress(RuntilesError):
            launch = await asyncio.to_thread(self.site.store.launches.get, self.launch_id)
            self.limit_from(launch.spec.get("time_limit"))
            if launch.ends_at is not None:
                self.expires_at = launch.ends_at
            if launch.started_at is None:
                self._record(state="running", started_at=time.time(), expires_at=self.expires_at)

    async def _mine(self) -> list[Container]:
        return await self.engine.find(self.hub_id, self.user.name, self.name)

    async def stop(self, now: bool = False) -> None:
        await self.settled()
        self._unwatch()
        if self.object_id:
            await self.engine.stop(self.object_id, grace=0.0 if now else self.stop_grace)
            await self._bury(self.object_id, self.launch_id, "stopped")
        self.clear_state()

    def clear_state(self) -> None:
        super().clear_state()
        self.object_id = ""
        self.expires_at = None

    async def _clean_up(self) -> None:
        """Only what this launch made: a next one may be under way. What an engine that is down keeps,
        GPUs included, is for the reaper."""
        for container in await self._mine():
            if container.labels.get(LABEL_LAUNCH) == self.launch_id:
                await self._bury(container.id, self.launch_id, "failed")
        self.object_id = ""
        self._release(self.launch_id)

    async def _bury_leftovers(self) -> None:
        """Containers of this very server that a crash or an unreachable engine left behind."""
        for container in await self._mine():
            await self._bury(container.id, container.labels.get(LABEL_LAUNCH, ""), "stopped")

    async def _bury(self, container_id: str, launch_id: str, state: str) -> None:
        await bury(
            self.site,
            container_id,
            user=self.user.name,
            server=self.name,
            launch_id=launch_id,
            state=state,
        )
        if container_id == self.object_id:
            self.object_id = ""
        self._release(launch_id)

    def _release(self, launch_id: str) -> None:
        self.site.gpus.release(holder(self.user.name, self.name, launch_id))
        self._publish_soon()

    def _publish_soon(self) -> None:
        """Whoever starts or stops a runtime does not wait for a count, nor fail for it."""
        self._keep(asyncio.ensure_future(self._publish_gpus()))

    # -- the reaper -------------------------------------------------------------------------------

    def watch_for_orphans(self) -> None:
        """Start the site's reaper; it belongs to the Hub, the first spawner only wakes it."""
        site = self.site
        if site.reaper is None or site.reaper.done():
            active = partial(_active_servers, self.hub_session)
            task = reap_for_ever(site, active, self.reap_interval)
            site.reaper = asyncio.get_running_loop().create_task(task)


def _active_servers(session: Session) -> Active:
    rows = session.query(orm.Spawner).filter(orm.Spawner.server_id.isnot(None))
    return {(row.user.name, row.name) for row in rows}
