"""The phases of a launch in words. Pure."""

from typing import Optional

from runtiles.contract.events import LaunchEvent

from .values import show_duration, show_size

WORDS = {
    "pulling": "Pulling the image",
    "preparing": "Preparing the image",
    "queued": "Waiting for a GPU",
    "creating": "Creating the container",
    "starting": "Starting the container",
    "workspace": "Bringing the workspace",
    "hook": "Running the startup hook",
    "restoring": "Restoring the variables",
    "server": "Starting the server",
    "ready": "Ready",
}


class Phase:
    """The present phase and when it began, by the clock of the launch."""

    def __init__(self) -> None:
        self.name = ""
        self._began = 0.0

    def enter(self, event: LaunchEvent) -> Optional[str]:
        """A line about the phase that ended, when this event begins another one."""
        if event.phase == self.name:
            return None
        ended, took = self.name, event.time - self._began
        self.name, self._began = event.phase, event.time
        return f"{WORDS.get(ended, ended)} ({show_duration(took)})" if ended else None


def amount(event: LaunchEvent) -> str:
    if event.done is None or not event.total or event.phase not in ("pulling", "workspace"):
        return ""
    return f"({show_size(event.done)} of {show_size(event.total)})"
