"""GET /secrets, PUT and DELETE /secrets/NAME, GET /admin/secrets"""

from typing import Any

from tornado.web import RequestHandler

from runtiles.contract.errors import InvalidRequest
from runtiles.service.admin.base import AdminHandler
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import USER, Query, operation
from runtiles.service.openapi.models.requests import SecretValue
from runtiles.service.openapi.models.secrets import AdminSecrets, Secret
from runtiles.service.runtimes.view import iso
from runtiles.store import SecretInfo

from .manager import Holder

_WHOSE = (USER, Query("team", "Instead of a user's: those of this team"))
_SCOPES = ("start:servers",)


class SecretsHandler(ApiHandler):
    """The caller's own and those of their teams; with `?team=` that team's."""

    @operation("Names of secrets, never values", answer=list[Secret], query=_WHOSE, scopes=_SCOPES)
    async def get(self) -> None:
        team = self.get_query_argument("team", "")
        secrets = self.context.secrets
        if team:
            found = await secrets.of_team(self.caller, team)
        else:
            found = await secrets.usable(self.caller, self.owner)
        self.answer([_public(info) for info in found])


class SecretHandler(ApiHandler):
    """One of the caller's own; with `?team=` one of that team's."""

    @operation("Write a secret", status=204, body=SecretValue, query=_WHOSE, scopes=_SCOPES)
    async def put(self, name: str) -> None:
        # Before the body: who may not write is told that, and not how to do it.
        holder = self._holder
        self.context.secrets.check_writer(self.caller, holder)
        body = self.json_object()
        value = body.pop("value", None)
        if not isinstance(value, str):
            raise InvalidRequest({"value": "must be text"})
        if body:
            raise InvalidRequest(dict.fromkeys(body, "unknown key"))
        await self.context.secrets.put(self.caller, holder, name, value)
        self.set_status(204)

    @operation("Forget a secret", status=204, query=_WHOSE, scopes=_SCOPES)
    async def delete(self, name: str) -> None:
        await self.context.secrets.delete(self.caller, self._holder, name)
        self.set_status(204)

    @property
    def _holder(self) -> Holder:
        team = self.get_query_argument("team", "")
        if team and self.get_query_argument("user", ""):
            raise InvalidRequest({"team": "cannot be asked for together with 'user'"})
        return Holder("team", team) if team else Holder("user", self.owner)


class AdminSecretsHandler(AdminHandler):
    """Everybody's, by name only."""

    @operation("Names of everybody's secrets", answer=AdminSecrets, access="admin")
    async def get(self) -> None:
        self.only()
        found = await self.context.secrets.everybodys()
        shown = [
            {"kind": i.kind, "owner": i.owner, "name": i.name, "updated": iso(i.updated)}
            for i in found
        ]
        self.answer({"items": shown})


def _public(info: SecretInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "scope": info.kind,
        "team": info.owner if info.kind == "team" else None,
        "created": iso(info.created),
        "updated": iso(info.updated),
    }


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/secrets", SecretsHandler),
    (r"/secrets/([^/]+)", SecretHandler),
    (r"/admin/secrets", AdminSecretsHandler),
]
