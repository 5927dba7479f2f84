"""A launch on a terminal: a bar for the present phase, a line for each that is over."""

import time
from typing import Any, Callable, Dict, Iterable, List

from runtiles.contract.events import LaunchEvent

from .phases import WORDS, Phase, amount
from .terminal import clean
from .values import show_duration, show_size


def watch(events: Iterable[LaunchEvent]) -> LaunchEvent:
    from rich.console import Console  # noqa: PLC0415 - a pipe needs none of it
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[amount]}", markup=False),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True, highlight=False)
    with Progress(*columns, console=console, transient=True) as shown:
        return _Bars(shown, lambda text: console.print(text, markup=False)).run(events)


class _Bars:
    """One bar, of the present phase; above it a line for each phase that is over, and the notices."""

    def __init__(self, shown: Any, say: Callable[[str], None]) -> None:
        self._shown = shown
        self._say = say
        self._phase = Phase()
        self._rate = _Rate()
        self._task = shown.add_task("Waiting for the launch", total=None, amount="")

    def run(self, events: Iterable[LaunchEvent]) -> LaunchEvent:
        last = LaunchEvent("creating", "failed", "Nothing was heard of the launch.")
        for last in events:
            self._take(last)
        return last

    def _take(self, event: LaunchEvent) -> None:
        over = self._phase.enter(event)
        if over:
            self._say(f"✓ {over}" if event.kind != "failed" else f"✗ {over}")
        if over or event.kind == "phase":
            self._rate = _Rate()
            self._shown.reset(self._task, description=self._words(event), total=None, amount="")
        if event.kind == "notice":
            self._say(f"Note: {clean(event.message)}")
        elif event.kind == "progress":
            self._shown.update(self._task, **self._amount(event))

    def _words(self, event: LaunchEvent) -> str:
        words, more = WORDS.get(event.phase, event.phase), clean(event.message)
        return f"{words}: {more}" if event.phase == "queued" and more else words

    def _amount(self, event: LaunchEvent) -> Dict[str, Any]:
        if event.percent is None:
            return {"amount": ""}
        text = f"{event.percent:.0f} % {amount(event)}".rstrip()
        left = self._rate.left(event)
        return {"total": 100, "completed": event.percent, "amount": f"{text}{left}"}


class _Rate:
    """How fast a phase moves, over its last seconds."""

    _WINDOW_S = 10.0

    def __init__(self) -> None:
        self._seen: List[Any] = []

    def left(self, event: LaunchEvent) -> str:
        """`, 12 s left`, or nothing while that cannot be told."""
        if event.done is None or not event.total or event.phase != "pulling":
            return ""
        now = time.monotonic()
        self._seen = [one for one in self._seen if now - one[0] < self._WINDOW_S]
        self._seen.append((now, event.done))
        began, first = self._seen[0]
        speed = (event.done - first) / (now - began) if now - began > 1 else 0
        if speed <= 0:
            return ""
        return f", {show_size(speed)}/s, {show_duration((event.total - event.done) / speed)} left"
