"""Addresses for programs outside the browser: a token that opens one runtime, for a while."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyterhub.services.auth import check_scopes

from runtiles import names
from runtiles.contract.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from runtiles.service.access import Caller
from runtiles.service.hub import Hub
from runtiles.store import Store
from runtiles.values.text import did_you_mean

from .manager import RuntimeManager
from .view import iso

#: Seconds: how long a token lives unless asked otherwise, and what may be asked for.
DEFAULT_LIFE = 3600
SHORTEST_LIFE = 60
LONGEST_LIFE = 24 * 3600

#: How these tokens are called on the Hub's token page; what else is there is none of our business.
_NOTE = "Runtiles address of "


@dataclass(frozen=True)
class AccessTokens:
    """Made by the Hub with the caller's own token: nobody gets more than the Hub lets them give."""

    hub: Hub
    store: Store
    runtimes: RuntimeManager

    async def make(
        self, caller: Caller, owner: str, name: str, body: Mapping[str, Any], origin: str
    ) -> dict[str, Any]:
        """Where the runtime is, and a token for it: `url`, `token`, `id`, `scopes`, `expires_at`.

        `origin` is the site's address as the caller sees it. Raises InvalidRequest, NotFound,
        Conflict when the runtime does not run, NotAllowed when the token may not make tokens.
        """
        life = lifetime(body)
        found = await self.runtimes.facts(caller, owner, name)
        if not (found.server or {}).get("ready"):
            raise Conflict(f"The runtime {name!r} is {found.state}.", hint="Start it first.")
        scopes = _scopes(owner, name)
        _require(caller, scopes)
        made = await self._ask_hub(caller, owner, name, scopes, life)
        details = {"token": made["id"], "expires_in": life}
        await self._record(caller, "access", owner, name, details)
        return {
            "url": address(found.server or {}, origin),
            "token": made["token"],
            "id": made["id"],
            "scopes": scopes,
            "expires_at": iso(time.time() + life),
        }

    async def revoke(self, caller: Caller, owner: str, name: str, token_id: str) -> None:
        """Ends a token that `make` made for this runtime. Raises NotFound for any other."""
        missing = NotFound("There is no such token for this runtime.")
        try:
            model = await self.hub.token(caller.token, owner, token_id)
        except NotFound:
            raise missing from None
        if model.get("note") != _NOTE + name:
            raise missing
        await self.hub.revoke_token(caller.token, owner, token_id)
        await self._record(caller, "access.revoke", owner, name, {"token": token_id})

    async def _ask_hub(
        self, caller: Caller, owner: str, name: str, scopes: list[str], life: int
    ) -> Mapping[str, Any]:
        try:
            return await self.hub.make_token(
                caller.token, owner, scopes=scopes, life=life, note=_NOTE + name
            )
        except NotAllowed:
            raise NotAllowed(
                "This token may not make tokens.",
                hint="A runtime's own token cannot, and a browser's cannot: log in with a token of "
                "your own, from the Hub's page Token, that has the scope tokens!user or all of yours.",
                details={"scope": f"tokens!user={owner}"},
            ) from None

    async def _record(
        self, caller: Caller, action: str, owner: str, name: str, details: Mapping[str, Any]
    ) -> None:
        target = f"runtime:{owner}/{name}"
        await asyncio.to_thread(self.store.audit.record, caller.name, action, target, details)


def lifetime(body: Mapping[str, Any]) -> int:
    """Seconds from `{"expires_in": N}`, all of it optional. Raises InvalidRequest."""
    problems = {
        key[:100]: f"is not known here.{did_you_mean(key, ('expires_in',))}"
        for key in body
        if key != "expires_in"
    }
    life = body.get("expires_in", DEFAULT_LIFE)
    if type(life) is not int or not SHORTEST_LIFE <= life <= LONGEST_LIFE:
        problems["expires_in"] = f"must be {SHORTEST_LIFE} to {LONGEST_LIFE} seconds"
    if problems:
        raise InvalidRequest(problems)
    return int(life)


def address(server: Mapping[str, Any], origin: str) -> str:
    """The server's address for the outside, ending in a slash.

    The Hub's own word first: it knows of domains per user and of a public address. `origin` else.
    """
    known = server.get("full_url")
    return str(known) if known else origin.rstrip("/") + str(server["url"])


def _scopes(owner: str, name: str) -> list[str]:
    return [f"access:servers!server={owner}/{names.server_name(name)}"]


def _require(caller: Caller, scopes: list[str]) -> None:
    """The Hub compares with what the owner may, not with what the caller's own token may."""
    if not check_scopes(set(scopes), set(caller.scopes)):
        raise NotAllowed(
            "This token does not open this runtime, so it cannot give that away.",
            details={"scope": scopes[0]},
        )
