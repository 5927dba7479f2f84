"""Looks at the server that it runs in, and makes a report of it."""

import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from runtiles.contract.activity import Activity

from .loads import CpuMeter, GpuMeter
from .programs import Foreground, foreground
from .threads import beside
from .tracker import Tracker

#: A driver is asked, and a processor averaged, over no less than this.
_LOADS_EVERY_S = 10.0


class Collector:
    """`server` is jupyter_server's application."""

    def __init__(
        self,
        server: Any,
        tracker: Tracker,
        *,
        cpu: Optional[CpuMeter] = None,
        gpu: Optional[GpuMeter] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._tracker = tracker
        self._cpu = cpu or CpuMeter()
        self._gpu = gpu or GpuMeter()
        self._clock = clock
        self._loads: Dict[str, Optional[float]] = {}
        self._loaded: Optional[float] = None
        self.syncing = ""

    async def report(self) -> Activity:
        await self._measure()
        sessions = await self._sessions()
        paths = {each["kernel"]["id"]: each["path"] for each in sessions if each.get("kernel")}
        return self._tracker.report(
            self._server.kernel_manager.list_kernels(),
            paths,
            self._terminals(),
            len(sessions),
            self._loads,
            self.syncing,
        )

    async def _sessions(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = await self._server.session_manager.list_sessions()
        return found

    def _terminals(self) -> List[Tuple[str, Optional[Foreground], Any]]:
        manager = self._server.web_app.settings.get("terminal_manager")
        if manager is None:
            return []
        return [
            (name, foreground(terminal.ptyproc.fd, terminal.ptyproc.pid), terminal.last_activity)
            for name, terminal in list(manager.terminals.items())
        ]

    async def _measure(self) -> None:
        now = self._clock()
        if self._loaded is not None and now - self._loaded < _LOADS_EVERY_S:
            return
        self._loaded = now
        gpu = await beside(self._gpu.percent) if self._gpu.there else None
        self._loads = {"cpu": self._cpu.percent(), "gpu": gpu}
