"""Runtimes that can be paused, and notebooks in them."""

import asyncio
import concurrent.futures
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.launched import CONTROL_KEY, Launched

SNAPSHOT_KEY = "5a" * 32
SNAPSHOT = "s1"
_PATIENCE_S = 60.0


def begun(launch: NewLaunch, environ: dict[str, str] | None = None, **spec: Any) -> Launched:
    keys = {"snapshot_key": SNAPSHOT_KEY, "control_key": CONTROL_KEY}
    launched = launch(environ, **{**keys, **spec})
    launched.wait_ready()
    return launched


def notebook(launched: Launched, name: str, kernel: str = "python3") -> tuple[str, str]:
    """A new session: its id and its kernel's."""
    wanted = {"path": name, "name": name, "type": "notebook", "kernel": {"name": kernel}}
    session = launched.json("api/sessions", wanted)
    return session["id"], session["kernel"]["id"]


def run(launched: Launched, kernel: str, code: str) -> str:
    return asyncio.run(launched.run_in_kernel(code, kernel))


def pause(launched: Launched, **request: Any) -> Any:
    status, answer = launched.call("POST", "pause", {"snapshot": SNAPSHOT, **request})
    assert status in (200, 202), (answer, launched.output)
    return answer


def refused(launched: Launched, method: str, path: str, body: object = None) -> Any:
    status, answer = launched.call(method, path, body)
    assert status >= 400, answer
    return {**answer["error"], "status": status}


def status(launched: Launched) -> Any:
    return launched.call("GET", "pause")[1]


def wait(launched: Launched, true: Callable[[Any], bool]) -> Any:
    """The status of the pause, when `true` of it."""
    deadline = time.monotonic() + _PATIENCE_S
    while not true(found := status(launched)):
        assert time.monotonic() < deadline, (found, launched.output)
        time.sleep(0.02)
    return found


def wait_for_file(path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


def begin(launched: Launched, kernel: str, code: str) -> "concurrent.futures.Future[str]":
    """Runs it beside the test; returns when the kernel is at it."""
    mark = launched.storage / f"begun-{time.monotonic_ns()}"
    loop = asyncio.new_event_loop()
    whole = f"open({str(mark)!r}, 'w').close()\n{code}"
    future = asyncio.run_coroutine_threadsafe(launched.run_in_kernel(whole, kernel), loop)
    threading.Thread(target=loop.run_forever, daemon=True).start()
    wait_for_file(mark)
    return future


def folder_of(launched: Launched, snapshot: str = SNAPSHOT) -> Path:
    return launched.storage / ".runtiles" / "snapshots" / snapshot


def snapshots(launched: Launched) -> list[str]:
    root = launched.storage / ".runtiles" / "snapshots"
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def content_of(launched: Launched, snapshot: str = SNAPSHOT) -> Any:
    return json.loads((folder_of(launched, snapshot) / "snapshot.json").read_text())["snapshot"]
