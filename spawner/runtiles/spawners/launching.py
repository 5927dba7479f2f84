"""LaunchingSpawner: a launch from its plan to ready or failed, on whatever engine."""

import asyncio
import secrets
import time
from functools import partial
from typing import Any, cast

from runtiles.contract.errors import RuntilesError
from runtiles.contract.events import PHASES, LaunchEvent
from runtiles.options import LaunchRequest, to_user_options
from runtiles.plan import LaunchPlan, plan

from .admission import AdmittingSpawner
from .failures import cancelled, failed_event, failure_card, spawn_exception, unexpected
from .launch_log import LaunchLog


class LaunchingSpawner(AdmittingSpawner):
    """Whatever happens, nothing of a failed launch stays behind, and everybody is told why it failed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: For the pages: why the last launch failed, or None.
        self.failure: dict[str, Any] | None = None
        self._work: asyncio.Future[Any] | None = None
        self._cancelled = False

    async def start(self) -> Any:
        """The Hub's entry. Whatever happens, nothing of a failed launch stays behind."""
        self._cancelled = False
        self._work = asyncio.ensure_future(self._whole_launch())
        self._keep(self._work)
        try:
            return await asyncio.shield(self._work)
        except asyncio.CancelledError:
            # Given back at once: the Hub waits a second for it and then gives up on the server.
            # The launch cleans up behind its back, and `settled` waits for that.
            self._cancelled = True
            self._work.cancel()
            raise

    async def settled(self) -> None:
        """Returns when a cancelled launch has taken away what it made."""
        if self._cancelled and self._work is not None and not self._work.done():
            await asyncio.wait({self._work})

    async def _whole_launch(self) -> Any:
        try:
            self._begin()
            planned = await self._plan()
            address = await self._launch(planned)
        except BaseException as error:
            # Also a cancellation: the Hub does not call stop() for a start that it cancelled.
            await self._fail(error)
            if isinstance(error, RuntilesError):
                raise spawn_exception(error) from error
            raise
        self.report(LaunchEvent(phase="ready", kind="ready", message="The runtime is ready."))
        self.limit_from(planned.time_limit)
        self._record(state="running", started_at=time.time(), expires_at=self.expires_at)
        await self._started()
        return address

    def _begin(self) -> None:
        self.launch_id = secrets.token_hex(8)
        self.failure = None
        if self.launch_log.events:
            self.launch_log = LaunchLog()

    async def _plan(self) -> LaunchPlan:
        if self._request is None:
            # A site replaced apply_user_options: the gate is not optional.
            await self._admit(self.user_options)
        # Taken, so that a later start of the same object goes through the gate again.
        request, self._request = cast(LaunchRequest, self._request), None
        self._tile = request.tile
        catalogue = self.site.catalogue.current
        machine = catalogue.machine(request.machine)
        policy, teams = self.site.policy, self.teams
        planned = plan(request, catalogue.tile(request.tile), machine, policy, teams)
        # Awaited, unlike every other write: the launcher asks for this record.
        await asyncio.to_thread(
            self.site.store.launches.record,
            self.user.name,
            self.name,
            self.launch_id,
            options=to_user_options(request),
            spec=planned.spec().to_dict(),
            token=self.api_token,
            tile=planned.tile,
            machine=planned.machine,
            image=str(planned.image),
            price_per_hour=machine.price_per_hour,
            teams=policy.known_groups(teams),
        )
        return planned

    async def _launch(self, planned: LaunchPlan) -> tuple[str, int]:
        """Bring the plan to life; returns address and port once the server answers there."""
        raise NotImplementedError

    def limit_from(self, time_limit: int | None) -> None:
        """Seconds from now; None for no limit."""
        self.expires_at = time.time() + time_limit if time_limit else None

    async def _started(self) -> None:
        """After the launch: what has to be looked after while the runtime lives."""

    async def _clean_up(self) -> None:
        """Take away whatever this launch made, in any state, also when there is nothing."""
        raise NotImplementedError

    async def _fail(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            reason: RuntilesError = cancelled()
        elif isinstance(error, RuntilesError):
            reason = error
        else:
            reason = unexpected(error)
            self.log.error("Launch of %s failed", self._log_name, exc_info=error)
        last = self.launch_log.last
        event = failed_event(
            last.phase if last else PHASES[0], reason, self.launch_log.log_tail(self.log_lines)
        )
        self.failure = failure_card(event)
        self.report(event)
        finish = self.site.store.launches.finish
        self._submit(partial(finish, self.launch_id, "failed", error=reason.to_dict()))
        try:
            await asyncio.shield(self._clean_up())
        except RuntilesError as problem:
            # The reaper comes back for it when the engine answers again.
            self.log.warning("Could not clean up after %s: %s", self._log_name, problem)
