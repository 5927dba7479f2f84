"""/runtimes/NAME/kernels, pause, resume, interrupt and restart"""

from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict, InvalidRequest, LaunchFailed, LimitReached
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import USER, Query, operation
from runtiles.service.openapi.models.kernels import (
    Kernel,
    KernelVariables,
    OneKernel,
    PauseLook,
    Resume,
)
from runtiles.service.openapi.models.runtimes import Runtime

from .gateway import RuntimeRefused, RuntimeUnreachable
from .pausing.decide import QuotaReached, WouldLose
from .pausing.request import PauseRequest

_NAME = r"([^/]+)"
_STOP = ("read:servers", "delete:servers")
_ASKED = (Conflict, RuntimeUnreachable, RuntimeRefused, LimitReached)


class KernelsHandler(ApiHandler):
    @operation(
        "The kernels of a runtime",
        answer=list[Kernel],
        query=[USER],
        scopes=_STOP,
        errors=_ASKED,
    )
    async def get(self, name: str) -> None:
        self.answer(await self.context.kernels.of_runtime(self.caller, self.owner, name))


class VariablesHandler(ApiHandler):
    @operation(
        "What a kernel holds, and what of it a pause would carry",
        answer=KernelVariables,
        query=[USER, Query("timeout", "Seconds to wait for a kernel that is busy", float)],
        scopes=_STOP,
        errors=_ASKED,
    )
    async def get(self, name: str, kernel: str) -> None:
        seconds = _seconds(self.get_query_argument("timeout", "0"))
        ask = self.context.kernels.variables
        self.answer(await ask(self.caller, self.owner, name, kernel, timeout=seconds))


class PauseHandler(ApiHandler):
    @operation(
        "Pause a runtime: save what its kernels hold, verify it, give the container back. With"
        " `dry_run`: tell what would be saved and lost, and change nothing",
        body=PauseRequest,
        body_required=False,
        answer=Runtime | PauseLook,
        query=[USER],
        scopes=_STOP,
        errors=(*_ASKED, WouldLose, QuotaReached),
    )
    async def post(self, name: str) -> None:
        body = self.json_object()
        answer = await self.context.actions.act(self.caller, self.owner, name, "pause", body)
        if not body.get("dry_run"):
            await self.note("pause", name)
        self.answer(answer)

    @operation(
        "Call off a pause that is under way: the kernels go on, and nothing of the snapshot is left",
        answer=Runtime,
        query=[USER],
        scopes=_STOP,
        errors=[Conflict],
    )
    async def delete(self, name: str) -> None:
        answer = await self.context.actions.pauser.call_off(self.caller, self.owner, name)
        await self.note("call_off", name)
        self.answer(answer)


class ResumeHandler(ApiHandler):
    @operation(
        "Resume a paused runtime: the same kernels, with their variables",
        body=Resume,
        body_required=False,
        answer=Runtime,
        query=[USER],
        scopes=("read:servers", "start:servers"),
        errors=(Conflict, LimitReached, LaunchFailed),
    )
    async def post(self, name: str) -> None:
        body = self.json_object()
        answer = await self.context.actions.act(self.caller, self.owner, name, "resume", body)
        await self.note("resume", name)
        self.answer(answer)


class _KernelAction(ApiHandler):
    action = ""

    async def act(self, name: str) -> None:
        body = self.json_object()
        answer = await self.context.actions.act(self.caller, self.owner, name, self.action, body)
        await self.note(self.action, name)
        self.answer(answer)


class InterruptHandler(_KernelAction):
    action = "interrupt"

    @operation(
        "Interrupt what a kernel runs",
        body=OneKernel,
        body_required=False,
        answer=Runtime,
        query=[USER],
        scopes=_STOP,
        errors=_ASKED,
    )
    async def post(self, name: str) -> None:
        await self.act(name)


class RestartHandler(_KernelAction):
    action = "restart"

    @operation(
        "Restart a kernel: its variables are gone",
        body=OneKernel,
        body_required=False,
        answer=Runtime,
        query=[USER],
        scopes=_STOP,
        errors=_ASKED,
    )
    async def post(self, name: str) -> None:
        await self.act(name)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 300:
        raise InvalidRequest({"timeout": "must be 0 to 300 seconds"})
    return seconds


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (rf"/runtimes/{_NAME}/kernels", KernelsHandler),
    (rf"/runtimes/{_NAME}/kernels/{_NAME}/variables", VariablesHandler),
    (rf"/runtimes/{_NAME}/pause", PauseHandler),
    (rf"/runtimes/{_NAME}/resume", ResumeHandler),
    (rf"/runtimes/{_NAME}/interrupt", InterruptHandler),
    (rf"/runtimes/{_NAME}/restart", RestartHandler),
]
