"""Which runtimes are watched, and under which terms: from our records, and kept so."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from runtiles.catalogue import Catalogue, LiveCatalogue
from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.options.idle_terms import idle_terms
from runtiles.policy import SitePolicy
from runtiles.service.runtimes.changes_tail import ChangesTail
from runtiles.store import LaunchRecord, Store

from .watched import Key, Watched
from .watcher import Watcher

_log = logging.getLogger(__name__)
#: Tiles, pools and clocks may change without a runtime's record changing.
_ANEW_S = 300.0
_AWAY_S = 5.0


@dataclass
class Population:
    """Fills the watcher's board; `launches` is what it watches, by user and server. `freezes`: the service
    sees an engine, so that it can freeze."""

    store: Store
    catalogue: LiveCatalogue
    policy: SitePolicy
    watcher: Watcher
    tail: ChangesTail
    freezes: bool = True
    launches: dict[Key, LaunchRecord] = field(default_factory=dict, repr=False)
    by_launch: dict[str, Key] = field(default_factory=dict, repr=False)
    #: From the first time on that all of them are known.
    known: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _dirty: set[str] | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def run(self) -> None:
        """For ever."""
        await self._join()
        try:
            while True:
                dirty, self._dirty = self._dirty, set()
                if not await self._read(dirty):
                    self._dirty = None
                try:
                    await asyncio.wait_for(self._wake.wait(), _ANEW_S)
                except asyncio.TimeoutError:
                    self._dirty = None
                self._wake.clear()
        finally:
            self.tail.leave(self._touch)

    async def load(self) -> None:
        """All that run now. Raises ServiceUnavailable."""
        found = await asyncio.to_thread(self.store.launches.current)
        self.put(found)
        there = {(launch.user, launch.server) for launch in found}
        for key in self.launches.keys() - there:
            self.forget(key)
        self.known.set()

    def put(self, launches: Iterable[LaunchRecord]) -> None:
        clock, catalogue = self.watcher.clock(), self.catalogue.current
        for launch in launches:
            key = (launch.user, launch.server)
            known = self.launches.get(key)
            if known is not None and known.id != launch.id:
                self.by_launch.pop(known.id, None)
            self.launches[key], self.by_launch[launch.id] = launch, key
            terms = watched(launch, catalogue, self.policy, freezes=self.freezes)
            self.watcher.board.put(key, terms, clock)
        self.watcher.poke()

    def meet(self, launch: LaunchRecord) -> None:
        """One that runs, as the Hub says, and may not be watched yet: our records follow a little later."""
        if launch.ended_at is None and (launch.user, launch.server) not in self.launches:
            self.put([launch])

    def changed(self, launch: LaunchRecord) -> None:
        """One that is watched has another end, or runs no longer."""
        known = self.launches.get((launch.user, launch.server))
        if known is not None and known.id == launch.id:
            if _runs(launch):
                self.put([launch])
            else:
                self.forget((launch.user, launch.server))

    def forget(self, key: Key) -> None:
        launch = self.launches.pop(key, None)
        if launch is not None:
            self.by_launch.pop(launch.id, None)
        self.watcher.board.forget(key)
        self.watcher.poke()

    async def _join(self) -> None:
        while True:
            try:
                await self.tail.join(self._touch)
            except RuntilesError as error:
                _log.warning("The changes cannot be read yet: %s", error)
                await asyncio.sleep(_AWAY_S)
            else:
                return

    def _touch(self, users: frozenset[str] | None) -> None:
        if users is None:
            self._dirty = None
        elif self._dirty is not None:
            self._dirty |= users
        self._wake.set()

    async def _read(self, users: set[str] | None) -> bool:
        """Of these users, of everybody for None. False when the database does not answer."""
        try:
            if users is None:
                await self.load()
            elif users:
                await self._read_some(users)
        except RuntilesError as error:
            _log.warning("Which runtimes there are is not known: %s", error)
            self._wake.set()
            await asyncio.sleep(_AWAY_S)
            return False
        return True

    async def _read_some(self, users: set[str]) -> None:
        found = await asyncio.to_thread(self._of_users, users)
        there = {(launch.user, launch.server): launch for launch in found if _runs(launch)}
        for key in [key for key in self.launches if key[0] in users and key not in there]:
            self.forget(key)
        changed = [launch for key, launch in there.items() if self.launches.get(key) != launch]
        if changed:
            self.put(changed)

    def _of_users(self, users: Iterable[str]) -> list[LaunchRecord]:
        return [launch for user in users for launch in self.store.launches.runtimes(user)]


def watched(
    launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy, *, freezes: bool = True
) -> Watched:
    """The terms of a running launch, as its request, its tile and its machine have them now, and its user's
    groups had them at its start. What would be frozen where nothing can be is paused: people are told so
    from the beginning. Pure."""
    pause_at = None
    if launch.frozen_at is not None and policy.freeze_for is not None:
        pause_at = launch.frozen_at + policy.freeze_for
    ends, began = expires(launch, policy), launch.started_at or launch.created
    terms = policy_of(launch, catalogue, policy)
    if terms is not None and terms.action == "freeze" and not freezes:
        terms = terms.model_copy(update={"action": "pause"})
    return Watched(
        launch.id,
        policy=terms,
        expires=ends,
        lasts=None if ends is None else ends - began,
        held_until=launch.held_until,
        frozen=launch.frozen_at is not None,
        pause_at=pause_at,
    )


def policy_of(launch: LaunchRecord, catalogue: Catalogue, policy: SitePolicy) -> IdlePolicy | None:
    """None: nothing is ever done about its idleness."""
    try:
        tile = catalogue.tile(launch.tile)
    except NotFound:
        tile = None
    try:
        pool = catalogue.machine(launch.machine).pool
    except NotFound:
        pool = ""
    return idle_terms(launch.options.get("idle") or {}, tile, pool, policy, launch.teams)


def expires(launch: LaunchRecord, policy: SitePolicy) -> float | None:
    """The end of its reservation, or of the longest that anything lasts on this site."""
    ends = launch.ends_at
    if policy.max_age is not None and launch.started_at is not None:
        oldest = launch.started_at + policy.max_age
        ends = oldest if ends is None else min(ends, oldest)
    return ends


def _runs(launch: LaunchRecord) -> bool:
    return launch.state == "running" and launch.ended_at is None
