"""What can be done with runtimes. The Hub decides who may; our records tell what became of them."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles import names
from runtiles.catalogue import Catalogue, Tile
from runtiles.contract.errors import NotAllowed, NotFound, ServiceUnavailable
from runtiles.lifecycle import State
from runtiles.service.access import Caller
from runtiles.service.hub import Hub, HubUser
from runtiles.store import LaunchRecord, Store, forget_typed

from .view import Facts, to_json

_GONE_WITHIN_S = 30.0
_GONE_INTERVAL_S = 0.2


@dataclass(frozen=True)
class RuntimeManager:
    """`caller` is who asks, `owner` whose runtimes are meant; the two differ for admins only."""

    hub: Hub
    store: Store
    catalogue: Catalogue

    async def of_user(self, caller: Caller, owner: str) -> list[dict[str, Any]]:
        """All runtimes of a user, stopped ones included. Raises NotAllowed, NotFound."""
        return await self._all(caller, await self.user(caller, owner))

    async def list_all(self, caller: Caller) -> list[dict[str, Any]]:
        """The runtimes of everybody whom the caller may list."""
        users = await self.hub.users(caller.token)
        readable = [user for user in users if user.servers is not None]
        return [found for user in readable for found in await self._all(caller, user)]

    async def show(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """Raises NotFound."""
        return to_json(await self.facts(caller, owner, name))

    async def facts(self, caller: Caller, owner: str, name: str) -> Facts:
        """Raises NotFound, also for what the caller may not see."""
        user = await self.user(caller, owner)
        launch = await asyncio.to_thread(self.store.launches.latest, owner, names.server_name(name))
        found = await self._facts(user, names.server_name(name), launch)
        if found.server is None and (launch is None or not caller.may("read:servers", owner)):
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
        """Returns the runtime, stopping or stopped. Raises NotFound, NotAllowed."""
        found = await self.facts(caller, owner, name)
        if found.server is not None and not found.server.get("stopped"):
            await self.hub.stop(caller.token, owner, names.server_name(name))
        return await self.show(caller, owner, name)

    async def delete(self, caller: Caller, owner: str, name: str) -> None:
        """Stop it in whatever state it is, remove it from the Hub, forget our records.

        The user's files stay. Raises NotFound, NotAllowed.
        """
        found, server = await self.facts(caller, owner, name), names.server_name(name)
        if server and found.server is not None:
            await self.hub.remove(caller.token, owner, server)
        elif found.server is not None:
            await self.hub.stop(caller.token, owner, server)
        else:
            caller.require("delete:servers", owner)
        await self._until_gone(caller, owner, server)
        await asyncio.to_thread(self.store.launches.forget, owner, server)
        await asyncio.to_thread(forget_typed, self.store.secrets, owner, name)

    async def _until_gone(self, caller: Caller, owner: str, server: str) -> None:
        """The Hub may still be stopping it; records written after we forgot would be left over."""
        deadline = time.monotonic() + _GONE_WITHIN_S
        while True:
            model = ((await self.user(caller, owner)).servers or {}).get(server)
            if model is None or (not server and model.get("stopped")):
                return
            if time.monotonic() > deadline:
                raise ServiceUnavailable(
                    "The Hub is still stopping this runtime.", hint="Delete it again in a minute."
                )
            await asyncio.sleep(_GONE_INTERVAL_S)

    async def _all(self, caller: Caller, user: HubUser) -> list[dict[str, Any]]:
        launches = await asyncio.to_thread(self.store.launches.runtimes, user.name)
        by_server = {launch.server: launch for launch in launches}
        # Who may read one server of somebody (a share) sees that one, as the Hub does: a server that
        # only our records know is for those who may read them all.
        own = by_server if caller.may("read:servers", user.name) else {}
        known = {**dict.fromkeys(own), **(user.servers or {})}
        found = [await self._facts(user, server, by_server.get(server)) for server in known]
        return [to_json(facts) for facts in found if _worth_listing(facts)]

    async def _facts(self, user: HubUser, server: str, launch: LaunchRecord | None) -> Facts:
        last = await asyncio.to_thread(self.store.events.last, launch.id) if launch else None
        model = (user.servers or {}).get(server)
        return Facts(
            user=user.name,
            name=names.runtime_name(server),
            server=model,
            launch=launch,
            last=last.event if last else None,
            tile=self._tile(launch.tile if launch else (model or {})),
        )

    def _tile(self, source: str | Mapping[str, Any]) -> Tile | None:
        slug = source if isinstance(source, str) else (source.get("user_options") or {}).get("tile")
        try:
            return self.catalogue.tile(slug) if isinstance(slug, str) else None
        except NotFound:
            return None


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
