"""What a drain does with one runtime: put it aside, bring it back. Each outcome is stored at once."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from runtiles import names
from runtiles.contract.errors import Conflict, NotFound, RuntilesError
from runtiles.lifecycle import ACTIVE, State
from runtiles.service.access import Caller
from runtiles.service.runtimes.actions import Actions
from runtiles.store import Store
from runtiles.store.drains import Outcome

_log = logging.getLogger(__name__)

#: What a drain finds to put aside: what holds a container or will in a moment.
TO_EMPTY = ACTIVE | {State.QUEUED}
_STARTING = frozenset({State.STARTING, State.RESUMING, State.STOPPING, State.PAUSING})
#: What a pause waits for. A launch that is stopped while it resumes would be no paused one any more.
_UNDER_WAY = frozenset({State.STOPPING, State.PAUSING, State.RESUMING})
_STOP_THEN = "Drain again with the action `stop` if its variables may be lost."


@dataclass(frozen=True)
class DrainWork:
    """`patience`: seconds that one runtime may take to stop or to start."""

    actions: Actions
    store: Store
    patience: float = 300.0
    interval: float = 0.5

    async def put_aside(self, caller: Caller, user: str, server: str, action: str) -> None:
        """Never raises but for a database that fails: what went wrong is the outcome."""
        name = names.runtime_name(server)
        try:
            outcome, message = await self._put_aside(caller, user, name, action)
        except NotFound:
            outcome, message = "failed", "It was deleted meanwhile."
        except Exception as error:  # noqa: BLE001 - any: the others must go on
            outcome, message = "failed", _told(error, user, name)
        await self._record(caller, "runtime.drain", user, server, outcome, message)

    async def bring_back(self, caller: Caller, user: str, server: str) -> None:
        """As `put_aside`: never raises but for a database that fails."""
        name = names.runtime_name(server)
        try:
            outcome, message = await self._bring_back(caller, user, name)
        except NotFound:
            outcome, message = "failed", "It was deleted meanwhile."
        except Exception as error:  # noqa: BLE001 - any: the others must go on
            outcome, message = "failed", _told(error, user, name)
        await self._record(caller, "runtime.undrain", user, server, outcome, message)

    async def _put_aside(
        self, caller: Caller, user: str, name: str, action: str
    ) -> tuple[Outcome, str]:
        message = ""
        if action == "pause":
            message = await self._pause(caller, user, name)
            action = "stop" if message else action
        if action == "stop":
            await self.actions.act(caller, user, name, "stop", {})
        state = await self._until(caller, user, name, lambda state: state not in TO_EMPTY)
        if state in TO_EMPTY:
            raise Conflict(f"It is still {state}.", hint="Drain again, or look at its log.")
        return ("paused" if state is State.PAUSED else "stopped"), message

    async def _pause(self, caller: Caller, user: str, name: str) -> str:
        """Why it is stopped, where that loses nothing; empty where it is being paused, or ends by itself.

        Raises Conflict for one that cannot be paused: it goes on, because an admin who said "pause" did not
        say that somebody's variables may be lost.
        """
        state = await self._until(caller, user, name, lambda state: state not in _UNDER_WAY)
        if state not in TO_EMPTY:
            return ""
        if state in (State.QUEUED, State.STARTING):
            return "Stopped: it had not started yet."
        try:
            await self.actions.act(caller, user, name, "pause", {"accept_loss": True})
        except NotFound:
            raise
        except RuntilesError as error:
            raise _goes_on(error.message) from error
        state = await self._until(caller, user, name, lambda state: state is not State.PAUSING)
        if state not in TO_EMPTY:
            return ""
        found = await self.actions.runtimes.show(caller, user, name)
        reason = (found["last_error"] or {}).get("message") or f"It is still {state}."
        raise _goes_on(reason)

    async def _bring_back(self, caller: Caller, user: str, name: str) -> tuple[Outcome, str]:
        state = await self._until(caller, user, name, lambda state: state is not State.STOPPING)
        if state not in TO_EMPTY:
            action = "resume" if state is State.PAUSED else "start"
            await self.actions.act(caller, user, name, action, {})
            # As long as it starts it holds its place among the few that may: a host that has just come
            # up is not asked for everything at once. One that waits for a GPU lets the next one try.
            state = await self._until(caller, user, name, lambda state: state not in _STARTING)
        if state is State.QUEUED:
            return "resumed", "It waits for a free GPU."
        if state in TO_EMPTY:
            return "resumed", "" if state is not State.STARTING else "It is still starting."
        found = await self.actions.runtimes.show(caller, user, name)
        reason = (found["last_error"] or {}).get("message") or "See its log."
        return "failed", f"It did not start: {reason}"

    async def _until(
        self, caller: Caller, user: str, name: str, done: Callable[[State], bool]
    ) -> State:
        """The state when it is `done`, or the present one when patience is over. Raises NotFound."""
        deadline = time.monotonic() + self.patience
        while True:
            facts = await self.actions.runtimes.facts(caller, user, name)
            if done(facts.state) or time.monotonic() > deadline:
                return facts.state
            await asyncio.sleep(self.interval)

    async def _record(
        self, caller: Caller, action: str, user: str, server: str, outcome: Outcome, message: str
    ) -> None:
        def write() -> None:
            self.store.drains.put(user, server, outcome, message)
            target = f"runtime:{user}/{names.runtime_name(server)}"
            details = {"outcome": outcome, **({"message": message} if message else {})}
            self.store.audit.record(caller.name, action, target, details)

        await asyncio.to_thread(write)


def _goes_on(reason: str) -> Conflict:
    return Conflict(f"It goes on, because it could not be paused: {reason}", hint=_STOP_THEN)


def _told(error: Exception, user: str, name: str) -> str:
    if isinstance(error, RuntilesError):
        return str(error)
    _log.error("Draining %s of %s failed", name, user, exc_info=error)
    return "Something went wrong in the Runtiles service; its log has the reason."
