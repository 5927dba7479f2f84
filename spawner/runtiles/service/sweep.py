"""What processes that were killed left behind, where nobody else would ever look."""

import asyncio
import logging

from runtiles.contract.errors import RuntilesError
from runtiles.engines.base import Engine
from runtiles.store import Store, forget_abandoned

from .contexts.manager import ContextManager
from .snapshots.tidy import Tidy

_log = logging.getLogger(__name__)
_INTERVAL_S = 300.0
#: A request becomes a launch within seconds, or never.
_ABANDONED_S = 600.0


async def sweep(
    store: Store, contexts: ContextManager, engine: Engine | None, snapshots: Tidy
) -> None:
    """For ever, every now and then."""
    while True:
        try:
            await asyncio.to_thread(contexts.sweep, halves=False)
            await asyncio.to_thread(_secrets, store)
            await snapshots.sweep()
            if engine is not None:
                await engine.storage_sweep()
        except (RuntilesError, OSError) as error:
            _log.warning("Sweeping has to wait: %s", error)
        await asyncio.sleep(_INTERVAL_S)


def _secrets(store: Store) -> None:
    forget_abandoned(store.secrets, store.launches, older_than=_ABANDONED_S)
