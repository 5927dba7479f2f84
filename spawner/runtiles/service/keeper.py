"""`python -m runtiles.service.keeper`, what the Hub starts: it keeps the service running.

The Hub looks after its services twice a minute. Whatever kills the service, out of memory or by hand,
it is back in the time that it takes to start.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence

#: For the service: who started it. Asked later, its parent may be another one already.
ENV_KEEPER = "RUNTILES_KEEPER"
COMMAND = (sys.executable, "-m", "runtiles.service")
_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
_PARENT_INTERVAL_S = 1.0
#: Who ends by itself sooner than this cannot start, and has said why: the Hub tries again.
_STARTED_S = 10.0
#: Between a death by a signal soon after the start and the next start.
_PAUSE_S = 1.0


def keep(command: Sequence[str] = COMMAND) -> int:
    """Runs the command, and again whenever it ends unasked; returns its exit code in the end.

    Ends with SIGTERM, SIGINT and with its own parent, and takes the command with it.
    """
    parent = os.getppid()
    # Signals wait until they are asked for: none is lost between two looks.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    while True:
        began = time.monotonic()
        process = _start(command, before)
        asked = _until_over(process, parent)
        lived = time.monotonic() - began
        if asked or (process.returncode >= 0 and lived < _STARTED_S):
            return process.returncode
        sys.stderr.write(f"The Runtiles service ended ({_how(process.returncode)}); again.\n")
        if lived < _STARTED_S and _wait(_PAUSE_S) is not None:
            return 0


def _start(command: Sequence[str], mask: Iterable[int]) -> "subprocess.Popen[bytes]":
    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    environment = {**os.environ, ENV_KEEPER: str(os.getpid())}
    # This process has one thread, which is what makes preexec_fn safe.
    return subprocess.Popen(command, env=environment, preexec_fn=unblock)  # noqa: PLW1509


def _until_over(process: "subprocess.Popen[bytes]", parent: int) -> bool:
    """Returns when the process has ended: True if it was asked to."""
    asked = False
    while process.poll() is None:
        number = _wait(_PARENT_INTERVAL_S)
        if number is None and os.getppid() != parent:
            number = signal.SIGTERM
        if number is not None:
            asked = True
            process.send_signal(number)
    return asked


def _wait(seconds: float) -> "signal.Signals | None":
    """The signal that asks us to end, None when a child has ended or time is over."""
    found = signal.sigtimedwait(_SIGNALS, seconds)
    if found is None or found.si_signo == signal.SIGCHLD:
        return None
    return signal.Signals(found.si_signo)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


if __name__ == "__main__":
    sys.exit(keep())
