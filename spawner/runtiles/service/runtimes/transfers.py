"""Variables from a kernel of one runtime to a kernel of another one of the same user.

The bytes never come through here: they go over the storage that both have, or from server to server.
"""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from runtiles.contract.errors import Conflict, RuntilesError
from runtiles.lifecycle import State
from runtiles.service.access import Caller
from runtiles.service.openapi.models.transfers import TransferRequest
from runtiles.store import LaunchRecord

from .gateway import Gateway, RuntimeRefused
from .manager import RuntimeManager

_log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{32}")
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,200}")
_MOST_URLS = 8
#: As long as a big transfer over a slow network may take.
_LONGEST_S = 4 * 3600.0


@dataclass(frozen=True)
class Transfers:
    runtimes: RuntimeManager
    gateway: Gateway
    #: Of the Hub's proxy, for a target that cannot reach the source itself; empty where it is not known.
    public_url: str = ""

    async def may(self, caller: Caller, owner: str, name: str) -> None:
        """Raises NotFound, NotAllowed."""
        await self.runtimes.facts(caller, owner, name)
        caller.require_output(owner)

    async def transfer(
        self, caller: Caller, owner: str, name: str, request: TransferRequest
    ) -> dict[str, Any]:
        """The result, variable by variable. The runtime that is copied from stays as it is, and nothing of
        the transfer is left in either, whatever happens.

        Raises NotFound, NotAllowed, Conflict for a runtime that does not run, and what the runtimes say.
        """
        await self.may(caller, owner, name)
        source = await self._running(caller, owner, name)
        other = request.to.runtime or name
        if other == name:
            body = request.model_dump(by_alias=True)
            body["to"]["runtime"] = None
            return await self._ask(source, "transfer", body)
        target = await self._running(caller, owner, other)
        wanted = request.model_dump(include=set(_WANTED))
        if request.dry_run:
            return await self._preview(source, target, request, wanted)
        return await self._across(source, target, request, wanted)

    async def _preview(
        self,
        source: LaunchRecord,
        target: LaunchRecord,
        request: TransferRequest,
        wanted: Mapping[str, Any],
    ) -> dict[str, Any]:
        body = {**wanted, "kernel": request.source.kernel}
        plan = (await self._ask(source, "transfers", body))["plan"]
        body = {**wanted, "kernel": request.to.kernel, "plan": plan}
        same = source.storage is not None and source.storage == target.storage
        way = "storage" if same else "http"
        return {**await self._ask(target, "transfers/preview", body), "way": way}

    async def _across(
        self,
        source: LaunchRecord,
        target: LaunchRecord,
        request: TransferRequest,
        wanted: Mapping[str, Any],
    ) -> dict[str, Any]:
        given = await self._ask(source, "transfers", {**wanted, "kernel": request.source.kernel})
        transfer, ticket, urls = checked(given)
        urls += [source.address, *_public(self.public_url, source.address)]
        body = {
            **wanted,
            "kernel": request.to.kernel,
            "source": {"urls": urls, "ticket": ticket},
        }
        try:
            result = await self._ask(target, f"transfers/{transfer}/load", body)
        finally:
            await self._end(source, transfer)
        breaks = result.pop("resumed", 0)
        if breaks:
            _log.info("transfer %s went on after %r broken connections", transfer, breaks)
        result["seconds"] = round(result["seconds"] + given["saved"]["seconds"], 3)
        return result

    async def _end(self, source: LaunchRecord, transfer: str) -> None:
        try:
            await self.gateway.ask(source, "DELETE", f"transfers/{transfer}")
        except RuntilesError as error:
            # It removes it by itself after a while, or at its next start.
            _log.info("transfer %s is left to its source: %s", transfer, error.code)

    async def _ask(
        self, launch: LaunchRecord, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        found: dict[str, Any] = await self.gateway.ask(
            launch, "POST", path, body, timeout=_LONGEST_S
        )
        return found

    async def _running(self, caller: Caller, owner: str, name: str) -> LaunchRecord:
        found = await self.runtimes.facts(caller, owner, name)
        if found.state is not State.RUNNING or found.launch is None or not found.launch.address:
            raise Conflict(
                f"The runtime {name!r} is {found.state}.",
                hint="Variables are copied between runtimes that run.",
                details={"runtime": name, "state": str(found.state)},
            )
        return found.launch


def checked(given: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """Id, ticket and addresses, from what the source says. Raises RuntimeRefused: the id becomes a part of
    what is asked of another runtime."""
    transfer, ticket, urls = given.get("id"), given.get("ticket"), given.get("urls", [])
    if (
        not (isinstance(transfer, str) and _ID.fullmatch(transfer))
        or not (isinstance(ticket, str) and _TICKET.fullmatch(ticket))
        or not (isinstance(urls, list) and all(isinstance(each, str) for each in urls))
    ):
        raise RuntimeRefused("The runtime answered what nobody understands.")
    return transfer, ticket, urls[:_MOST_URLS]


_WANTED = ("names", "rename", "overwrite", "dry_run", "patience")


def public_url(environ: Mapping[str, str] = os.environ) -> str:
    """Where the proxy is, if the Hub has told."""
    hub = environ.get("JUPYTERHUB_PUBLIC_HUB_URL", "")
    return urlunsplit((*urlsplit(hub)[:2], "", "", "")) if hub else ""


def _public(origin: str, address: str) -> list[str]:
    return [origin.rstrip("/") + urlsplit(address).path] if origin else []
