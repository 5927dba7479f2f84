"""ReservedSpawner: until when a runtime may run, and what happens when nobody has ended it by then."""

import asyncio
import time
from contextlib import suppress

from traitlets import Float, Unicode

from runtiles.contract.errors import NotFound, RuntilesError, ServiceUnavailable
from runtiles.engines.base import Engine
from runtiles.store.facts import IDLE_WATCHED

from .launching import LaunchingSpawner

_PAUSE_INTERVAL_S = 1.0
_LOOK_AGAIN_S = 30.0
#: Older news of the service say nothing about it.
_WATCHED_S = 150.0


class ReservedSpawner(LaunchingSpawner):
    """Watches over the container of a runtime, whose id is `object_id`, empty for none.

    The service ends what is idle or has had its time, by a pause. This watch is for the Hub without one.
    """

    object_id = Unicode()

    _watcher: asyncio.Task[None] | None = None

    stop_grace = Float(
        10.0, config=True, help="Seconds between asking a runtime to end and killing it."
    )
    overtime = Float(
        600.0,
        config=True,
        help="""Seconds that a runtime has after its time limit to be paused by the service. Then the Hub
        stops it, if there is no service to do it.""",
    )

    longest_overtime = Float(
        7200.0,
        config=True,
        help="The same while the service is there, which may have a crowd to pause.",
    )

    pause_grace = Float(
        1800.0,
        config=True,
        help="Seconds that a pause may still take that is under way when a runtime's time limit is over.",
    )

    @property
    def engine(self) -> Engine:
        return self.site.engine

    def _watch_for_the_end(self) -> None:
        """Tell the Hub at once when the container ends: it would look only every 30 seconds."""
        if self._watcher is None or self._watcher.done():
            work = self._until_the_end(self.object_id)
            self._watcher = asyncio.get_running_loop().create_task(work)

    async def _until_the_end(self, container_id: str) -> None:
        """Until the container ends or its time is up. An engine that does not answer ends the watch;
        the Hub's next look starts another."""
        try:
            try:
                await self._wait(container_id)
            except asyncio.TimeoutError:
                self.log.info("The time limit of %s is over", self._log_name)
                if not await self._ends_by_a_pause(container_id):
                    self._record(notices=("Stopped at the end of its time limit.",))
                    await self.engine.stop(container_id, grace=self.stop_grace)
        except RuntilesError:
            return
        if self.object_id == container_id and self.ready:
            await self.poll_and_notify()

    async def _wait(self, container_id: str) -> None:
        """Until the container ends. Raises TimeoutError when it should have long ended, as far as its end
        was not moved meanwhile.

        Whoever has just begun to wait for this end, like a Hub that was away or one whose clock was set,
        gives the service all of its time to pause it.
        """
        known, began = None, time.monotonic()
        while True:
            try:
                ends = await self._read_end()
                if ends != known:
                    known, began = ends, time.monotonic()
                left = None if ends is None else await self._left(ends, time.monotonic() - began)
            except ServiceUnavailable:
                # It may have been extended: what nobody can look up ends nobody's work.
                left = _LOOK_AGAIN_S
            if left is not None and left <= 0:
                raise asyncio.TimeoutError
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.engine.wait(container_id), left)
                return

    async def _left(self, ends: float, waited: float) -> float:
        """Seconds until it is looked at again, none if its time is over: for who has waited so long for
        this end. Raises ServiceUnavailable."""
        over = max(ends - time.time(), -waited)
        left = self.overtime + over
        if left > 0 or self.longest_overtime + over <= 0:
            return left
        told = await asyncio.to_thread(self.site.store.facts.read, IDLE_WATCHED)
        is_watched = told is not None and abs(time.time() - told.at) < _WATCHED_S
        return min(self.longest_overtime + over, _LOOK_AGAIN_S) if is_watched else left

    async def _read_end(self) -> float | None:
        """Its reservation's, or that of the longest that anything lasts here, in seconds since the epoch.
        Raises ServiceUnavailable."""
        longest = self.site.policy.max_age
        oldest = None if longest is None else time.time() + longest
        with suppress(NotFound):
            launch = await asyncio.to_thread(self.site.store.launches.get, self.launch_id)
            if launch.ends_at is not None:
                self.expires_at = max(launch.ends_at, self.expires_at or 0.0)
            if longest is not None and launch.started_at is not None:
                oldest = launch.started_at + longest
        ends = [each for each in (self.expires_at, oldest) if each is not None]
        return min(ends, default=None)

    async def _ends_by_a_pause(self, container_id: str) -> bool:
        """A stop in the middle of a pause would lose what is being saved: one that is under way goes to
        its end, which is the container's, too. Raises EngineUnavailable."""
        deadline = time.monotonic() + self.pause_grace
        while time.monotonic() < deadline:
            pause = await asyncio.to_thread(
                self.site.store.pauses.of_runtime, self.user.name, self.name
            )
            if pause is None or not pause.active or pause.launch_id != self.launch_id:
                return False
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.engine.wait(container_id), _PAUSE_INTERVAL_S)
                return True
        return False

    def _unwatch(self) -> None:
        if self._watcher not in (None, asyncio.current_task()):
            self._watcher.cancel()
