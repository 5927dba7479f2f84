"""The pause of a runtime: all kernels saved, read back, one snapshot; or nothing of it."""

import asyncio
import contextlib
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set

from jupyter_server.utils import ensure_async

from runtiles.contract.errors import Conflict, RuntilesError
from runtiles.contract.state import KERNELS_DIR
from runtiles_server.failures import (
    KernelFailed,
    KernelStuck,
    NoSpace,
    Released,
    SnapshotRefused,
    told,
)
from runtiles_server.kernels.asking import Kernels
from runtiles_server.kernels.holding import Holding
from runtiles_server.kernels.messages import impatient, no_space
from runtiles_server.kernels.places import Folders, size_of
from runtiles_server.kernels.pressing import Pressing
from runtiles_server.kernels.request import PauseRequest
from runtiles_server.kernels.saving import Saving, not_carried
from runtiles_server.kernels.verifying import verify

_LOOK_S = 0.2
#: A save that has begun goes to its end; its kernel is free then.
_RELEASE_S = 10.0
_FULL = (28, 122)
#: Kernels that were started while others were being saved; more rounds than this are no accident.
_MOST_ROUNDS = 5

#: Whoever had kernels held and does not ask after them for so long is gone for good.
DESERTED_S = 900.0

ListKernels = Callable[[], Any]
ListTerminals = Callable[[], Awaitable[List[Dict[str, Any]]]]
#: Is told each state that a pause comes to.
Tell = Callable[[str], None]


