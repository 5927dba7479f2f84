"""The activity of one server: seen, told to the service, and shown to whoever asks."""

import asyncio
import os
import time
from contextlib import suppress
from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import urlsplit

from runtiles.contract.activity import Activity
from runtiles.contract.protocol import ENV_CPU_THRESHOLD, ENV_GPU_THRESHOLD, ENV_LAUNCH_URL
from runtiles_server.hub_client import below, tls_of
from runtiles_server.keys import Keys

from .collector import Collector
from .reporting import Place, Post, Reporter
from .tracker import Tracker

#: Percent of one core: more than what idle kernels and a server spend, less than any computation.
_CPU_THRESHOLD = 25.0
_GPU_THRESHOLD = 5.0
#: Somebody at work is told of once in this time, however much they type.
_INPUT_STEP_S = 60.0


class Watch:
    """`told` is what the service answered last, None before: when this runtime ends, and why."""

    def __init__(self, server: Any, keys: Keys, environ: Mapping[str, str] = os.environ) -> None:
        self._tracker = Tracker(
            cpu_threshold=_percent(environ.get(ENV_CPU_THRESHOLD), _CPU_THRESHOLD),
            gpu_threshold=_percent(environ.get(ENV_GPU_THRESHOLD), _GPU_THRESHOLD),
        )
        self._collector = Collector(server, self._tracker)
        self._place = _place(keys, environ)
        self._reporter: Optional[Reporter] = None
        self._task: "Optional[asyncio.Task[None]]" = None
        self._input_told: Optional[float] = None
        self._syncs: List[str] = []
        self.told: Optional[Dict[str, Any]] = None

    def start(self) -> None:
        """On the server's loop. Without a service to report to, reports are made for who asks."""
        if self._place is None or self._task is not None:
            return
        self._reporter = Reporter(self.report, Post(self._place), told=self._heard)
        self._task = asyncio.get_running_loop().create_task(self._reporter.run())

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def report(self) -> Activity:
        self._collector.syncing = self._syncs[-1] if self._syncs else ""
        return await self._collector.report()

    def touched(self) -> None:
        """A person typed or clicked in a tab that they look at."""
        now = time.monotonic()
        self._tracker.touched()
        if self._input_told is None or now - self._input_told >= _INPUT_STEP_S:
            self._input_told = now
            self._tell_soon()

    def sync_began(self, what: str) -> None:
        """`what` is being brought to storage, which keeps the runtime alive until `sync_ended`."""
        self._syncs.append(what)
        self._tell_soon()

    def sync_ended(self, what: str) -> None:
        with suppress(ValueError):
            self._syncs.remove(what)
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self._reporter is not None:
            self._reporter.soon()

    def _heard(self, answer: Dict[str, Any]) -> None:
        self.told = answer


def _place(keys: Keys, environ: Mapping[str, str]) -> Optional[Place]:
    url = environ.get(ENV_LAUNCH_URL, "")
    if not url or not keys.control:
        return None
    tls = tls_of(environ) if urlsplit(url).scheme == "https" else None
    return Place(below(url, "activity"), keys.control, tls)


def _percent(text: Optional[str], default: float) -> float:
    """An unreadable number is the default: a slip in a setting must not keep a server from starting."""
    try:
        percent = float(text or "")
    except ValueError:
        return default
    return percent if percent >= 0 else default
