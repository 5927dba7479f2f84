"""Child processes, and the end of all of them: SIGTERM reaches whatever the launcher is waiting for."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from types import FrameType
from typing import Callable, Iterator, Optional, TypeVar

_Process = TypeVar("_Process")

_KILL_AFTER_S = 1.0
_LOOK_S = 0.02


class Terminated(BaseException):
    """The container is to stop. Like KeyboardInterrupt no Exception: nobody handles it on the way."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum


class _Waiting:
    """A signal that came while a process was being started waits until somebody answers for it."""

    held = False
    signum = 0


def raise_on_signal() -> None:
    """From now on SIGTERM and SIGINT raise Terminated in the main thread, once."""

    def stop(signum: int, _frame: Optional[FrameType]) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        if _Waiting.held:
            _Waiting.signum = signum
        else:
            raise Terminated(signum)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)


def start_group(start: Callable[[], _Process]) -> _Process:
    """Start a process that leads a group of its own (`start_new_session`).

    Signals wait from here to `release`, which the caller calls where it ends the process on an
    exception: no signal gets in between.
    """
    _Waiting.held = True
    try:
        return start()
    except BaseException:
        release()
        raise


def release() -> None:
    """Signals are raised again; one that waited is raised now."""
    _Waiting.held = False
    if _Waiting.signum:
        raise Terminated(_Waiting.signum)


@contextlib.contextmanager
def group_killed(pid: int) -> Iterator[None]:
    """Whatever ends the block by an exception also ends the group of `pid`."""
    try:
        release()
        yield
    except BaseException:
        signal_group(pid, signal.SIGKILL)
        raise


def signal_group(pid: int, signum: int) -> None:
    """To each process of the group that `pid` leads; nothing when there is none any more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signum)


def end_group(process: "subprocess.Popen[bytes]", grace: float = _KILL_AFTER_S) -> None:
    """SIGTERM, and SIGKILL for whatever of the group is left after `grace` seconds.

    The leader may go first: a shell ends at once, the server that it started takes its time.
    """
    signal_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while _group_lives(process) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _group_lives(process: "subprocess.Popen[bytes]") -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_limited(work: Callable[[], None], seconds: float) -> None:
    """Do `work` for at most so long; what is not done by then goes on while the process lives."""
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(seconds)


class LineReader:
    """Passes each line of a pipe on, in a thread of its own, for as long as anybody writes.

    A hook may leave a process behind that keeps the pipe open: nobody waits for the end of the pipe,
    and nobody closes it, which would kill that process at its next line.
    """

    _MAX_LINE = 4000

    def __init__(self, pipe: int, take: Callable[[str], None]) -> None:
        self._take = take
        self._pipe = pipe
        self._thread = threading.Thread(target=self._read, name="output", daemon=True)
        self._thread.start()

    def drain(self, seconds: float) -> None:
        """Wait so long for the end of the pipe."""
        self._thread.join(seconds)

    def _read(self) -> None:
        with os.fdopen(self._pipe, "rb") as stream:
            while True:
                line = stream.readline(self._MAX_LINE)
                if not line:
                    return
                self._take(line.decode("utf-8", "replace").rstrip("\r\n"))


def exit_status(returncode: int) -> int:
    """As a shell counts it: 128 + the signal that ended the process."""
    return returncode if returncode >= 0 else 128 - returncode
