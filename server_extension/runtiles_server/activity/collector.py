"""Looks at the server that it runs in, and makes a report of it."""

import asyncio
import time
from contextlib import suppress
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from jupyter_server.utils import ensure_async

from runtiles.contract.activity import Activity

from .loads import CpuMeter, GpuMeter
from .programs import Foreground, foreground
from .threads import beside
from .tracker import Tracker

#: A driver is asked, and a processor averaged, over no less than this.
_LOADS_EVERY_S = 10.0
#: Whoever does not know by then whether a kernel lives has not seen it die.
_ALIVE_S = 2.0


class Collector:
    """`server` is jupyter_server's application, `gpus` are the ids of those that are this runtime's own."""

    def __init__(
        self,
        server: Any,
        tracker: Tracker,
        *,
        gpus: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._tracker = tracker
        self._cpu, self._gpu = CpuMeter(), GpuMeter(gpus)
        self._clock = clock
        #: Of terminals in which a program waits: when it was last heard while a tab was there.
        self._last: Dict[str, Any] = {}
        self._loads: Dict[str, Optional[float]] = {}
        self._loaded: Optional[float] = None
        self.syncing = ""

    async def report(self) -> Activity:
        await self._measure()
        sessions = await self._sessions()
        paths = {each["kernel"]["id"]: each["path"] for each in sessions if each.get("kernel")}
        return self._tracker.report(
            await self._kernels(),
            paths,
            self._terminals(),
            len(sessions),
            self._loads,
            self.syncing,
        )

    async def _kernels(self) -> List[Dict[str, Any]]:
        manager, found = self._server.kernel_manager, []
        for kernel_id in list(manager.list_kernel_ids()):
            # Of one that has just begun, or is just gone, there is no record.
            with suppress(Exception):
                found.append(await _truly(manager.kernel_model(kernel_id), manager))
        return found

    async def _sessions(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = await self._server.session_manager.list_sessions()
        return found

    def _terminals(self) -> List[Tuple[str, Optional[Foreground], Any]]:
        manager = self._server.web_app.settings.get("terminal_manager")
        if manager is None:
            return []
        return [self._terminal(*each) for each in list(manager.terminals.items())]

    def _terminal(self, name: str, terminal: Any) -> Tuple[str, Optional[Foreground], Any]:
        """A program that waits for somebody is not at work; what it shows, such as a clock, counts for
        nothing while no tab is there to see it."""
        program = foreground(terminal.ptyproc.fd, terminal.ptyproc.pid)
        if program is None or not program.waits:
            self._last.pop(name, None)
            return name, program, terminal.last_activity
        if getattr(terminal, "clients", True):
            self._last[name] = terminal.last_activity
        return name, None, self._last.setdefault(name, terminal.last_activity)

    async def _measure(self) -> None:
        now = self._clock()
        if self._loaded is not None and now - self._loaded < _LOADS_EVERY_S:
            return
        self._loaded = now
        gpu = await beside(self._gpu.percent) if self._gpu.there else None
        self._loads = {"cpu": self._cpu.percent(), "gpu": gpu}


async def _truly(model: Dict[str, Any], manager: Any) -> Dict[str, Any]:
    """A kernel that died while it was busy never said that it is idle."""
    if model["execution_state"] != "busy":
        return model
    alive = asyncio.wait_for(_is_alive(manager.get_kernel(model["id"])), _ALIVE_S)
    with suppress(asyncio.TimeoutError, OSError):
        return model if await alive else {**model, "execution_state": "dead"}
    return model


async def _is_alive(kernel: Any) -> bool:
    return bool(await ensure_async(kernel.is_alive()))
