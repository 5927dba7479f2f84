"""A service that is started anew in the middle of a warning: the real parts, one after the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

from runtiles.catalogue import LiveCatalogue
from runtiles.service.access import Caller
from runtiles.service.idle.hands import ServiceHands
from runtiles.service.idle.keeping import Idle, open_idle
from runtiles.service.idle.telling import Telling
from runtiles.service.settings import Settings
from runtiles.store import KeyFile, Store
from tests.fixtures.hub import wait_until

ANN = ("ann", "lab")


@asynccontextmanager
async def service(folder: Path, *, mail: str = "cat >> mail; echo >> mail") -> AsyncIterator[Idle]:
    """It warns, and has no Hub to act with."""
    url, key = f"sqlite:///{folder}/runtiles.sqlite", folder / "key"
    store = Store(url, KeyFile(key))
    command = ("sh", "-c", f"cd {folder}; {mail}")
    settings = Settings(url, str(key), warn_command=command)
    found = open_idle(settings, store, LiveCatalogue())
    nobody = cast(Any, None)
    found.watcher.hands = ServiceHands(
        store,
        nobody,
        nobody,
        nobody,
        found.desk,
        Telling(store, found.desk, found.outlets),
        settings.policy,
        Caller("runtiles", "service", frozenset(), ""),
    )
    running = asyncio.get_running_loop().create_task(found.run())
    try:
        yield found
        await asyncio.wait_for(found.outlets.settled(), 60)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await found.outlets.close()
        store.close()


def is_warned(idle: Idle) -> bool:
    watched = idle.watcher.board.get(ANN)
    return watched is not None and watched.warned is not None


def soon(tmp_path: Path) -> float:
    """A reservation ends within ten minutes. Now."""
    store = Store(f"sqlite:///{tmp_path}/runtiles.sqlite", KeyFile(tmp_path / "key"))
    now = time.time()
    store.launches.record("ann", "lab", "l1", options={}, spec={}, state="running")
    store.launches.update("l1", started_at=now - 7200, expires_at=now + 590)
    store.close()
    return now


async def test_who_was_warned_is_not_warned_again(tmp_path: Path) -> None:
    now = soon(tmp_path)
    for _ in range(3):
        async with service(tmp_path) as idle:
            known = partial(is_warned, idle)
            await asyncio.to_thread(wait_until, known, 60, "the warning to be known")
            await idle.watcher.settled()
            (notice,) = await asyncio.to_thread(idle.store.notices.of_user, "ann")
    assert "its reservation ends" in notice.text
    assert notice.at < now + 60
    assert (tmp_path / "mail").read_text().count('"warning"') == 1


async def test_a_warning_that_is_moot_is_not_sent_any_more(tmp_path: Path) -> None:
    """Nobody takes it, so it waits to be tried again, and the reservation is extended meanwhile."""
    now = soon(tmp_path)
    async with service(tmp_path, mail="cat > tried; exit 75") as idle:
        (line,) = idle.outlets._lines
        await asyncio.to_thread(wait_until, lambda: bool(line._resting), 60, "a try that failed")
        await asyncio.to_thread(idle.store.launches.update, "l1", expires_at=now + 7200)
        told = partial(idle.store.notices.of_user, "ann")
        await asyncio.to_thread(wait_until, lambda: not told(), 60, "the notice to go")
        assert not line._resting
        assert not line._latest
