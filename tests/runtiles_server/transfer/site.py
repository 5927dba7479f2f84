"""Two runtimes of one user as real launchers with kernels, and the service's part of a transfer."""

import asyncio
import contextlib
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.site import execute
from tests.runtiles_server.launched import CONTROL_KEY, PREFIX, Launched
from tests.runtiles_server.pretend_hub import TOKEN, PretendHub, pretending

KEY = "5e" * 32


@dataclass
class Kernel:
    server: Launched
    id: str

    def run(self, code: str) -> str:
        # A kernel drops a message that is the same, byte for byte, as one before.
        code = f"{code}\n# {uuid.uuid4()}"
        return asyncio.run(execute(origin(self.server).rstrip("/"), TOKEN, self.id, code)).strip()


def kernel(server: Launched) -> Kernel:
    return Kernel(server, server.json("api/kernels", {})["id"])


@contextmanager
def runtimes(folder: Path, count: int = 2, *, storage: str = "common") -> Iterator[list[Launched]]:
    """`storage`: common, each its own, or none."""
    with ExitStack() as stack:
        found = []
        for number in range(count):
            hub = stack.enter_context(pretending(PretendHub()))
            hub.spec = {"protocol": 1, "snapshot_key": KEY, "control_key": CONTROL_KEY}
            own = folder if storage == "common" else folder / str(number)
            own.mkdir(exist_ok=True)
            environ = {"RUNTILES_STORAGE_DIR": ""} if storage == "none" else {}
            server = Launched.start(hub, own, environ)
            stack.callback(server.end)
            server.wait_ready()
            found.append(server)
        yield found


def call(server: Launched, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    found, answer = server.call(method, path, body)
    assert found == status, (found, answer, server.output)
    return answer


def within(source: Kernel, target: Kernel, status: int = 200, **wanted: Any) -> Any:
    body = {"from": {"kernel": source.id}, "to": {"kernel": target.id}, **wanted}
    return call(source.server, "POST", "transfer", body, status)


def give(source: Kernel, status: int = 200, **wanted: Any) -> Any:
    return call(source.server, "POST", "transfers", {"kernel": source.id, **wanted}, status)


def origin(server: Launched) -> str:
    return f"http://127.0.0.1:{server.port}{PREFIX}"


def take(given: Any, target: Kernel, url: str, status: int = 200, **wanted: Any) -> Any:
    source = {"urls": [url], "ticket": given["ticket"]}
    body = {"kernel": target.id, "source": source, **wanted}
    return call(target.server, "POST", f"transfers/{given['id']}/load", body, status)


def across(source: Kernel, target: Kernel, **wanted: Any) -> Any:
    """As the service does it."""
    given = give(source, **wanted)
    try:
        return take(given, target, origin(source.server), **wanted)
    finally:
        call(source.server, "DELETE", f"transfers/{given['id']}")


def left(server: Launched) -> list[str]:
    """What lies around of transfers."""
    folder = server.storage / ".runtiles" / "transfers"
    return [str(each) for each in folder.iterdir()] if folder.exists() else []


def statuses(result: Any) -> dict[str, str]:
    return {each["name"]: each["status"] for each in result["variables"]}


@contextmanager
def cutting(port: int, after: int, cuts: int) -> Iterator[tuple[str, list[int]]]:
    """A way to a server that breaks the first `cuts` answers after so many bytes; each answer's bytes."""
    listening = socket.create_server(("127.0.0.1", 0))
    sent: list[int] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listening.accept()
                threading.Thread(target=pump, args=(here,), daemon=True).start()

    def pump(here: socket.socket) -> None:
        with (
            here,
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port)) as there,
        ):
            there.sendall(here.recv(65536))
            count = 0
            while data := there.recv(65536):
                broken = sum(each > after for each in sent) < cuts and count + len(data) > after
                here.sendall(data)
                count += len(data)
                if broken:
                    break
            sent.append(count)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}{PREFIX}", sent
    finally:
        listening.close()
