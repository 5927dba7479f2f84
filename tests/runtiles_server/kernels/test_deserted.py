"""Kernels that are held for somebody who never comes back."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from runtiles_server.kernels.pausing import Pause
from runtiles_server.kernels.places import Folders
from runtiles_server.kernels.request import PauseRequest

from .test_asking import kernels, run


def test_they_go_on_and_the_snapshot_stays(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            await run(manager, kernel_id, "x = [1]")
            entry: dict[str, Any] = {
                "id": kernel_id,
                "name": "python3",
                "language": "python",
                "path": "a.ipynb",
            }
            entry |= {"sessions": [], "execution_state": "idle", "busy_seconds": 0, "carried": True}

            async def listed() -> list[dict[str, Any]]:
                return [entry]

            held = partial(Pause, asked, listed, Folders(tmp_path), b"key")
            pause = held(PauseRequest(hold=True), {}, None, deserted=2.0)
            await pause.wait()
            assert pause.active
            await asyncio.wait_for(pause.task, 60)
            told = pause.status()
            assert (told["state"], told["error"]["code"]) == ("released", "released")
            assert Folders(tmp_path).of(pause.snapshot).is_dir()
            # It would wait for ever if the kernel were still held.
            await run(manager, kernel_id, "x.append(2)")

    asyncio.run(go())
