"""Asking a kernel, over channels of our own."""

import asyncio
import json
import shutil
import time
import uuid
from functools import lru_cache
from pathlib import Path
from queue import Empty
from typing import Any, Dict, Optional, Set

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.utils import ensure_async

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles_server.failures import (
    KernelBusy,
    KernelFailed,
    KernelGone,
    KernelStuck,
    NotCarried,
    Withdrawn,
)
from runtiles_server.kernels.ours import mark
from runtiles_server.state import bootstrap

_LOOK_S = 0.1
#: There may be several variables that do not end, each of which takes one interrupt.
INTERRUPTS = 5
_HEED_S = 5.0
_CALL = "runtiles"


class Errand:
    """One call in one kernel. It is under way from `send` to `answer`, and ends with `close`."""

    def __init__(self, manager: Any, place: Path, call: str, hold: float = 0) -> None:
        self._manager, self._call, self._hold = manager, call, hold
        self._folder = place / uuid.uuid4().hex
        self._client: Any = None
        self._message = ""
        self._process = _process(manager)
        self._replied: Optional[Dict[str, Any]] = None

    async def send(self) -> None:
        self._folder.mkdir(mode=0o700)
        self._file("wanted").touch()
        if self._hold:
            self.renew()
        client = AsyncKernelClient()
        client.load_connection_file(self._manager.connection_file)
        mark(client)
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        self._client = client
        self._ask()

    def _ask(self) -> None:
        self._message = self._client.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={_CALL: travelling(self._call, str(self._folder), self._hold)},
            allow_stdin=False,
            stop_on_error=False,
        )

    @property
    def started(self) -> bool:
        return self._file("started").exists()

    @property
    def interrupted(self) -> bool:
        """While held. Say `keep`, `let_go` or `end` then."""
        return self._file("interrupted").exists()

    async def answer(self) -> Dict[str, Any]:
        """`result` and `execution_count`. Raises KernelFailed, KernelGone, Withdrawn.

        Of a held kernel it comes while the kernel stays where it is.
        """
        while True:
            reply = self._result_of_held() or await self._reply()
            if reply is not None:
                return _checked(reply)
            await self._still_there()

    async def over(self) -> None:
        """The held kernel went on, or is not there any more."""
        while await self._reply() is None:
            try:
                await self._still_there()
            except KernelGone:
                return

    def renew(self) -> None:
        self._file("held").touch()

    def let_go(self) -> None:
        _remove(self._file("held"))

    def end(self) -> None:
        """The server is about to stop this kernel: it leaves without running what waits."""
        self._file("held").write_text("end", encoding="ascii")

    def withdraw(self) -> None:
        """If it has not begun, it never will."""
        _remove(self._file("wanted"))

    def close(self) -> None:
        shutil.rmtree(str(self._folder), ignore_errors=True)
        if self._client is not None:
            self._client.stop_channels()
            self._client = None

    def _file(self, name: str) -> Path:
        return self._folder / name

    def _result_of_held(self) -> Optional[Dict[str, Any]]:
        try:
            text = self._file("result").read_text(encoding="utf-8") if self._hold else ""
        except OSError:
            return None
        found: Optional[Dict[str, Any]] = json.loads(text) if text else None
        return found

    async def _reply(self) -> Optional[Dict[str, Any]]:
        """None when there is none yet."""
        if self._replied is not None:
            return self._replied
        try:
            message = await self._client.get_shell_msg(timeout=_LOOK_S)
        except Empty:
            return None
        if message["parent_header"].get("msg_id") != self._message:
            return None
        content = message["content"]
        if content.get("status") == "aborted":
            # An error or an interrupt of the cell before it took this one along.
            self._ask()
            return None
        self._replied = _read(content)
        return self._replied

    async def _still_there(self) -> None:
        alive = self._manager.is_alive()
        if asyncio.iscoroutine(alive):
            alive = await alive
        if not alive or _process(self._manager) != self._process:
            raise KernelGone("The kernel ended or was restarted before it answered.")


