"""Which kernels there are, and what keeps them."""

import time
from typing import Any, Dict, List, Optional

from jupyter_client.asynchronous.client import AsyncKernelClient

from runtiles_server.kernels.asking import Kernels, language_of
from runtiles_server.kernels.ours import mark

#: A kernel whose control channel is silent for so long is held by C code.
_SILENCE_S = 3.0


class BusyClock:
    """Since when each kernel has been busy, seen by looking: to the interval of the looks."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._since: Dict[str, float] = {}

    def look(self) -> None:
        now = time.monotonic()
        self._since = {
            each["id"]: self._since.get(each["id"], now)
            for each in self._server.kernel_manager.list_kernels()
            if each["execution_state"] == "busy"
        }

    def seconds(self, kernel_id: str) -> float:
        """0 for one that is not busy."""
        since = self._since.get(kernel_id)
        return 0.0 if since is None else round(time.monotonic() - since, 1)


async def listed(server: Any, kernels: Kernels, clock: BusyClock) -> List[Dict[str, Any]]:
    """Every kernel, with the sessions that show it; `path` is the first one's."""
    clock.look()
    sessions = await sessions_of(server)
    found = []
    for each in server.kernel_manager.list_kernels():
        own = sessions.get(each["id"], [])
        language = language_of(kernels.manager(each["id"]))
        found.append(
            {
                "id": each["id"],
                "name": each["name"],
                "language": language,
                "path": own[0]["path"] if own else "",
                "sessions": own,
                "execution_state": each["execution_state"],
                "busy_seconds": clock.seconds(each["id"]),
                "carried": language == "python",
            }
        )
    return found


async def sessions_of(server: Any) -> Dict[str, List[Dict[str, str]]]:
    """By kernel: id, path, name and type of each session."""
    found: Dict[str, List[Dict[str, str]]] = {}
    for each in await server.session_manager.list_sessions():
        session = {key: str(each.get(key) or "") for key in ("id", "path", "name", "type")}
        found.setdefault(each["kernel"]["id"], []).append(session)
    return found


async def is_stuck(manager: Any, patience: float = _SILENCE_S) -> bool:
    """Does not even its control channel answer? It does while Python code runs."""
    client = AsyncKernelClient()
    client.load_connection_file(manager.connection_file)
    mark(client)
    client.start_channels(iopub=False, stdin=False, hb=False, shell=False)
    try:
        client.control_channel.send(client.session.msg("kernel_info_request"))
        return await _silent(client, patience)
    finally:
        client.stop_channels()


async def _silent(client: Any, patience: float) -> bool:
    try:
        await client.get_control_msg(timeout=patience)
    except Exception:  # noqa: BLE001 # queue.Empty, or a socket that is gone
        return True
    return False


def first(kernels: List[Dict[str, Any]], kernel_id: str) -> Optional[Dict[str, Any]]:
    return next((each for each in kernels if each["id"] == kernel_id), None)
