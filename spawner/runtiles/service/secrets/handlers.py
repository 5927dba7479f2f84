"""GET /secrets, PUT and DELETE /secrets/NAME"""

import asyncio
from typing import Any

from runtiles.contract.errors import InvalidRequest
from runtiles.service.base import ApiHandler
from runtiles.service.runtimes.view import iso
from runtiles.store import SecretInfo

#: Who may start a user's servers gets at the secrets anyway, from inside; nobody else.
_SCOPE = "start:servers"


class SecretsHandler(ApiHandler):
    async def get(self) -> None:
        self.caller.require(_SCOPE, self.owner)
        found = await asyncio.to_thread(self.context.store.secrets.list, self.owner)
        self.answer([_public(info) for info in found])


class SecretHandler(ApiHandler):
    async def put(self, name: str) -> None:
        self.caller.require(_SCOPE, self.owner)
        body = self.json_object()
        value = body.pop("value", None)
        if not isinstance(value, str):
            raise InvalidRequest({"value": "must be text"})
        if body:
            raise InvalidRequest(dict.fromkeys(body, "unknown key"))
        await asyncio.to_thread(self.context.store.secrets.put, self.owner, name, value)
        self.set_status(204)

    async def delete(self, name: str) -> None:
        self.caller.require(_SCOPE, self.owner)
        await asyncio.to_thread(self.context.store.secrets.delete, self.owner, name)
        self.set_status(204)


def _public(info: SecretInfo) -> dict[str, Any]:
    return {"name": info.name, "created": iso(info.created), "updated": iso(info.updated)}
