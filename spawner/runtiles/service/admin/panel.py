"""What stands behind the admin panel's API, put together once."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runtiles import __version__
from runtiles.catalogue import Catalogue
from runtiles.contract.errors import RuntilesError
from runtiles.engines.base import Engine
from runtiles.service.access import Caller
from runtiles.service.hub import Hub
from runtiles.service.runtimes.actions import Actions
from runtiles.store import Store

from .drain.manager import DrainManager
from .drain.work import DrainWork
from .gpus.manager import GpuManager
from .gpus.meter import GpuMeter
from .images.manager import ImageManager
from .runtimes.bulk import BulkActions
from .runtimes.manager import AdminRuntimes
from .sampler import Sampler
from .usage.closing import Closing
from .usage.manager import UsageManager
from .usage.totals import Totals

_log = logging.getLogger(__name__)
_TIDY_S = 300.0


@dataclass(frozen=True)
class Panel:
    """`images` and `engine` are None where the service sees no engine."""

    hub: Hub
    engine: Engine | None
    sampler: Sampler
    runtimes: AdminRuntimes
    bulk: BulkActions
    drain: DrainManager
    images: ImageManager | None
    gpus: GpuManager
    usage: UsageManager

    async def overview(self, caller: Caller) -> dict[str, Any]:
        states, users = await self.runtimes.counts(caller)
        drain = await self.drain.show()
        return {
            "version": __version__,
            **await self._engine(),
            "hub": await self.hub.version(),
            "runtimes": states,
            "users": users,
            "drain": {key: value for key, value in drain.items() if key != "runtimes"},
            "gpus": await self.gpus.count(),
            "not_yet": [],
        }

    async def run(self) -> None:
        """For ever: what has to be looked after also while nobody looks."""
        while True:
            try:
                await self.usage.closing.close_abandoned()
                if self.images is not None:
                    await self.images.keep_budget()
            except RuntilesError as error:
                _log.warning("Tidying up has to wait: %s", error)
            except Exception:  # noqa: BLE001, RUF100 - any: the next time may be better
                _log.exception("Tidying up failed")
            await asyncio.sleep(_TIDY_S)

    async def close(self) -> None:
        await self.drain.close()
        await self.sampler.close()
        if self.images is not None:
            await self.images.close()

    async def _engine(self) -> dict[str, str | None]:
        """An engine that is down is told here: the panel is where an admin looks."""
        if self.engine is None:
            return {"engine": None, "engine_error": None}
        try:
            return {"engine": await self.engine.version(), "engine_error": None}
        except RuntilesError as error:
            return {"engine": None, "engine_error": str(error)}


def open_panel(
    store: Store,
    hub: Hub,
    engine: Engine | None,
    actions: Actions,
    *,
    catalogue: Callable[[], Catalogue],
    currency: str,
) -> Panel:
    runtimes = actions.runtimes
    sampler, meter = Sampler(engine), GpuMeter()
    closing = Closing(store, engine)
    return Panel(
        hub=hub,
        engine=engine,
        sampler=sampler,
        runtimes=AdminRuntimes(runtimes, store, catalogue, sampler, meter, currency),
        bulk=BulkActions(actions, store),
        drain=DrainManager(runtimes, store, DrainWork(actions, store)),
        images=ImageManager(engine, store, catalogue) if engine else None,
        gpus=GpuManager(store.facts, meter),
        usage=UsageManager(store, runtimes.directory, closing, Totals(store), currency),
    )