class Kernels:
    """All kernels of this server, each by its id."""

    def __init__(self, server: Any, place: Path) -> None:
        self._server = server
        self._place = place

    def ids(self) -> Set[str]:
        return set(self._server.kernel_manager.list_kernel_ids())

    def manager(self, kernel_id: str) -> Any:
        """The kernel's own manager. Raises NotFound."""
        kernels = self._server.kernel_manager
        if kernel_id not in kernels:
            raise NotFound(f"There is no kernel {kernel_id}.")
        return kernels.get_kernel(kernel_id)

    def language(self, kernel_id: str) -> str:
        return language_of(self.manager(kernel_id))

    def errand(self, kernel_id: str, call: str, hold: float = 0) -> Errand:
        """A call that has not been sent. Raises NotFound or NotCarried."""
        manager = self.manager(kernel_id)
        if language_of(manager) != "python":
            raise NotCarried(
                "Only the variables of Python kernels are carried.", details={"kernel": kernel_id}
            )
        return Errand(manager, self._place, call, hold)

    async def ask(
        self, kernel_id: str, call: str, patience: float = 30.0, limit: Optional[float] = None
    ) -> Any:
        """What `call` on the state engine, such as `save("/a")`, returned in the kernel: plain data.

        It runs between two cells; what began is waited for, and interrupted after `limit` seconds. Raises
        KernelBusy when it has not begun after `patience` seconds, KernelStuck when it heeds no interrupt,
        and what Errand.answer raises.
        """
        errand = self.errand(kernel_id, call)
        answer: "Optional[asyncio.Future[Dict[str, Any]]]" = None
        try:
            await errand.send()
            answer = asyncio.ensure_future(errand.answer())
            began = time.monotonic()
            while not (answer.done() or errand.started):
                if time.monotonic() - began > patience:
                    raise _busy(kernel_id, patience)
                await asyncio.wait([answer], timeout=_LOOK_S)
            if limit is not None:
                await asyncio.wait([answer], timeout=limit)
                if not answer.done():
                    await self._until_heeded(kernel_id, answer)
                    if answer.exception() is not None:
                        raise endless(kernel_id, limit, answer.exception())
            return (await answer)["result"]
        finally:
            errand.withdraw()
            if answer is not None:
                answer.cancel()
            errand.close()

    async def _until_heeded(self, kernel_id: str, answer: "asyncio.Future[Any]") -> None:
        """A variable whose own code does not end costs this variable, and never the kernel."""
        left = INTERRUPTS
        while not answer.done():
            if not left:
                raise stuck(kernel_id)
            left -= 1
            await ensure_async(self.manager(kernel_id).interrupt_kernel())
            await asyncio.wait([answer], timeout=_HEED_S)


def endless(kernel_id: str, limit: float, error: Optional[BaseException] = None) -> RuntilesError:
    """What to raise for what came of a call that had to be interrupted."""
    if isinstance(error, RuntilesError) and error.details.get("kind") != "KeyboardInterrupt":
        return error
    return KernelFailed(
        f"A variable's own code did not come to an end within {limit:.0f} s.",
        hint="Delete the variable, or restart the kernel.",
        details={"kernel": kernel_id, "kind": "KeyboardInterrupt"},
    )


def stuck(kernel_id: str) -> KernelStuck:
    return KernelStuck(
        "A variable's own code does not come to an end while it is saved, and heeds no interrupt.",
        hint="Restart the kernel, or delete the variable.",
        details={"kernel": kernel_id},
    )


def language_of(manager: Any) -> str:
    spec = getattr(manager, "kernel_spec", None)
    return str(getattr(spec, "language", "") or "").lower()


def travelling(call: str, folder: str, hold: float) -> str:
    """The expression that does `call`, whatever names the user's own variables have."""
    inner = (
        f"(lambda s: (exec({_errand()!r}, s), s['run'])[1])({{'__name__': '_runtiles_errand'}})"
        f"(lambda: {bootstrap.expression(call)}, {folder!r}, {hold!r})"
    )
    return f"__import__('builtins').eval({inner!r}, {{}})"


@lru_cache(maxsize=1)
def _errand() -> str:
    return Path(__file__).with_name("errand.py").read_text(encoding="utf-8")


def _read(content: Dict[str, Any]) -> Dict[str, Any]:
    found = content.get("user_expressions", {}).get(_CALL, {})
    if content.get("status") != "ok" or found.get("status") != "ok":
        told = {**content, **found}
        kind, message = str(told.get("ename", "Error")), str(told.get("evalue", ""))
        return {"error": {"kind": kind, "message": message[:2000]}}
    reply: Dict[str, Any] = json.loads(found["data"]["text/plain"])
    return reply


def _checked(reply: Dict[str, Any]) -> Dict[str, Any]:
    error = reply.get("error")
    if error is None:
        return reply
    if error["kind"] == "Withdrawn":
        raise Withdrawn("Nobody waits for this any more.")
    details = {k: error.get(k) for k in ("kind", "errno") if error.get(k)}
    message = error["message"] or error["kind"]
    raise KernelFailed(message, hint=error.get("hint") or "", details=details)


def _busy(kernel_id: str, patience: float) -> KernelBusy:
    return KernelBusy(
        f"The kernel is still running something else after {patience:.0f} s.",
        hint="Wait for it, or interrupt it.",
        details={"kernel": kernel_id},
    )


def _process(manager: Any) -> Any:
    return getattr(getattr(manager, "provisioner", None), "pid", None)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        return
