"""Real kernels, each a process of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

import runtiles_server

ROOT = str(Path(runtiles_server.__file__).parents[1])


@contextmanager
def kernel(folder: Path) -> Iterator[BlockingKernelClient]:
    manager = KernelManager(transport="ipc", ip=str(folder / "kernel"))
    manager.start_kernel(cwd=str(folder), extra_arguments=["--HistoryManager.enabled=False"])
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def run(client: BlockingKernelClient, code: str, history: bool = True) -> str:
    """What the cell prints. Fails with its traceback."""
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, store_history=history, timeout=60, output_hook=hear)
    assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))
    return "".join(printed)


def state(client: BlockingKernelClient, call: str) -> Any:
    # As a pause does it: not a cell of the user's.
    lines = (
        f"__import__('sys').path.insert(0, {ROOT!r})",
        f"__import__('builtins').print(__import__('json').dumps(__import__('runtiles_server.state').state.{call}.to_dict()))",
        "__import__('sys').path.remove(" + repr(ROOT) + ")",
    )
    return json.loads(run(client, "\n".join(lines), history=False))
