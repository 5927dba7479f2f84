"""HTTP of kernels, pause and resume."""

from functools import partial
from typing import Any, Dict, List, Tuple, Type

from jupyter_server.utils import ensure_async

from runtiles.contract.errors import Conflict, InvalidRequest, NotFound
from runtiles_server.api import Handler
from runtiles_server.kernels.listing import listed
from runtiles_server.kernels.looking import plan
from runtiles_server.kernels.pausing import Pause
from runtiles_server.kernels.places import checked_id
from runtiles_server.kernels.request import PauseRequest, seconds
from runtiles_server.kernels.resuming import Resume
from runtiles_server.kernels.terminals import terminals

_KERNEL = r"kernels/([A-Za-z0-9_-]+)"
_SHOWN = ("name", "type", "bytes", "status", "reason")


class KernelsHandler(Handler):
    async def get(self) -> None:
        self.answer(await self._listed())

    async def _listed(self) -> List[Dict[str, Any]]:
        runtime = self.runtime
        return await listed(runtime.server, runtime.kernels, runtime.clock)


class VariablesHandler(Handler):
    async def get(self, kernel_id: str) -> None:
        patience = seconds(self.get_argument("timeout", "2"), "timeout")
        found = await self.runtime.kernels.ask(kernel_id, "plan()", patience)
        variables = [{key: each[key] for key in _SHOWN} for each in found["variables"]]
        rest = {key: found[key] for key in ("losses", "notes", "bytes", "seconds")}
        self.answer({"kernel": kernel_id, "variables": variables, **rest})


class InterruptHandler(Handler):
    async def post(self, kernel_id: str) -> None:
        await ensure_async(self.runtime.kernels.manager(kernel_id).interrupt_kernel())
        self.answer(state_of(self.kernel_manager, kernel_id))


class RestartHandler(Handler):
    """A restarted kernel has lost its variables: that is what a restart is."""

    async def post(self, kernel_id: str) -> None:
        self.runtime.kernels.manager(kernel_id)
        try:
            await ensure_async(self.kernel_manager.restart_kernel(kernel_id))
        except (RuntimeError, TimeoutError) as error:
            raise Conflict(f"The kernel could not be restarted: {error}") from None
        self.answer(state_of(self.kernel_manager, kernel_id))


class PauseHandler(KernelsHandler):
    async def get(self) -> None:
        self.answer(self.runtime.pauses.status())

    async def post(self) -> None:
        request = PauseRequest.from_dict(self.body())
        there = await self._listed()
        missing = set(request.kernels or ()) - {each["id"] for each in there}
        if missing:
            raise NotFound(f"There is no kernel {', '.join(sorted(missing))}.")
        if request.dry_run:
            self.answer(await self._plan(request, there))
            return
        make = partial(self._pause, request)
        pause = self.runtime.pauses.begin(make, by_service=self.by_service)
        if request.wait:
            self.answer(await pause.wait())
        else:
            self.answer(pause.status(), 202)

    async def delete(self) -> None:
        keep = self.get_argument("keep", "") == "1"
        await self.runtime.pauses.release(keep=keep, by_service=self.by_service)
        self.answer(self.runtime.pauses.status())

    async def _plan(self, request: PauseRequest, there: List[Dict[str, Any]]) -> Dict[str, Any]:
        folders = self.runtime.folders
        free = folders.free()
        chosen = [e for e in there if request.kernels is None or e["id"] in request.kernels]
        entries = await plan(
            self.runtime.kernels, chosen, folders.root, request.patience, request.limit
        )
        self.runtime.planned = {each["id"]: each["bytes"] for each in entries}
        return {
            "bytes": sum(each["bytes"] for each in entries),
            "seconds": sum(each.pop("seconds") for each in entries),
            "free": free,
            "kernels": entries,
            "terminals": await terminals(self.runtime.server),
        }

    def _pause(self, request: PauseRequest) -> Pause:
        runtime = self.runtime
        about = {
            "runtime": runtime.state.runtime,
            "tile": runtime.state.tile,
            "launch_id": runtime.state.launch_id,
        }
        return Pause(
            runtime.kernels,
            self._listed,
            runtime.folders,
            runtime.signing_key,
            request,
            about,
            runtime.planned,
            tell=runtime.tell_pages,
            list_terminals=partial(terminals, runtime.server),
        )


class ResumeHandler(Handler):
    async def post(self) -> None:
        runtime, body = self.runtime, self.body()
        if "snapshot" not in body:
            raise InvalidRequest({"snapshot": "is missing"})
        resume = Resume.of(
            runtime.server,
            runtime.kernels,
            runtime.folders,
            runtime.signing_key,
            checked_id(body["snapshot"]),
            runtime.state.runtime,
        )
        self.answer(await resume.run(lambda _done, _total: None))


class SnapshotHandler(Handler):
    async def delete(self, snapshot: str) -> None:
        self.runtime.folders.remove(snapshot)
        self.set_status(204)
        self.finish()


def state_of(manager: Any, kernel_id: str) -> Dict[str, str]:
    return {"id": kernel_id, "execution_state": manager.kernel_model(kernel_id)["execution_state"]}


HANDLERS: List[Tuple[str, Type[Handler]]] = [
    ("kernels", KernelsHandler),
    (f"{_KERNEL}/variables", VariablesHandler),
    (f"{_KERNEL}/interrupt", InterruptHandler),
    (f"{_KERNEL}/restart", RestartHandler),
    ("pause", PauseHandler),
    ("resume", ResumeHandler),
    (r"snapshots/([A-Za-z0-9_-]+)", SnapshotHandler),
]
