"""What one token may see of one user, or of everybody, kept true while pages look at it."""

import asyncio
import logging
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtiles import names
from runtiles.contract.errors import NotFound, RuntilesError, ServiceUnavailable
from runtiles.lifecycle import TRANSIENT, State
from runtiles.service.access import Caller
from runtiles.service.hub import HubUser
from runtiles.service.notices import listed

from . import idle_view
from .manager import RuntimeManager
from .subscriber import Key, Message, Row, Subscriber

_log = logging.getLogger(__name__)

#: How often the Hub is asked about a user with something on its way: nobody records how that ends for it.
_PENDING_S = 1.0
#: How soon after the Hub's word a user is looked at again, with our own records only.
_STEP_S = 0.25
#: What nobody recorded (a server that was removed behind our back) is seen after this long.
_RESYNC_S = 300.0
#: Beyond so many users at once, one question for all is cheaper.
_SINGLY = 20
_AWAY_S = 2.0
#: What a runtime reports is nobody's record: how often somebody's own runtimes are looked at for it.
_ENDS_S = 5.0
_WATCHED = frozenset({State.RUNNING, State.FROZEN})


@dataclass
class _Seen:
    """The Hub's word about a user, and when it was given."""

    user: HubUser
    at: float


@dataclass(eq=False)
class Watch:
    """`target` is a user's name, None for everybody. Guarantees: after a change is noted, subscribers get
    the runtime as it is after that change; while nothing changes, the Hub is not asked."""

    runtimes: RuntimeManager
    caller: Caller
    target: str | None
    subscribers: set[Subscriber] = field(default_factory=set)
    rows: dict[Key, Row] = field(default_factory=dict)
    notices: list[dict[str, Any]] = field(default_factory=list)
    hub_up: bool = True
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _dirty: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _whole_at: float = 0.0

    def touch(self, users: frozenset[str] | None) -> None:
        """Something of these users has changed; None: of anybody."""
        if users is None:
            self._whole_at = float("-inf")
            users = frozenset({self.target or self.caller.name, self.caller.name})
        mine = users if self.target is None else users & {self.target, self.caller.name}
        if mine:
            self._dirty |= mine
            self._wake.set()

    async def load(self) -> None:
        """The first list. Raises what the Hub answers."""
        await self._whole()
        await self._read_notices()

    async def run(self) -> None:
        """Until it is cancelled, or the token may look no longer: that ends its subscribers."""
        try:
            while True:
                await self._sleep()
                await self._round()
        except RuntilesError as error:
            self.end(error)

    def end(self, error: RuntilesError) -> None:
        """Nobody is told anything more."""
        for subscriber in self.subscribers:
            subscriber.end(error)

    def snapshot(self) -> list[Message]:
        """What a new subscriber is told first."""
        first = [Message("runtimes", list(self.rows.values())), Message("notices", self.notices)]
        return first if self.hub_up else [*first, Message("hub", {"up": False})]

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._pause())
        except asyncio.TimeoutError:
            pass
        else:
            # Of changes that come in a burst the last is enough.
            await asyncio.sleep(_STEP_S if self._pending() else 0)
        self._wake.clear()

    def _pause(self) -> float:
        if not self.hub_up:
            return _AWAY_S
        if self._pending():
            return _PENDING_S
        rest = max(0.0, self._whole_at + _RESYNC_S - time.monotonic())
        return min(rest, _ENDS_S) if self._watched() else rest

    async def _round(self) -> None:
        dirty, self._dirty = self._dirty, set()
        try:
            if self._is_old() or not self.hub_up or len(dirty | self._pending()) > _SINGLY:
                await self._whole()
            else:
                await self._singly(dirty | self._pending())
            if self.caller.name in dirty or not self.hub_up:
                await self._read_notices()
        except ServiceUnavailable as error:
            self._dirty |= dirty
            self._hub_is(up=False, why=error)
        else:
            self._hub_is(up=True)
        self._look_at_ends()

    def _look_at_ends(self) -> None:
        """Neither the Hub nor the database is asked."""
        for key in self._watched():
            told = self.runtimes.idle((key[0], names.server_name(key[1])))
            if told is not None and not self.caller.may_read_output(key[0]):
                told = idle_view.discreet(told)
            row = self.rows[key]
            if told is not None and (news := idle_view.news(row["idle"], told)):
                self.rows[key] = {**row, "idle": news}
                self._tell(key, self.rows[key])

    def _watched(self) -> list[Key]:
        """Those of one user whose end the service follows. Of everybody's it would be a scan."""
        if self.target is None:
            return []
        return [key for key, row in self.rows.items() if State(row["state"]) in _WATCHED]

    async def _whole(self) -> None:
        # A little apart, so that pages that were opened together do not ask together for ever.
        self._whole_at = time.monotonic() - random.uniform(0, _RESYNC_S / 5)  # noqa: S311 - no secret
        if self.target is None:
            found = await self.runtimes.list_all(self.caller)
            self._replace(self.rows, found)
        else:
            self._seen.pop(self.target, None)
            await self._one(self.target)

    async def _singly(self, users: Iterable[str]) -> None:
        mine = [user for user in users if self.target in (None, user)]
        results = await asyncio.gather(*map(self._one, mine), return_exceptions=True)
        # Not before all have ended: one that is late must not write its old answer over a new one.
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _one(self, name: str) -> None:
        old = [key for key in self.rows if key[0] == name]
        try:
            user = await self._hub_user(name)
            found = await self.runtimes.listing(self.caller, user)
        except NotFound:
            if self.target is not None:
                raise
            self._seen.pop(name, None)
            found = []
        self._replace(old, found)

    async def _hub_user(self, name: str) -> HubUser:
        """Progress moves by our own records: for a launch in progress the last word will do a while."""
        seen = self._seen.get(name)
        if seen and _on_its_way(seen.user) and time.monotonic() - seen.at < _PENDING_S:
            return seen.user
        user = await self.runtimes.user(self.caller, name)
        self._seen[name] = _Seen(user, time.monotonic())
        return user

    def _replace(self, old: Iterable[Key], found: Sequence[Row]) -> None:
        """`old` are keys of the rows that `found` takes the place of."""
        new = {(str(row["user"]), str(row["name"])): row for row in found}
        for key in [key for key in old if key not in new]:
            del self.rows[key]
            self._tell(key, None)
        for key, row in new.items():
            if self.rows.get(key) != row:
                self.rows[key] = row
                self._tell(key, row)

    def _tell(self, key: Key, row: Row | None) -> None:
        for subscriber in self.subscribers:
            subscriber.changed(key, row)

    async def _read_notices(self) -> None:
        if self.caller.kind != "user":
            return
        found = await asyncio.to_thread(listed, self.runtimes.store.notices, self.caller.name)
        if found != self.notices:
            self.notices = found
            self._say(Message("notices", found))

    def _hub_is(self, *, up: bool, why: RuntilesError | None = None) -> None:
        if self.hub_up == up:
            return
        self.hub_up = up
        if why is not None:
            _log.warning("The list of %s stays as it was: %s", self.target or "everybody", why)
        self._say(Message("hub", {"up": up}))

    def _say(self, message: Message) -> None:
        for subscriber in self.subscribers:
            subscriber.say(message)

    def _pending(self) -> set[str]:
        return {key[0] for key, row in self.rows.items() if State(row["state"]) in TRANSIENT}

    def _is_old(self) -> bool:
        return time.monotonic() - self._whole_at >= _RESYNC_S


def _on_its_way(user: HubUser) -> bool:
    return any(server.get("pending") for server in (user.servers or {}).values())
