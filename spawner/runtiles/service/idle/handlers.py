"""POST /launch-spec/NAME/activity?launch=ID, GET /runtimes/NAME/idle"""

from tornado.web import RequestHandler

from runtiles import names
from runtiles.contract.errors import Conflict
from runtiles.contract.state import CONTROL_SCHEME
from runtiles.service.base import ApiHandler, ServiceHandler
from runtiles.service.bodies import json_object
from runtiles.service.errors import TooLarge, Unauthenticated
from runtiles.service.openapi import USER, Query, operation
from runtiles.service.openapi.models.idle import IdleState, Report

_NAME = r"([^/]+)"
_MAX_REPORT = 512 * 1024


class ActivityHandler(ServiceHandler):
    """Only for the runtime itself, with its control key: neither the Hub nor the database is asked."""

    @operation(
        "A runtime tells of its activity, and is told when it ends",
        body=Report,
        answer=IdleState,
        query=[Query("launch", "The id of the launch", required=True)],
        access="runtime",
    )
    async def post(self, name: str) -> None:  # noqa: ARG002 - the launch says it
        scheme, _, key = self.request.headers.get("Authorization", "").partition(" ")
        if scheme != CONTROL_SCHEME:
            raise Unauthenticated("The runtime's key is missing.")
        if len(self.request.body) > _MAX_REPORT:
            raise TooLarge(f"A report has no more than {_MAX_REPORT} bytes.")
        desk, launch = self.context.idle.desk, self.get_query_argument("launch", "")
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.write(await desk.heard(launch, key.strip(), json_object(self.request.body)))


class IdleHandler(ApiHandler):
    @operation(
        "Why a runtime is alive, and when it ends",
        answer=IdleState,
        query=[USER],
        scopes=("read:servers",),
        errors=[Conflict],
    )
    async def get(self, name: str) -> None:
        await self.context.runtimes.facts(self.caller, self.owner, name)
        shown = self.context.idle.desk.shown((self.owner, names.server_name(name)))
        if shown is None:
            raise Conflict("This runtime is not running.", hint="Start it first.")
        self.answer(shown)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (rf"/runtimes/{_NAME}/idle", IdleHandler),
    (rf"/launch-spec/{_NAME}/activity", ActivityHandler),
]
