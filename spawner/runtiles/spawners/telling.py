"""TellingSpawner: the events of a launch, for the pages that follow it and for the store."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from runtiles.contract.events import MAX_MESSAGE, PHASES, LaunchEvent, decode_line

from .base import RuntimeSpawner
from .launch_log import LaunchLog


class TellingSpawner(RuntimeSpawner):
    """Says everything twice: to `launch_log` at once, and to the store in the same order, soon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.launch_log = LaunchLog()

    def report(self, event: LaunchEvent) -> None:
        """Tell everybody who follows this launch, and the store."""
        if not self.launch_log.add(event):
            return
        if self.launch_log.finished:
            self._keep_lines()
        append = self.site.store.events.append
        self._submit(partial(append, self.user.name, self.name, self.launch_id, event))

    def _keep_lines(self) -> None:
        """The ends of what was said before the server spoke: of a flood the events have the beginning."""
        if lines := self.launch_log.take_lines():
            save = self.site.store.logs.save
            self._submit(partial(save, self.user.name, self.name, self.launch_id, lines))

    def report_line(self, phase: str, line: str) -> LaunchEvent:
        """A line of the container's output: the launcher's own event, or a log line of `phase`."""
        event = decode_line(line) or LaunchEvent(phase, "log", line[:MAX_MESSAGE])
        if PHASES.index(event.phase) < PHASES.index("starting"):
            # No container was there to speak of it.
            event = replace(event, phase=phase)
        # Only the spawner says how a launch ends: the container's word comes from other people's code.
        if event.kind == "ready":
            event = LaunchEvent(phase=event.phase, kind="log", message=event.message)
        if event.kind != "failed":
            self.report(event)
        return event

    def enter(self, phase: str, message: str) -> None:
        self.report(LaunchEvent(phase=phase, kind="phase", message=message))

    def _record(self, **changes: Any) -> None:
        self._submit(partial(self.site.store.launches.update, self.launch_id, **changes))

    def _submit(self, write: Callable[[], object]) -> None:
        self.site.recorder.submit(write)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """For the Hub's pending page; each open tab replays it from the first event."""
        log = self.launch_log
        async for event in log.follow():
            yield {
                "progress": log.percent,
                "message": event.message,
                "event": event.to_dict(),
            }
