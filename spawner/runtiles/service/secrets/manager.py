"""Whose secret is whose: a person's own, and those of the teams that the Hub has as groups."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from runtiles.contract.errors import NotAllowed, NotFound
from runtiles.service.access import Caller
from runtiles.service.hub import Hub
from runtiles.store import Kind, SecretInfo, Store

#: Who may start a user's servers gets at the secrets anyway, from inside; nobody else.
_SCOPE = "start:servers"


@dataclass(frozen=True)
class Holder:
    """The owner of a secret."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class SecretManager:
    """`caller` is who asks. Members of a team use its secrets and see their names; who may change the
    group in the Hub may write them."""

    hub: Hub
    store: Store

    async def usable(self, caller: Caller, user: str) -> Sequence[SecretInfo]:
        """The user's own secrets and those of their teams. Raises NotAllowed."""
        caller.require(_SCOPE, user)
        teams = await self._teams(caller, user)
        return await asyncio.to_thread(self.store.secrets.usable, user, teams)

    async def of_team(self, caller: Caller, team: str) -> Sequence[SecretInfo]:
        """Raises NotAllowed for who is neither a member nor may write them."""
        member = team in caller.groups and caller.may(_SCOPE, caller.name)
        if not member and not caller.manages(team):
            raise _not_your_team(team)
        return await asyncio.to_thread(self.store.secrets.list, team, kind="team")

    async def everybodys(self) -> Sequence[SecretInfo]:
        """For admins; whoever calls has looked at that."""
        return await asyncio.to_thread(self.store.secrets.all)

    async def put(self, caller: Caller, holder: Holder, name: str, value: str) -> None:
        """Raises NotAllowed, InvalidRequest, NotFound for a team that the Hub does not know."""
        self.check_writer(caller, holder)
        if holder.kind == "team":
            await self._check_team(caller, holder.name)
        put = self.store.secrets.put
        await asyncio.to_thread(put, holder.name, name, value, kind=holder.kind)
        await self._note(caller, "secret.put", holder, name)

    async def delete(self, caller: Caller, holder: Holder, name: str) -> None:
        """Raises NotAllowed, NotFound."""
        self.check_writer(caller, holder)
        delete = self.store.secrets.delete
        await asyncio.to_thread(delete, holder.name, name, kind=holder.kind)
        await self._note(caller, "secret.delete", holder, name)

    def check_writer(self, caller: Caller, holder: Holder) -> None:
        """Raises NotAllowed for who may not write this owner's secrets."""
        if holder.kind == "user":
            caller.require(_SCOPE, holder.name)
        elif not caller.manages(holder.name):
            raise _not_your_team(holder.name)

    async def _check_team(self, caller: Caller, team: str) -> None:
        """A slip in its name would make a secret that nobody ever finds."""
        try:
            await self.hub.check_group(caller.token, team)
        except NotFound:
            raise NotFound(f"There is no team {team!r}: a team is a group of the Hub.") from None

    async def _teams(self, caller: Caller, user: str) -> frozenset[str]:
        """Nobody is told of teams that they may not read."""
        if user == caller.name and caller.kind == "user":
            return caller.groups
        try:
            return frozenset((await self.hub.user(caller.token, user)).groups or ())
        except NotFound:
            raise NotFound("No such user.") from None

    async def _note(self, caller: Caller, action: str, holder: Holder, name: str) -> None:
        target = f"secret:{holder}/{name}"
        await asyncio.to_thread(self.store.audit.record, caller.name, action, target)


def _not_your_team(team: str) -> NotAllowed:
    return NotAllowed(
        f"This token may not do that with the secrets of the team {team!r}.",
        hint="Members use them; who may change the group writes them.",
        details={"scope": f"groups!group={team}"},
    )
