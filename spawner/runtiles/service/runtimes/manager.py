"""What can be done with runtimes. The Hub decides who may; our records tell what became of them."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from runtiles import names
from runtiles.catalogue import LiveCatalogue, Tile
from runtiles.contract.errors import Conflict, NotAllowed, NotFound, ServiceUnavailable
from runtiles.lifecycle import State
from runtiles.service.access import Caller
from runtiles.service.errors import HubRefused
from runtiles.service.hub import Hub, HubUser
from runtiles.store import Store, forget_typed

from .directory import Directory
from .records import ByServer, Record, Records
from .turns import Turns
from .view import Facts, to_json

_log = logging.getLogger(__name__)

_GONE_WITHIN_S = 30.0
_GONE_INTERVAL_S = 0.2
_TRIES = 20


@dataclass(frozen=True)
class RuntimeManager:
    """`caller` is who asks, `owner` whose runtimes are meant; the two differ for admins only."""

    hub: Hub
    store: Store
    catalogue: LiveCatalogue
    directory: Directory
    records: Records
    #: Whoever decides by what a user has, and adds to it or takes from it, does so in the user's turn.
    turns: Turns = field(default_factory=Turns, repr=False)
    #: Why a running one is alive, by user and server; None for one that nobody watches.
    idle: Callable[[tuple[str, str]], Mapping[str, Any] | None] = field(
        default=lambda _: None, repr=False
    )

    async def of_user(self, caller: Caller, owner: str) -> list[dict[str, Any]]:
        """All runtimes of a user, stopped ones included. Raises NotAllowed, NotFound."""
        return await self.listing(caller, await self.user(caller, owner))

    async def listing(self, caller: Caller, user: HubUser) -> list[dict[str, Any]]:
        """The same, of a user whom the Hub has shown to this caller."""
        records = await self.records.of_user(user.name)
        return [_shown(caller, facts) for facts in self._listed(caller, user, records)]

    async def list_all(self, caller: Caller) -> list[dict[str, Any]]:
        """The runtimes of everybody whom the caller may list."""
        users = [u for u in await self.directory.users(caller.token) if u.servers is not None]
        records = await self.records.of_everybody()
        return [
            _shown(caller, facts)
            for user in users
            for facts in self._listed(caller, user, records.get(user.name, {}))
        ]

    async def show(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """Raises NotFound."""
        return _shown(caller, await self.facts(caller, owner, name))

    async def facts(self, caller: Caller, owner: str, name: str) -> Facts:
        """Raises NotFound, also for what the caller may not see."""
        user = await self.user(caller, owner)
        server = names.server_name(name)
        found = self._facts(user, server, await self.records.of_runtime(owner, server))
        if found.server is None and (found.launch is None or not caller.may("read:servers", owner)):
            raise NotFound(f"There is no runtime {name!r}.")
        return found

    async def user(self, caller: Caller, owner: str) -> HubUser:
        """The owner as the Hub shows them to the caller. Raises NotAllowed, NotFound."""
        try:
            user = await self.hub.user(caller.token, owner)
        except NotFound:
            # The Hub says the same of a user who does not exist and of one who is none of the caller's
            # business; for oneself it can only be the latter.
            raise (_no_servers() if owner == caller.name else NotFound("No such user.")) from None
        if user.servers is None:
            raise _no_servers()
        return user

    async def stop(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """Returns the runtime, stopping or stopped. Raises NotFound, NotAllowed, and Conflict while it is
        being paused."""
        found = await self.facts(caller, owner, name)
        if found.pausing:
            raise being_paused(name)
        if found.server is not None and not found.server.get("stopped"):
            await self._end(caller, owner, names.server_name(name), remove=False)
            await self._changed(owner, names.server_name(name))
        return await self.show(caller, owner, name)

    async def end(self, caller: Caller, owner: str, name: str) -> None:
        """The same for whoever knows that it runs, and wants to see nothing of it: one call of the Hub."""
        server = names.server_name(name)
        await self._end(caller, owner, server, remove=False)
        await self._changed(owner, server)

    async def rename(self, caller: Caller, owner: str, name: str, title: str) -> dict[str, Any]:
        """What its owner calls it from now on; empty: its tile's title again. Returns the runtime.

        Raises NotFound, NotAllowed.
        """
        await self.facts(caller, owner, name)
        caller.require("start:servers", owner)
        server = names.server_name(name)
        await asyncio.to_thread(self.store.titles.put, owner, server, title)
        try:
            return await self.show(caller, owner, name)
        except NotFound:
            # It was deleted meanwhile: the next one of this name shall not be called so.
            await asyncio.to_thread(self.store.titles.put, owner, server, "")
            raise

    async def delete(self, caller: Caller, owner: str, name: str) -> None:
        """Stop it in whatever state it is, remove it from the Hub, forget our records.

        The user's files stay. Raises NotFound, NotAllowed, and Conflict while it is being paused, which
        only an admin may cut off.
        """
        found, server = await self.facts(caller, owner, name), names.server_name(name)
        if found.pausing and not caller.is_admin:
            raise being_paused(name)
        if found.server is not None:
            await self._end(caller, owner, server, remove=bool(server))
        else:
            caller.require("delete:servers", owner)
        deadline = time.monotonic() + _GONE_WITHIN_S
        while not await self.forgotten(caller, owner, name):
            if time.monotonic() > deadline:
                raise ServiceUnavailable(
                    "The Hub is still stopping this runtime.", hint="Delete it again in a minute."
                )
            await asyncio.sleep(_GONE_INTERVAL_S)

    async def _end(self, caller: Caller, owner: str, server: str, *, remove: bool) -> None:
        """Asks the Hub to. Fine where somebody else ended it meanwhile: the Hub (6.1) fails then, also
        while the other one is still at it, so it is asked again."""
        for left in reversed(range(_TRIES)):
            try:
                if remove:
                    await self.hub.remove(caller.token, owner, server)
                else:
                    await self.hub.stop(caller.token, owner, server)
            except (HubRefused, NotFound):
                model = await self._model(caller, owner, server)
                if model is None or (not remove and model.get("stopped")):
                    return
                if not left:
                    raise
                await asyncio.sleep(_GONE_INTERVAL_S)
                if remove:
                    # What the other one's stop left active cannot be removed: it is stopped first.
                    with suppress(HubRefused, NotFound, Conflict):
                        await self.hub.stop(caller.token, owner, server)
            else:
                return

    async def _model(self, caller: Caller, owner: str, server: str) -> Mapping[str, Any] | None:
        return ((await self.user(caller, owner)).servers or {}).get(server)

    async def _changed(self, owner: str, server: str) -> None:
        """The Hub has begun something: lists and pages shall say so before anybody records its end."""
        try:
            await asyncio.to_thread(self.store.changes.note, owner, server)
        except ServiceUnavailable as error:
            # It has begun all the same, and may be what makes room on a full disk.
            _log.warning("%s of %s changes unseen: %s", server or "(default)", owner, error)

    async def forgotten(self, caller: Caller, owner: str, name: str) -> bool:
        """Forgets it if the Hub has: it may still be stopping it, and records that are written after we
        forgot would be left over. No launch begins in between, whose records these would be."""
        server = names.server_name(name)
        async with self.turns.of(owner):
            model = await self._model(caller, owner, server)
            if model is not None and (server or not model.get("stopped")):
                return False
            await asyncio.to_thread(self.store.launches.forget, owner, server)
            await asyncio.to_thread(forget_typed, self.store.secrets, owner, name)
            return True

    def _listed(self, caller: Caller, user: HubUser, records: ByServer) -> Iterator[Facts]:
        # Who may read one server of somebody (a share) sees that one, as the Hub does: a server that
        # only our records know is for those who may read them all.
        own = records if caller.may("read:servers", user.name) else {}
        for server in {**dict.fromkeys(own), **(user.servers or {})}:
            facts = self._facts(user, server, records.get(server, Record()))
            if _worth_listing(facts):
                yield facts

    def _facts(self, user: HubUser, server: str, record: Record) -> Facts:
        model, launch = (user.servers or {}).get(server), record.launch
        return Facts(
            user=user.name,
            name=names.runtime_name(server),
            server=model,
            launch=launch,
            last=record.last,
            tile=self._tile(launch.tile if launch else (model or {})),
            title=record.title,
            idle=self.idle((user.name, server)) if model and model.get("ready") else None,
            pause=record.pause,
        )

    def _tile(self, source: str | Mapping[str, Any]) -> Tile | None:
        slug = source if isinstance(source, str) else (source.get("user_options") or {}).get("tile")
        try:
            return self.catalogue.current.tile(slug) if isinstance(slug, str) else None
        except NotFound:
            return None


def _shown(caller: Caller, facts: Facts) -> dict[str, Any]:
    return to_json(facts, whole=caller.may_read_output(facts.user))


def being_paused(name: str) -> Conflict:
    """For whoever would disturb a snapshot that is being written."""
    return Conflict(
        f"The runtime {name!r} is being paused.",
        hint="Wait until it is paused, or the pause has failed.",
        details={"state": str(State.PAUSING)},
    )


def _worth_listing(facts: Facts) -> bool:
    """A named server that the Hub does not know is gone; the unnamed one exists once it was used."""
    if facts.name != names.runtime_name(""):
        return facts.server is not None
    return facts.launch is not None or facts.state is not State.STOPPED


def _no_servers() -> NotAllowed:
    return NotAllowed(
        "This token may not read these runtimes.",
        hint="A token for Runtiles needs the scopes access:services!service=runtiles and servers!user.",
        details={"scope": "read:servers"},
    )
