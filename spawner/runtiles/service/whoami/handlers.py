"""GET /whoami"""

from pydantic import BaseModel
from tornado.web import RequestHandler

from runtiles.service.base import ApiHandler
from runtiles.service.openapi import operation


class WhoAmI(BaseModel):
    """`teams` are the owner's groups in the Hub; `scopes` what the token may do there."""

    name: str
    kind: str
    admin: bool
    teams: list[str]
    scopes: list[str]


class WhoAmIHandler(ApiHandler):
    @operation("Whose token this is, and what it may do", answer=WhoAmI)
    def get(self) -> None:
        caller = self.caller
        found = WhoAmI(
            name=caller.name,
            kind=caller.kind,
            admin=caller.is_admin,
            teams=sorted(caller.groups),
            scopes=sorted(caller.scopes),
        )
        self.answer(found.model_dump())


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/whoami", WhoAmIHandler)]
