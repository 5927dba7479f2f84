"""The kernels of a runtime: what they do and hold; interrupt and restart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from runtiles import names
from runtiles.contract.errors import Conflict, InvalidRequest, NotFound
from runtiles.lifecycle import State
from runtiles.service.access import Caller
from runtiles.values.text import did_you_mean

from .gateway import Gateway
from .manager import RuntimeManager

#: Seconds: the kernel is asked, and may be in the middle of something.
_VARIABLES_S = 120.0


@dataclass(frozen=True)
class Kernels:
    """Who may stop a runtime may look into it, as with its log."""

    runtimes: RuntimeManager
    gateway: Gateway

    async def of_runtime(self, caller: Caller, owner: str, name: str) -> list[dict[str, Any]]:
        """Raises NotFound, NotAllowed, Conflict when it does not run, RuntimeUnreachable."""
        found: list[dict[str, Any]] = await self._ask(caller, owner, name, "GET", "kernels")
        return found

    async def variables(
        self, caller: Caller, owner: str, name: str, kernel: str, *, timeout: float = 0.0
    ) -> dict[str, Any]:
        """What it holds, and what of it a pause would carry. A kernel that is busy is waited for
        `timeout` seconds. Raises as `of_runtime` does."""
        path = f"kernels/{quote(kernel, safe='')}/variables?timeout={timeout:g}"
        answer: dict[str, Any] = await self._ask(
            caller, owner, name, "GET", path, timeout=_VARIABLES_S + timeout
        )
        return answer

    async def act(
        self, caller: Caller, owner: str, name: str, action: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The runtime, after the `action` (interrupt or restart) on its one kernel or the one that is
        named. Raises as `of_runtime` does, InvalidRequest where it is not clear which one."""
        wanted = _wanted(options)
        kernel = wanted or _only(await self.of_runtime(caller, owner, name), action)
        path = f"kernels/{quote(kernel, safe='')}/{action}"
        await self._ask(caller, owner, name, "POST", path, timeout=60.0)
        return await self.runtimes.show(caller, owner, name)

    async def _ask(
        self, caller: Caller, owner: str, name: str, method: str, path: str, timeout: float = 30.0
    ) -> Any:
        caller.require_output(owner)
        found = await self.runtimes.facts(caller, owner, name)
        if found.launch is None or found.state not in (State.RUNNING, State.PAUSING):
            hint = "Thaw it first." if found.state is State.FROZEN else "Start it first."
            raise Conflict(
                f"The runtime {name!r} is {found.state}, and its kernels cannot be asked.",
                hint=hint,
                details={"state": str(found.state)},
            )
        server = names.server_name(name)
        return await self.gateway.call(owner, server, method, path, timeout=timeout)


def _wanted(options: Mapping[str, Any]) -> str:
    unknown = {
        key[:100]: f"is not known here.{did_you_mean(key, ('kernel',))}"
        for key in options
        if key != "kernel"
    }
    if unknown:
        raise InvalidRequest(unknown)
    kernel = options.get("kernel")
    if kernel is not None and not isinstance(kernel, str):
        raise InvalidRequest({"kernel": "must be the id of a kernel"})
    return kernel or ""


def _only(kernels: list[dict[str, Any]], action: str) -> str:
    if not kernels:
        raise NotFound("This runtime has no kernel.")
    if len(kernels) > 1:
        raise InvalidRequest({"kernel": f"is missing: there are {len(kernels)} to {action}"})
    return str(kernels[0]["id"])
