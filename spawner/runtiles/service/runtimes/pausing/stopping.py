"""The stop of a runtime whose kernels are saved and held, and how one stands that is to end."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf

from runtiles.contract.errors import NotFound, RuntilesError, ServiceUnavailable
from runtiles.service.hub import Hub
from runtiles.service.runtimes.gateway import Gateway
from runtiles.store import LaunchRecord, PauseRecord, Store

from .decide import Failed, PauseFailed, Saved, step_of

_log = logging.getLogger(__name__)
_HUB_AWAY_S = 2.0


class Standing(Enum):
    """Of a runtime that is to end. UNKNOWN: the Hub does not answer."""

    RUNS = auto()
    STOPPING = auto()
    ENDED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Stopper:
    """Seconds: `interval` between two questions, `silent` that a runtime may keep silent, `patience` that
    the Hub may take."""

    store: Store
    gateway: Gateway
    hub: Hub
    token: str = field(repr=False)
    interval: float
    silent: float
    patience: float

    async def stop(self, pause: PauseRecord, launch: LaunchRecord) -> None:
        """Returns when the server is gone. A Hub that is away, or is at it, is waited for.

        Raises PauseFailed when the Hub refuses, and when the kernels run on before it is asked.
        """
        deadline = inf
        while (standing := await self.standing(launch)) is not Standing.ENDED:
            if standing is Standing.RUNS:
                await self._check_held(pause, launch)
                if time.monotonic() > deadline:
                    raise PauseFailed("The snapshot is made, but the runtime does not stop.")
                await self._ask_to_stop(pause, launch)
                deadline = min(deadline, time.monotonic() + self.patience)
            else:
                deadline = inf
            await asyncio.sleep(_HUB_AWAY_S if standing is Standing.UNKNOWN else self.interval)

    async def _ask_to_stop(self, pause: PauseRecord, launch: LaunchRecord) -> None:
        try:
            await self.hub.stop(self.token, pause.user, pause.server)
        except ServiceUnavailable:
            return  # it is asked again
        except RuntilesError as error:
            # The Hub refuses also what is stopping or gone already. That it knows of no such server it
            # says as well to whom it may not tell.
            if await self.standing(launch) is not Standing.RUNS:
                return
            raise PauseFailed(
                f"The snapshot is made, but the Hub does not stop the runtime: {error.message}",
                hint="The runtime goes on. Ask an admin to look at the Hub's log.",
            ) from error

    async def _check_held(self, pause: PauseRecord, launch: LaunchRecord) -> None:
        """Raises PauseFailed when the kernels have run on since, or nobody can tell: what they did is not
        in the snapshot. That a runtime is silent that stops meanwhile is fine."""
        deadline = time.monotonic() + self.silent
        while True:
            try:
                status = await self.gateway.ask(launch, "GET", "pause", timeout=self.silent / 2)
            except RuntilesError as error:
                if await self.standing(launch) is not Standing.RUNS:
                    return
                if time.monotonic() > deadline:
                    raise PauseFailed(
                        "The snapshot is made, but the runtime does not tell whether its kernels stand"
                        f" still: {error.message}"
                    ) from error
                await asyncio.sleep(self.interval)
            else:
                break
        step = step_of(status, pause.snapshot)
        if isinstance(step, Failed):
            raise step.error
        if not isinstance(step, Saved):
            raise PauseFailed("The kernels went on before the runtime could be stopped.")

    async def has_ended(self, launch: LaunchRecord) -> bool:
        return await self.standing(launch) is Standing.ENDED

    async def standing(self, launch: LaunchRecord) -> Standing:
        try:
            now = await asyncio.to_thread(self.store.launches.get, launch.id)
        except NotFound:
            return Standing.ENDED
        if now.ended_at is not None:
            return Standing.ENDED
        try:
            user = await self.hub.user(self.token, launch.user)
        except ServiceUnavailable:
            return Standing.UNKNOWN
        except NotFound:
            return Standing.RUNS
        except RuntilesError as error:
            _log.warning("The service may not see the servers of %s: %s", launch.user, error)
            return Standing.RUNS
        server = (user.servers or {}).get(launch.server)
        if server is None or server.get("stopped"):
            return Standing.ENDED
        return Standing.STOPPING if server.get("pending") == "stop" else Standing.RUNS
