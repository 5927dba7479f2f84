"""The drain of a site: one at a time, written down step by step, so that it outlives everything.

open -> draining -> drained -> resuming -> open. The state and what became of each runtime are in the
database; who is acting is here. After a crash the state is what it was, nobody acts, and asking again
goes on where it ended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from time import time
from typing import Any, Literal

from runtiles import names
from runtiles.contract.errors import Conflict, RuntilesError
from runtiles.service.access import Caller
from runtiles.service.runtimes.manager import RuntimeManager
from runtiles.service.runtimes.view import iso
from runtiles.store import Drain, Drained, Store

from .work import TO_EMPTY, DrainWork

_log = logging.getLogger(__name__)
_ACTIVE = frozenset(str(state) for state in TO_EMPTY)
#: Launches that were accepted in the moment before the gate closed turn up in a second look.
_LOOKS = 5


@dataclass
class DrainManager:
    """`at_once`: how many runtimes are stopped, or started, at a time. `settle`: seconds in which a
    launch that passed the gate just before it closed is on record."""

    runtimes: RuntimeManager
    store: Store
    work: DrainWork
    stop_at_once: int = 8
    start_at_once: int = 4
    settle: float = 2.0
    _acting: "asyncio.Task[None] | None" = None
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def show(self) -> dict[str, Any]:
        """The state, and each runtime's outcome; `acting`: is somebody at it right now?"""
        drain, drained = await asyncio.to_thread(self._read)
        return {
            "state": drain.state,
            "acting": self._is_acting,
            "since": iso(drain.since) if drain.since else None,
            "by": drain.by or None,
            "message": drain.message,
            "action": drain.action,
            "runtimes": [_runtime(one) for one in drained],
        }

    async def drain(
        self, caller: Caller, message: str, action: Literal["pause", "stop"]
    ) -> dict[str, Any]:
        """Refuses launches from now on, and begins to put aside what runs; goes on with a drain that
        was interrupted. Raises Conflict while one is under way."""
        async with self._changing:
            return await self._drain(caller, message, action)

    async def _drain(
        self, caller: Caller, message: str, action: Literal["pause", "stop"]
    ) -> dict[str, Any]:
        self._check_idle()
        before, _ = await asyncio.to_thread(self._read)
        # Asked before anything is closed: a Hub that does not answer leaves the site open.
        await self.runtimes.list_all(caller)
        drain = Drain("draining", time(), caller.name, message, action)
        if before.state != "open":
            kept = message or before.message
            drain = replace(drain, since=before.since, message=kept)
        await asyncio.to_thread(self._begin, drain, before)
        await self._audit(caller, "drain.begin", {"message": message, "action": action})
        self._act(partial(self._empty, caller, drain))
        return await self.show()

    async def resume(self, caller: Caller) -> dict[str, Any]:
        """Accepts launches again, and begins to start what was put aside. Raises Conflict when there
        is nothing to resume or somebody is at it."""
        async with self._changing:
            self._check_idle()
            before, _ = await asyncio.to_thread(self._read)
            if before.state == "open":
                raise Conflict("Nothing is drained.", hint="Drain first.")
            drain = replace(before, state="resuming")
            await asyncio.to_thread(self.store.drains.set, drain)
            await self._audit(caller, "drain.resume", {})
            self._act(partial(self._fill, caller, drain))
            return await self.show()

    async def cancel(self, caller: Caller) -> dict[str, Any]:
        """Accepts launches again; what was put aside stays so, for its owners to start."""
        async with self._changing:
            await self.close()
            before, _ = await asyncio.to_thread(self._read)
            await asyncio.to_thread(self.store.drains.set, replace(before, state="open"))
            await self._audit(caller, "drain.cancel", {"was": before.state})
            return await self.show()

    async def close(self) -> None:
        """Nobody acts any more; the state stays."""
        if self._acting is not None:
            self._acting.cancel()
            await asyncio.gather(self._acting, return_exceptions=True)

    # -- under way --------------------------------------------------------------------------------

    async def _empty(self, caller: Caller, drain: Drain) -> None:
        put_aside = partial(self.work.put_aside, caller, action=drain.action)
        for _ in range(_LOOKS):
            waiting = await self._find(caller)
            if not waiting:
                await asyncio.sleep(self.settle)
                waiting = await self._find(caller)
            if not waiting:
                break
            await asyncio.to_thread(self._tell, caller, drain, {one.user for one in waiting})
            await _each(waiting, put_aside, self.stop_at_once)
        await asyncio.to_thread(self.store.drains.set, replace(drain, state="drained"))
        await self._audit(caller, "drain.done", await self._outcomes())

    async def _fill(self, caller: Caller, drain: Drain) -> None:
        _, drained = await asyncio.to_thread(self._read)
        aside = [one for one in drained if one.outcome in ("stopped", "paused")]
        # Those that stopped last were used last, and come first.
        aside.sort(key=lambda one: -one.at)
        await _each(aside, partial(self.work.bring_back, caller), self.start_at_once)
        await asyncio.to_thread(self.store.drains.set, replace(drain, state="open"))
        await self._audit(caller, "drain.resumed", await self._outcomes())

    async def _find(self, caller: Caller) -> list[Drained]:
        """What runs, written down as waiting; what this drain could not stop is not tried for ever."""
        found = await self.runtimes.list_all(caller)
        active = {
            (runtime["user"], names.server_name(runtime["name"]))
            for runtime in found
            if runtime["state"] in _ACTIVE
        }
        return await asyncio.to_thread(self._enlist, active)

    def _enlist(self, active: set[tuple[str, str]]) -> list[Drained]:
        known = {(one.user, one.server): one for one in self.store.drains.runtimes()}
        for user, server in active:
            before = known.get((user, server))
            if before is None or before.outcome not in ("waiting", "failed"):
                self.store.drains.put(user, server, "waiting")
        return [one for one in self.store.drains.runtimes() if one.outcome == "waiting"]

    def _begin(self, drain: Drain, before: Drain) -> None:
        if before.state == "open":
            self.store.drains.clear()
        for one in self.store.drains.runtimes():
            if one.outcome == "failed":
                self.store.drains.put(one.user, one.server, "waiting")
        self.store.drains.set(drain)

    def _tell(self, caller: Caller, drain: Drain, users: Iterable[str]) -> None:
        """Once: a drain that is asked for again has told most of them already."""
        text = drain.message or "This host is being emptied for maintenance."
        known = {user: self.store.notices.of_user(user) for user in users}
        new = [user for user in known if not any(n.text == text for n in known[user])]
        self.store.notices.send(new, text, author=caller.name)

    def _read(self) -> tuple[Drain, list[Drained]]:
        return self.store.drains.current(), self.store.drains.runtimes()

    async def _outcomes(self) -> dict[str, int]:
        _, drained = await asyncio.to_thread(self._read)
        outcomes = [one.outcome for one in drained]
        return {str(outcome): outcomes.count(outcome) for outcome in set(outcomes)}

    async def _audit(self, caller: Caller, action: str, details: dict[str, Any]) -> None:
        await asyncio.to_thread(self.store.audit.record, caller.name, action, "site", details)

    @property
    def _is_acting(self) -> bool:
        return self._acting is not None and not self._acting.done()

    def _check_idle(self) -> None:
        if self._is_acting:
            raise Conflict("A drain is under way.", hint="Wait for its end, or cancel it.")

    def _act(self, work: Callable[[], Awaitable[None]]) -> None:
        self._acting = asyncio.create_task(_logged(work))


async def _each(
    found: Iterable[Drained], work: Callable[..., Awaitable[None]], at_once: int
) -> None:
    slots = asyncio.Semaphore(at_once)

    async def one(drained: Drained) -> None:
        async with slots:
            await work(user=drained.user, server=drained.server)

    results = await asyncio.gather(*(one(drained) for drained in found), return_exceptions=True)
    # Not before all have ended: whoever asks again must not find some still at work.
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _logged(work: Callable[[], Awaitable[None]]) -> None:
    """The state stays where it was, for somebody to ask again."""
    try:
        await work()
    except RuntilesError as error:
        _log.warning("The drain has stopped half-way: %s", error)
    except Exception:  # noqa: BLE001, RUF100 - any: nobody awaits this
        _log.exception("The drain has stopped half-way")


def _runtime(one: Drained) -> dict[str, Any]:
    return {
        "user": one.user,
        "name": names.runtime_name(one.server),
        "outcome": one.outcome,
        "message": one.message,
        "at": iso(one.at),
    }
