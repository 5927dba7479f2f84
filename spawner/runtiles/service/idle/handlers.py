"""POST /launch-spec/NAME/activity?launch=ID, GET /runtimes/NAME/idle"""

from http import HTTPStatus

from tornado.web import RequestHandler

from runtiles import names
from runtiles.contract.errors import Conflict
from runtiles.lifecycle import State
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import USER, Query, operation
from runtiles.service.openapi.models.idle import IdleState, Report, Told
from runtiles.service.runtimes.idle_view import discreet

_NAME = r"([^/]+)"


class ActivityHandler(ApiHandler):
    """Only for the runtime itself, with its control key: neither the Hub nor the database is asked. Most
    reports never come here: `server.ReportServer` takes them."""

    async def prepare(self) -> None:
        self._prepared = True

    @operation(
        "A runtime tells of its activity, and is told when it ends",
        body=Report,
        answer=Told,
        also={204: "No news: what was answered last still holds"},
        query=[Query("launch", "The id of the launch", required=True)],
        errors=[Conflict],
        access="runtime",
    )
    async def post(self, name: str) -> None:  # noqa: ARG002 - the launch says it
        authorization = self.request.headers.get("Authorization", "")
        launch = self.get_query_argument("launch", "")
        found = await self.context.idle.intake.heard(launch, authorization, self.raw())
        if found is None:
            self.set_status(HTTPStatus.NO_CONTENT)
        else:
            self.answer(found)


class IdleHandler(ApiHandler):
    @operation(
        "Why a runtime is alive, and when it ends",
        answer=IdleState,
        query=[USER],
        scopes=("read:servers",),
        errors=[Conflict],
    )
    async def get(self, name: str) -> None:
        # As the Hub has it now: the watch follows a moment later.
        found = await self.context.runtimes.facts(self.caller, self.owner, name)
        idle = found.idle
        if idle is None and found.state is State.RUNNING and found.launch is not None:
            # It has just started.
            self.context.idle.population.meet(found.launch)
            idle = self.context.idle.desk.shown((self.owner, names.server_name(name)))
        if idle is None:
            raise Conflict("This runtime is not running.", hint="Start it first.")
        whole = self.caller.may_read_output(self.owner)
        self.answer(idle if whole else discreet(idle))


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (rf"/runtimes/{_NAME}/idle", IdleHandler),
    (rf"/launch-spec/{_NAME}/activity", ActivityHandler),
]
