"""/admin/drain: GET, POST, DELETE; POST /admin/drain/resume"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict
from runtiles.service.admin.base import AdminHandler
from runtiles.service.errors import HubRefused
from runtiles.service.openapi import operation
from runtiles.service.openapi.models.admin import Drain


class DrainBody(BaseModel):
    """`message` is what users read: in a notice, and when a launch is refused."""

    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, Field(max_length=2000)] = ""
    action: Literal["pause", "stop"] = "pause"


class NothingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DrainHandler(AdminHandler):
    @operation("The drain, and what became of each runtime", answer=Drain, access="admin")
    async def get(self) -> None:
        self.only()
        self.answer(await self.context.admin.drain.show())

    @operation(
        "Refuse launches, and put aside what runs",
        body=DrainBody,
        body_required=False,
        answer=Drain,
        status=202,
        errors=[Conflict, HubRefused],
        access="admin",
    )
    async def post(self) -> None:
        self.only()
        body = self.body(DrainBody)
        drain = self.context.admin.drain.drain
        self.set_status(202)
        self.answer(await drain(self.caller, body.message.strip(), body.action))

    @operation("Accept launches again; what was put aside stays so", answer=Drain, access="admin")
    async def delete(self) -> None:
        self.only()
        self.answer(await self.context.admin.drain.cancel(self.caller))


class DrainResumeHandler(AdminHandler):
    @operation(
        "Accept launches again, and start what was put aside",
        body=NothingBody,
        body_required=False,
        answer=Drain,
        status=202,
        errors=[Conflict],
        access="admin",
    )
    async def post(self) -> None:
        self.only()
        self.body(NothingBody)
        self.set_status(202)
        self.answer(await self.context.admin.drain.resume(self.caller))


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/admin/drain", DrainHandler),
    (r"/admin/drain/resume", DrainResumeHandler),
]
