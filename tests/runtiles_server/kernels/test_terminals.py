"""What a pause says of terminals before it ends them: real shells in a real server."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.fixtures.hub import wait_until
from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import begun, content_of, pause
from tests.runtiles_server.launched import PREFIX, Launched, hang_up
from tests.runtiles_server.pretend_hub import TOKEN

Told = tuple[str | None, str]
Type = Callable[[str], Awaitable[None]]


def told(launched: Launched) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pause(launched, dry_run=True)["terminals"]
    return found


def says(launched: Launched, *expected: Told) -> None:
    """Sooner or later: for a moment a program is still called as its shell."""
    last: list[Told] = []

    def so() -> bool:
        last[:] = [(each["job"], each["status"]) for each in told(launched)]
        return last == list(expected)

    try:
        wait_until(so, 60, f"the terminals to be {expected}")
    except AssertionError:
        raise AssertionError(last) from None


def in_a_terminal(launched: Launched, steps: Callable[[Type], Awaitable[None]]) -> None:
    """With a shell that somebody types into."""

    async def go() -> None:
        name = launched.json("api/terminals", {})["name"]
        url = f"ws://127.0.0.1:{launched.port}{PREFIX}terminals/websocket/{name}"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        connection = await websocket_connect(request)

        async def typed(text: str) -> None:
            await connection.write_message(json.dumps(["stdin", text]))

        try:
            await steps(typed)
        finally:
            hang_up(connection)

    asyncio.run(go())


def test_what_runs_in_a_terminal_is_named_before_it_ends(launch: NewLaunch) -> None:
    launched = begun(launch)
    assert told(launched) == []

    async def steps(typed: Type) -> None:
        async def seen(*expected: Told) -> None:
            await asyncio.to_thread(says, launched, *expected)

        await seen((None, "prompt"))
        await typed("sleep 600\r")
        await seen(("sleep", "running"))
        await asyncio.to_thread(pause, launched, hold=False)
        # Suspended it would be as lost.
        await typed("\x1a")
        await seen(("sleep", "background"))
        await typed("kill -9 %1; wait\r")
        await seen((None, "prompt"))
        await typed("bash --norc\r")
        await seen(("bash", "waiting"))

    in_a_terminal(launched, steps)
    (kept,) = content_of(launched)["terminals"]
    assert (kept["job"], kept["status"]) == ("sleep", "running")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_what_runs_in_a_detached_tmux_is_named(launch: NewLaunch, tmp_path: Path) -> None:
    launched, socket = begun(launch), str(tmp_path / "tmux")
    tmux = f"tmux -S {socket} -f /dev/null"

    async def steps(typed: Type) -> None:
        await typed(f"{tmux} new-session -d 'sleep 600'; {tmux} new-session -d\r")
        await asyncio.to_thread(says, launched, (None, "prompt"), ("sleep", "background"))

    try:
        in_a_terminal(launched, steps)
        assert told(launched)[-1]["name"] == "tmux"
    finally:
        subprocess.run([*tmux.split(), "kill-server"], check=False)
    says(launched, (None, "prompt"))
