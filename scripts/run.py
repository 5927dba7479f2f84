"""`make run`: the demo. One Hub on 127.0.0.1, one user, state in build/state.

Settings, from the environment (`make run NAME=value`): PORT, RUNTILES_STATE_DIR, RUNTILES_SPAWNER
(runtiles or runtiles-process; default: containers where an engine answers). Arguments go to jupyterhub.
"""

import errno
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from scripts.hub import Stopping, start_hub, wait_for

from scripts import engine, image

ROOT = image.ROOT
USER = "demo"
NO_ENGINE = (
    "No container engine answers, so runtimes are plain processes of your own account: "
    "no isolation, for one trusted person's demo only. "
)


class CannotRun(Exception):
    """Said to the person as it is."""


def hub_ports(port: int) -> dict[str, int]:
    """Every port of a demo on `port`; with the default 8000 they are JupyterHub's own defaults."""
    if not 0 < port < 65536 - 181:
        raise CannotRun(f"PORT={port}: choose a number from 1 to {65535 - 181}.")
    return {
        "the pages": port,
        "the proxy": port + 1,
        "the Hub": port + 81,
        "the service": port + 181,
    }


def left_behind(state: Path) -> set[str]:
    """Which ports a Hub that was killed may still hold: the next one ends its proxy, and the service
    of a Hub that is gone ends by itself."""
    try:
        pid = int((state / "proxy.pid").read_text())
    except (OSError, ValueError):
        return set()
    alive = Path("/proc", str(pid)).exists()
    return {"the pages", "the proxy", "the service"} if alive else set()


def check_ports(ports: Mapping[str, int], held: Container[str] = ()) -> None:
    """Raises CannotRun for the first port that is taken, but for those `held` by ourselves."""
    for what, port in ports.items():
        if what in held:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                why = "is taken" if error.errno == errno.EADDRINUSE else "cannot be used"
                raise CannotRun(
                    f"Port {port} (for {what}) {why}. Choose other ports: make run PORT=8010"
                ) from None


def lock(state: Path) -> IO[str]:
    """Held as long as the answer is open, by the Hub too. Raises CannotRun when it is held already."""
    held = (state / "run.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise CannotRun(
            f"A Hub is running on the state in {state}. End it, or name another folder: "
            "make run RUNTILES_STATE_DIR=... PORT=8010"
        ) from None
    return held


def password(state: Path) -> str:
    """Made once; only its owner can read the file."""
    file = state / "demo-password"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(9))
    return file.read_text().strip()


def choose_spawner(engine_version: str | None) -> tuple[str, str]:
    """The spawner and the sentence that says what it means."""
    wanted = os.environ.get("RUNTILES_SPAWNER") or ("runtiles" if engine_version else "")
    if wanted == "runtiles" and engine_version is None:
        raise CannotRun(f"No Docker engine answers. {engine.advice()}")
    if wanted == "runtiles":
        return wanted, f"Runtimes are containers (Docker {engine_version})."
    if engine_version is None:
        return "runtiles-process", NO_ENGINE + engine.advice()
    return wanted, "Runtimes are plain processes, as RUNTILES_SPAWNER asks: no isolation."


def hub_environment(port: int, state: Path, spawner: str) -> dict[str, str]:
    """What jupyterhub_config.py and the programs it starts read."""
    paths = [ROOT / "build" / "proxy" / "bin", Path(sys.executable).parent]
    return {
        **os.environ,
        "PATH": os.pathsep.join([*map(str, paths), os.environ.get("PATH", os.defpath)]),
        "RUNTILES_DEMO": "1",
        "RUNTILES_PORT": str(port),
        "RUNTILES_STATE_DIR": str(state),
        "RUNTILES_SPAWNER": spawner,
    }


def banner(address: str, state: Path, sentence: str) -> str:
    rest = f"{sentence} State and log are in {state}. Ctrl-C stops everything; files of users stay."
    indented = textwrap.fill(rest, 90, initial_indent="  ", subsequent_indent="  ")
    return f"""
  Runtiles is ready.

    Address   {address}
    User      {USER}
    Password  {password(state)}

{indented}
"""


@contextmanager
def other_images(spawner: str) -> Iterator[None]:
    """Builds what the first click does not need, while the Hub runs already."""
    names = image.missing_or_stale(list(image.IMAGES)) if spawner == "runtiles" else []
    if not names:
        yield
        return
    log = ROOT / "build" / "image" / "build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"runtiles: building {', '.join(names)} in the background, see {log}", flush=True)
    with log.open("wb") as out:
        build = subprocess.Popen(
            ["nice", sys.executable, "-m", "scripts.image", "--if-changed", "all"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGTERM)
        build.wait()


def serve(port: int, state: Path) -> int:
    """Until Ctrl-C. The exit code is the Hub's, 0 when it was asked to stop."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock(state) as held:
        check_ports(hub_ports(port), left_behind(state))
        spawner, sentence = choose_spawner(engine.version())
        if spawner == "runtiles":
            image.build(image.missing_or_stale(["python"]))
        greeting = banner(f"http://127.0.0.1:{port}", state, sentence)
        environment = hub_environment(port, state, spawner)
        stopping = Stopping()
        with other_images(spawner):
            hub = start_hub(environment, state / "hub.log", held)
            return wait_for(hub, stopping, port, greeting, state / "hub.log")


def _number(port: str) -> int:
    if not port.isdecimal():
        raise CannotRun(f"PORT={port}: not a number.")
    return int(port)


def main() -> int:
    """Exit codes: 0 stopped as asked, 1 it cannot run; the Hub's own, or 1, when it ended by itself."""
    state = Path(os.environ.get("RUNTILES_STATE_DIR") or ROOT / "build" / "state").absolute()
    port = os.environ.get("PORT") or "8000"
    try:
        return serve(_number(port), state)
    except (CannotRun, image.BuildFailed) as error:
        print(f"runtiles: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
