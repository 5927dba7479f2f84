"""Calls in real kernels, over channels of our own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.multikernelmanager import AsyncMultiKernelManager

from runtiles.contract.errors import NotFound
from runtiles_server.failures import KernelBusy, KernelFailed, KernelGone, NotCarried
from runtiles_server.kernels.asking import Errand, Kernels


@dataclass
class Server:
    """What `Kernels` needs of a Jupyter server."""

    kernel_manager: AsyncMultiKernelManager


@asynccontextmanager
async def kernels(folder: Path) -> AsyncIterator[tuple[Kernels, Any, str]]:
    manager: Any = AsyncMultiKernelManager(connection_dir=str(folder))
    kernel_id = await manager.start_kernel(
        cwd=str(folder), extra_arguments=["--HistoryManager.enabled=False"]
    )
    place = folder / "errands"
    place.mkdir()
    try:
        yield Kernels(Server(manager), place), manager, kernel_id
    finally:
        await manager.shutdown_all(now=True)
    assert list(place.iterdir()) == []


async def run(manager: Any, kernel_id: str, code: str) -> None:
    client = manager.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        await client.execute_interactive(code, timeout=60)
    finally:
        client.stop_channels()


def test_a_call_answers_and_leaves_no_trace(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            await run(manager, kernel_id, "exec = str = eval = None\nx = [1]; y = x")
            plan = await asked.ask(kernel_id, "plan()")
            assert [each["name"] for each in plan["variables"]] == ["exec", "str", "eval", "x", "y"]
            saved = await asked.ask(kernel_id, f"save({str(tmp_path / 's')!r}, key=b'k')")
            assert saved["bytes"] > 0
            assert "buffers" not in saved
            after = await asked.ask(kernel_id, "plan()")
            assert len(after["variables"]) == 5
            with pytest.raises(KernelFailed) as caught:
                await asked.ask(kernel_id, f"load({str(tmp_path / 'none')!r})")
            assert caught.value.details["kind"] == "Unreadable"
            with pytest.raises(NotFound):
                await asked.ask("nobody", "plan()")

    asyncio.run(go())


async def begin(manager: Any, kernel_id: str, code: str) -> Any:
    """Starts a cell and returns when it runs."""
    client = manager.get_kernel(kernel_id).client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    message = client.execute(code)
    while True:
        heard = await client.get_iopub_msg(timeout=60)
        if heard["parent_header"].get("msg_id") == message and heard["msg_type"] == "stream":
            return client


def test_a_busy_kernel_says_so_and_does_nothing_later(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            client = await begin(
                manager, kernel_id, "import time; print(1, flush=True)\ntime.sleep(600)"
            )
            with pytest.raises(KernelBusy):
                await asked.ask(kernel_id, f"save({str(tmp_path / 's')!r})", patience=0.2)
            waiting = asyncio.ensure_future(asked.ask(kernel_id, "plan()", patience=60))
            await asyncio.sleep(0)
            # The interrupt takes along what waits behind the cell: it is asked again.
            await manager.interrupt_kernel(kernel_id)
            assert [each["name"] for each in (await waiting)["variables"]] == ["time"]
            assert not (tmp_path / "s").exists()
            client.stop_channels()

    asyncio.run(go())


def test_a_kernel_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            client = await begin(
                manager, kernel_id, "print(1, flush=True)\n"
                "import time; time.sleep(600)"
            )  # fmt: skip
            waiting = asyncio.ensure_future(asked.ask(kernel_id, "plan()", patience=60))
            await asyncio.sleep(0)
            await manager.restart_kernel(kernel_id, now=True)
            with pytest.raises(KernelGone):
                await waiting
            client.stop_channels()

    asyncio.run(go())


async def held(asked: Kernels, kernel_id: str, hold: float = 60) -> Errand:
    errand = asked.errand(kernel_id, "plan()", hold)
    await errand.send()
    assert (await errand.answer())["result"]["variables"] is not None
    return errand


def test_a_held_kernel_runs_what_waits_when_it_is_let_go(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            errand = await held(asked, kernel_id)
            waiting = asyncio.ensure_future(asked.ask(kernel_id, "plan()", patience=0.3))
            with pytest.raises(KernelBusy):
                await waiting
            await manager.interrupt_kernel(kernel_id)
            while not errand.interrupted:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            errand.let_go()
            await errand.over()
            assert await asked.ask(kernel_id, "plan()") is not None
            errand.close()

    asyncio.run(go())


def test_nobody_is_held_by_a_server_that_is_gone(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, _, kernel_id):
            errand = await held(asked, kernel_id, hold=0.3)
            await errand.over()
            errand.close()

    asyncio.run(go())


def test_a_held_kernel_that_is_to_stop_runs_nothing_more(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            errand = await held(asked, kernel_id)
            client = manager.get_kernel(kernel_id).client()
            client.start_channels()
            client.execute(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
            errand.end()
            await errand.over()
            assert not (tmp_path / "ran").exists()
            client.stop_channels()
            errand.close()

    asyncio.run(go())


def test_other_languages_are_not_carried(tmp_path: Path) -> None:
    async def go() -> None:
        async with kernels(tmp_path) as (asked, manager, kernel_id):
            manager.get_kernel(kernel_id).kernel_spec.language = "R"
            with pytest.raises(NotCarried):
                await asked.ask(kernel_id, "plan()")

    asyncio.run(go())
