"""The Hub as a process of `make run`: started in a session of its own, watched, and ended politely."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from scripts.image import ROOT

CONFIG = ROOT / "jupyterhub_config.py"
LAST_LINES = 20
STOP_PATIENCE = 30.0


def start_hub(environment: Mapping[str, str], log: Path, held: IO[str]) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches this process alone, which passes it on once. (A second
    signal would cut short the Hub's own clean-up.)"""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", f"--config={CONFIG}", *sys.argv[1:]],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[held.fileno()],
        )


class Stopping:
    """Whether this process was asked to end: by Ctrl-C, politely, or by a closed terminal window.

    Asked once, the Hub may finish starting and then cleans up. Asked again, it is killed.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self.hub: subprocess.Popen[bytes] | None = None
        self._ready = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def ready(self) -> None:
        """From now on the Hub cleans up; while it started it would have died and left its proxy."""
        self._ready = True
        if self.since and self.hub:
            self.hub.terminate()

    def _ask(self, _number: int, _frame: object) -> None:
        if self.since and self.hub:
            self.hub.kill()
        elif self.since is None:
            self.since = time.monotonic()
            print("\nruntiles: stopping the Hub and its runtimes", flush=True)
            if self._ready and self.hub:
                self.hub.terminate()


def await_hub(hub: subprocess.Popen[bytes], address: str, stopping: Stopping) -> bool:
    """True when the Hub answers; False when it ended instead, or takes too long to be stopped."""
    while hub.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{address}/hub/health", timeout=2):
            return True
        if stopping.since and time.monotonic() - stopping.since > STOP_PATIENCE:
            return False
        time.sleep(0.5)
    return False


def wait_for(
    hub: subprocess.Popen[bytes], stopping: Stopping, port: int, greeting: str, log: Path
) -> int:
    """Until the Hub ends; its exit code, 0 when it was asked to."""
    stopping.hub = hub
    if await_hub(hub, f"http://127.0.0.1:{port}", stopping) and not stopping.since:
        print(greeting, flush=True)
    stopping.ready()
    code = hub.wait()
    if stopping.since:
        return 0
    last = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    print("\n".join([*last, f"runtiles: the Hub has ended, its log is {log}"]), file=sys.stderr)
    return code or 1
