"""The end of a container: its last words kept, itself removed, its GPUs given back; and the reaper,
who finds those that nobody remembers.

An engine that is down while the Hub cancels, stops or restarts leaves containers behind. They hold
memory and GPUs, so they are looked for, by label, as long as the Hub runs.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial

from runtiles.contract.errors import RuntilesError
from runtiles.contract.events import PHASES
from runtiles.contract.protocol import LABEL_GPUS, LABEL_LAUNCH, LABEL_SERVER, LABEL_USER
from runtiles.engines.base import Container, Engine
from runtiles.store import Store
from runtiles.values.loglines import LogLine, Output, phase_at

from .failures import failed_event, interrupted
from .site import Site

#: (user, server) of every server that the Hub believes to be running or starting.
Active = set[tuple[str, str]]

#: What is kept of a log: the store cuts it again, by size.
_LAST_LINES = 5000

_log = logging.getLogger(__name__)


async def bury(
    site: Site, container_id: str, *, user: str, server: str, launch_id: str, state: str
) -> None:
    """In this order, so that a crash in between leaves a container that is found again.

    `state` is what became of the launch: `stopped`, or `failed` when that is recorded already.
    """
    printed = await _last_words(site, container_id)
    if printed and launch_id:
        # What a launch that got ready said of its workspace was kept then: by now it may be cut off.
        spare = () if state == "failed" else ("workspace",)
        site.recorder.submit(partial(_save, site, user, server, launch_id, printed, spare))
    ended = await _ended_at(site, container_id)
    await site.engine.remove(container_id)
    if launch_id and state != "failed":
        site.recorder.submit(partial(site.store.launches.finish, launch_id, state, at=ended))


async def _last_words(site: Site, container_id: str) -> list[LogLine]:
    try:
        return await site.engine.lines(container_id, tail=_LAST_LINES)
    except RuntilesError as error:
        # A log that cannot be read must not keep its container above ground.
        _log.warning("The log of a container is lost: %s", error)
        return []


async def _ended_at(site: Site, container_id: str) -> float | None:
    """It may have ended while there was no Hub, and used nothing since."""
    try:
        status = await site.engine.status(container_id)
    except RuntilesError:
        return None
    return status.ended_at if status is not None else None


def _save(
    site: Site,
    user: str,
    server: str,
    launch_id: str,
    printed: list[LogLine],
    spare: tuple[str, ...],
) -> None:
    """Each line under the phase that the launch was in: its announcement may be cut off."""
    begin = "starting"
    if len(printed) >= _LAST_LINES:
        stored = site.store.events.for_launch(launch_id, but=("log", "progress"))
        begin = phase_at((item.event for item in stored), printed[0].at)
    output = Output(begin)
    lines = [line for one in printed for line in output.lines(one)]
    site.store.logs.save(user, server, launch_id, lines, spare=spare)


def end_interrupted(store: Store, user: str, server: str) -> None:
    """Says of the newest launch that it failed, where nobody said how it ended. Blocks.

    For a server that is neither there nor being started: a Hub that dies in the middle of a launch
    writes no end.
    """
    launch = store.launches.latest(user, server)
    if launch is None or launch.started_at is not None or launch.error is not None:
        return
    last = store.events.last(launch.id)
    if last is not None and last.event.kind in ("ready", "failed"):
        return
    reason = interrupted()
    phase = last.event.phase if last else PHASES[0]
    store.events.append(user, server, launch.id, failed_event(phase, reason))
    store.launches.finish(launch.id, "failed", error=reason.to_dict())


def holder(user: str, server: str, launch_id: str) -> str:
    """How the GPU ledger calls the owner of a lease: a launch, because a server may be started again
    before its last container is gone. None of the three holds a slash."""
    return f"{user}/{server}/{launch_id}"


async def held_gpus(engine: Engine, hub_id: str) -> dict[str, list[str]]:
    """Who holds which GPUs, read from the containers that are there: the truth after a restart."""
    held = {}
    for container in await engine.find(hub_id):
        uuids = [u for u in container.labels.get(LABEL_GPUS, "").split(",") if u]
        if uuids and container.status.alive:
            held[_lease(container)] = uuids
    return held


def orphans(containers: Iterable[Container], active: Active) -> list[Container]:
    """Those of our containers whose server the Hub neither runs nor starts."""
    return [c for c in containers if _owner(c) not in active]


async def reap(site: Site, active: Callable[[], Active]) -> list[Container]:
    """Bury every orphan; returns them. Raises EngineUnavailable."""
    # Asked after the list was taken: a server that starts meanwhile is active before it has a container.
    containers = await site.engine.find(site.hub_id)
    found = orphans(containers, active())
    for container in found:
        try:
            await _bury_orphan(site, container)
        except Exception:  # noqa: BLE001 - any: see the next line
            # One that cannot be buried must not keep the others above ground.
            _log.exception("Could not remove the forgotten container %s", container.name)
    await _release_forgotten(site, {_lease(c) for c in containers}, active())
    return found


async def _release_forgotten(site: Site, there: set[str], active: Active) -> None:
    """Leases of launches that have neither a container nor a server that is starting."""
    for lease in await site.gpus.leases():
        user, server, _ = lease.rsplit("/", 2)
        if lease not in there and (user, server) not in active:
            site.gpus.release(lease)


async def _bury_orphan(site: Site, container: Container) -> None:
    user, server = _owner(container)
    launch_id = container.labels.get(LABEL_LAUNCH, "")
    await bury(site, container.id, user=user, server=server, launch_id=launch_id, state="stopped")
    site.gpus.release(_lease(container))
    _log.warning("Removed the forgotten container %s of %s", container.name, user)


async def reap_for_ever(site: Site, active: Callable[[], Active], interval: float) -> None:
    """Every `interval` seconds; an engine that is down is asked again later."""
    while True:
        try:
            await reap(site, active)
        except RuntilesError as error:
            _log.warning("Could not look for forgotten containers: %s", error)
        await asyncio.sleep(interval)


def _lease(container: Container) -> str:
    return holder(*_owner(container), container.labels.get(LABEL_LAUNCH, ""))


def _owner(container: Container) -> tuple[str, str]:
    return container.labels.get(LABEL_USER, ""), container.labels.get(LABEL_SERVER, "")
