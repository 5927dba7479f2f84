"""What the launcher says while it works: events on stdout, notices for the person who reads them later."""

import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, TextIO

from runtiles.contract.events import LaunchEvent, encode_line

#: Progress more often than this only makes the log longer.
_PROGRESS_INTERVAL_S = 0.25
#: The spawner takes a long silence for a hang.
_HEARTBEAT_S = 15.0
_SERVER_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Problem:
    """Something that went wrong and that a person is told. `code` is stable, the texts are not."""

    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class Reporter:
    """Thread-safe. `notices` keeps every notice of this launch, in order."""

    def __init__(self, out: TextIO, heartbeat: float = _HEARTBEAT_S) -> None:
        self.notices: List[Dict[str, str]] = []
        self._out = out
        self._heartbeat = heartbeat
        self._lock = threading.Lock()
        self._phase = ("starting", "Starting")
        self._phase_began = self._last_line = time.monotonic()
        self._last_progress = 0.0
        self._stopped = threading.Event()

    def phase(self, phase: str, message: str) -> None:
        self._phase = (phase, message)
        self._phase_began = time.monotonic()
        self._write(LaunchEvent(phase=phase, kind="phase", message=message))

    def progress(self, message: str, percent: float, done: Optional[int] = None) -> None:
        """Of the current phase. Left out when the last one was a moment ago."""
        now = time.monotonic()
        if now - self._last_progress < _PROGRESS_INTERVAL_S:
            return
        self._last_progress = now
        event = LaunchEvent(
            phase=self._phase[0],
            kind="progress",
            message=message,
            percent=round(percent, 1),
            done=done,
        )
        self._write(event)

    def log(self, phase: str, message: str) -> None:
        self._write(LaunchEvent(phase=phase, kind="log", message=message))

    def notice(
        self, phase: str, problem: Problem, details: Optional[Dict[str, Any]] = None
    ) -> None:
        """The person should read this; the launch goes on."""
        notice = {"phase": phase, **_told(problem)}
        self.notices.append(notice)
        self._say(phase, "notice", problem, details or {})

    def failed(self, phase: str, problem: Problem) -> None:
        self._say(phase, "failed", problem, {})

    def start_heartbeat(self, served: Callable[[], bool]) -> None:
        """Until `stop_heartbeat`, no silence is longer than the heartbeat.

        In the phase `server` only until `served()`, and for ten minutes: a command that serves nothing
        shall not look alive for ever.
        """
        threading.Thread(target=self._beat, args=(served,), name="heartbeat", daemon=True).start()

    def stop_heartbeat(self) -> None:
        self._stopped.set()

    def _say(self, phase: str, kind: str, problem: Problem, details: Dict[str, Any]) -> None:
        details = {**details, "code": problem.code}
        if problem.hint:
            details["hint"] = problem.hint
        self._write(LaunchEvent(phase=phase, kind=kind, message=problem.message, details=details))

    def _beat(self, served: Callable[[], bool]) -> None:
        while not self._stopped.wait(self._heartbeat / 4):
            now = time.monotonic()
            phase, message = self._phase
            age = now - self._phase_began
            if phase == "server" and (age > _SERVER_PATIENCE_S or served()):
                return
            if now - self._last_line >= self._heartbeat:
                text = f"{message}: {age:.0f} s"
                self._write(LaunchEvent(phase=phase, kind="progress", message=text))

    def _write(self, event: LaunchEvent) -> None:
        with self._lock:
            self._last_line = time.monotonic()
            try:
                self._out.write(encode_line(event) + "\n")
                self._out.flush()
            except (OSError, ValueError):
                # Nobody reads the log any more. That must not end a person's server.
                return


def _told(problem: Problem) -> Dict[str, str]:
    return {"code": problem.code, "message": problem.message, "hint": problem.hint}
