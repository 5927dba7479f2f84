"""The activity of one server: seen, told to the service, and shown to whoever asks."""

import asyncio
import os
import time
from contextlib import contextmanager, suppress
from typing import Any, Dict, Iterator, List, Mapping, Optional
from urllib.parse import urlsplit

from runtiles.contract.activity import Activity
from runtiles.contract.protocol import (
    ENV_CPU_THRESHOLD,
    ENV_GPU_THRESHOLD,
    ENV_GPUS,
    ENV_LAUNCH_URL,
)
from runtiles_server.hub_client import below, tls_of
from runtiles_server.keys import Keys

from .beats import INPUT_STEP_S
from .collector import Collector
from .reporting import Place, Post, Reporter
from .tracker import Tracker

#: Percent of one core: more than what idle kernels and a server spend, less than any computation.
_CPU_THRESHOLD = 25.0
_GPU_THRESHOLD = 5.0
#: Who shows what the service said asks for it more often than this.
_SHOWN_S = 90.0
#: A service that was silent for longer acts upon nobody: what it said last holds no more.
_SILENT_S = 120.0


class Watch:
    """Made once for a server; `start` and `stop` on its loop."""

    def __init__(self, server: Any, keys: Keys, environ: Mapping[str, str] = os.environ) -> None:
        self._tracker = Tracker(
            cpu_threshold=_percent(environ.get(ENV_CPU_THRESHOLD), _CPU_THRESHOLD),
            gpu_threshold=_percent(environ.get(ENV_GPU_THRESHOLD), _GPU_THRESHOLD),
        )
        gpus = [each for each in environ.get(ENV_GPUS, "").split(",") if each]
        self._collector = Collector(server, self._tracker, gpus=gpus)
        self._place = _place(keys, environ)
        self._reporter: Optional[Reporter] = None
        self._task: "Optional[asyncio.Task[None]]" = None
        self._input_told: Optional[float] = None
        self._under_way: List[str] = []
        self._told: Optional[Dict[str, Any]] = None
        self._told_at = self._heard_at = 0.0
        self._looked_at: Optional[float] = None

    def start(self) -> None:
        """On the server's loop. Without a service to report to, reports are made for who asks."""
        if self._place is None or self._task is not None:
            return
        self._reporter = Reporter(
            self.report, Post(self._place), told=self._heard, shown=self._is_shown
        )
        self._task = asyncio.get_running_loop().create_task(self._reporter.run())

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def report(self) -> Activity:
        self._collector.syncing = self._under_way[-1] if self._under_way else ""
        return await self._collector.report()

    @property
    def told(self) -> Optional[Dict[str, Any]]:
        """What the service said last, as it is now: when this runtime ends, and why. None where the service
        said nothing, or nothing lately."""
        now = time.monotonic()
        if not self._is_shown() and now - self._told_at > _SHOWN_S:
            # Nobody looked for a while, so nobody asked: words like "busy for 42m" are old.
            self.ask_anew()
        self._looked_at = now
        age = now - self._told_at
        if self._told is None or now - self._heard_at > _SILENT_S:
            return None
        ends = self._told.get("ends")
        if not ends:
            return self._told
        return {**self._told, "ends": {**ends, "seconds": max(0, round(ends["seconds"] - age))}}

    def ask_anew(self) -> None:
        """Somebody has just moved the end: what the service said last is old."""
        if self._reporter is not None:
            self._reporter.anyway()

    def touched(self) -> None:
        """A person typed or clicked in a tab that they look at."""
        now = time.monotonic()
        self._tracker.touched()
        if self._input_told is None or now - self._input_told >= INPUT_STEP_S:
            self._input_told = now
            self._tell_soon()

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """`what` is under way, such as a transfer, and keeps the runtime alive until its end."""
        self._under_way.append(what)
        self._tell_soon()
        try:
            yield
        finally:
            self._under_way.remove(what)
            self._tell_soon()

    def _tell_soon(self) -> None:
        if self._reporter is not None:
            self._reporter.soon()

    def _is_shown(self) -> bool:
        return self._looked_at is not None and time.monotonic() - self._looked_at <= _SHOWN_S

    def _heard(self, answer: Optional[Dict[str, Any]]) -> None:
        self._heard_at = time.monotonic()
        if answer is not None:
            self._told, self._told_at = answer, self._heard_at


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