class Pause:
    """One attempt. `status()` can be asked at any time; the kernels go on by `release` at the latest."""

    def __init__(
        self,
        kernels: Kernels,
        list_kernels: ListKernels,
        folders: Folders,
        key: bytes,
        request: PauseRequest,
        about: Dict[str, str],
        planned: Optional[Dict[str, int]] = None,
        deserted: float = DESERTED_S,
        tell: Optional[Tell] = None,
        list_terminals: Optional[ListTerminals] = None,
    ) -> None:
        self._kernels, self._list, self._folders, self._key = kernels, list_kernels, folders, key
        self.request = request
        self.snapshot = request.snapshot or uuid.uuid4().hex
        # What keeps no kernel still is not the way to a stop: no page need know of it.
        self._tell = tell if request.hold else None
        self._state = ""
        self.state = "waiting"
        self.result: Optional[Dict[str, Any]] = None
        self.error: Optional[RuntilesError] = None
        self._about, self._terminals = about, list_terminals
        self._planned = planned or {}
        self._savings: List[Saving] = []
        self._left: List[Dict[str, Any]] = []
        self._part: Optional[Path] = None
        self._seen: Set[str] = set()
        self._linked = self._done = 0
        self._kept = False
        self._pressing = Pressing(request.limit)
        self._holding = Holding(kernels, wanted=request.hold, deserted=deserted)
        self._began = time.monotonic()
        self.task = asyncio.ensure_future(self._run())

    # -- what is told ----------------------------------------------------------------------------

    @property
    def state(self) -> str:
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            if self._tell is not None:
                self._tell(state)

    def status(self) -> Dict[str, Any]:
        self._holding.heard()
        waiting = [each for each in self._savings if self.state == "waiting" and each.waits]
        return {
            "state": self.state,
            "snapshot": self.snapshot,
            "waiting_for": [each.waited_for(time.monotonic() - self._began) for each in waiting],
            "done": self._done,
            "total": max(self._done, self._total()),
            "error": None if self.error is None else told(self.error),
            "result": self.result,
        }

    def _total(self) -> int:
        return sum(
            each.found["result"]["bytes"] if each.found else self._planned.get(each.kernel["id"], 0)
            for each in self._savings
        )

    # -- what is done ----------------------------------------------------------------------------

    async def wait(self) -> Dict[str, Any]:
        """The result. Raises why there is none."""
        while self.state not in ("saved", "failed", "released"):
            await asyncio.wait([self.task], timeout=_LOOK_S / 4)
        if self.result is None:
            raise self.error or Released("The pause was called off.")
        return self.result

    @property
    def active(self) -> bool:
        return not self.task.done()

    async def release(self, *, keep: Optional[bool]) -> None:
        """Kernels that are held go on; a pause that is still under way leaves nothing.

        A snapshot that was once told to be kept is not removed by a later call. None leaves it for whoever
        asks next.
        """
        self._holding.cancel()
        await asyncio.wait([self.task], timeout=_RELEASE_S)
        self._kept = self._kept or bool(keep)
        if self.result is not None and keep is not None and not self._kept:
            with contextlib.suppress(RuntilesError):
                self._folders.remove(self.snapshot)

    async def _run(self) -> None:
        try:
            await self._make()
            self.state = "saved"
            if self.request.hold:
                await self._holding.until_over(self._savings, self._seen)
        except RuntilesError as error:
            self.state = "released" if isinstance(error, Released) else "failed"
            self.error = error
        except OSError as error:
            self.state, self.error = "failed", self._unwritable(error)
        finally:
            if self.state not in ("saved", "failed", "released"):
                self.state = "failed"
                self.error = Conflict("The pause broke off.")
            await self._let_all_go()

    async def _make(self) -> None:
        try:
            with self._folders.writing(self.snapshot) as part:
                self._part = part
                try:
                    await self._save_all(part)
                    await self._finish(part)
                except BaseException as error:
                    if isinstance(error, KernelStuck) and self._pressing.pressed:
                        # Said at once: a kernel that is stuck may never let go.
                        self.state, self.error = "failed", error
                    # Nobody writes there any more when the folder is removed.
                    await self._let_all_go()
                    raise
        except KernelFailed as error:
            if error.details.get("errno") not in _FULL:
                raise
            raise await self._full() from None

    async def _save_all(self, part: Path) -> None:
        for _ in range(_MOST_ROUNDS):
            new = [each for each in await self._list() if each["id"] not in self._seen]
            self._seen.update(each["id"] for each in new)
            chosen = self.request.kernels
            if chosen is not None:
                self._left += [each for each in new if each["id"] not in chosen]
                new = [each for each in new if each["id"] in chosen]
            if not new:
                return
            self.state = "waiting"
            await self._save(new, part)

    async def _save(self, new: List[Dict[str, Any]], part: Path) -> None:
        self._left += [each for each in new if not each["carried"]]
        savings = [
            Saving.of(self._kernels, each, part, self._key, hold=self.request.hold)
            for each in new
            if each["carried"]
        ]
        for each in savings:
            if self.request.parent:
                self._folders.link_earlier(self.request.parent, each.kernel["id"], part)
            if self.request.interrupt and each.kernel["execution_state"] == "busy":
                await ensure_async(each.manager.interrupt_kernel())
        self._linked = size_of(part)
        self._savings += savings
        pending = {await each.begin() for each in savings}
        while pending:
            done, pending = await asyncio.wait(pending, timeout=_LOOK_S)
            for future in done:
                self._pressing.check(self._savings, future.exception())
            self._look(part)
            await self._pressing.press(self._savings, self._done)

    def _look(self, part: Path) -> None:
        """Raises when the pause is over."""
        self._holding.look(self._savings)
        for each in self._savings:
            each.look()
        waiting = [each for each in self._savings if each.waits]
        if waiting and time.monotonic() - self._began > self.request.patience:
            raise impatient(waiting, self.request.patience)
        self.state = "waiting" if waiting else "saving"
        self._done = max(self._done, size_of(part) - self._linked)

    async def _finish(self, part: Path) -> None:
        self.state = "verifying"
        folders = [part / KERNELS_DIR / each.kernel["id"] for each in self._savings]
        checked = asyncio.ensure_future(verify(folders, self._key))
        try:
            while not checked.done():
                await asyncio.wait([checked], timeout=_LOOK_S)
                self._holding.look_after_save(self._savings, self._seen)
        finally:
            checked.cancel()
        checked.result()
        # A job that was begun while a kernel was waited for is lost like one that was there before.
        terminals = await self._terminals() if self._terminals else []
        self._holding.look_after_save(self._savings, self._seen)
        result = {**self._described(), "terminals": terminals}
        self._folders.finish(part, result, self._key)
        self.result = result

    def _described(self) -> Dict[str, Any]:
        saved = [each.entry() for each in self._savings]
        manifests = [each.found["result"] for each in self._savings]
        return {
            "format": 1,
            "id": self.snapshot,
            "created": datetime.now(timezone.utc).isoformat(),
            **self._about,
            "bytes": sum(each["bytes"] for each in manifests),
            "written": sum(each["written"] for each in manifests),
            "seconds": round(time.monotonic() - self._began, 3),
            "kernels": saved + [not_carried(each) for each in self._left],
        }

    async def _let_all_go(self) -> None:
        savings, self._savings = self._savings, []
        await asyncio.gather(*(each.close() for each in savings), return_exceptions=True)

    async def _full(self) -> NoSpace:
        needed = 0
        for each in await self._list():
            if each["carried"]:
                with contextlib.suppress(RuntilesError):
                    needed += int((await self._kernels.ask(each["id"], "plan()", 5))["bytes"])
        return no_space(self._folders.free(), needed)

    def _unwritable(self, error: OSError) -> RuntilesError:
        if error.errno in _FULL:
            return no_space(self._folders.free(), self._total())
        return SnapshotRefused(f"The snapshot cannot be written: {error.strerror or error}.")
