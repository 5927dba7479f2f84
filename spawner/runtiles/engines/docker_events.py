"""One subscription to the engine's events, so that asking for a status usually costs nothing.

While the subscription stands, a status once read stays true until an event says otherwise. While it
does not, every question goes to the engine: what it does not answer is EngineUnavailable, never
"stopped".
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from typing import Any

import docker
import docker.errors

from runtiles.contract.errors import EngineUnavailable, RuntilesError
from runtiles.contract.protocol import LABEL_HUB

from .base import ContainerStatus
from .docker_client import DockerDoor
from .docker_status import after_event, from_description
from .docker_stream import EngineStream, JsonLines, RefusedError

_log = logging.getLogger(__name__)
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
#: A quiet subscription is renewed: a connection that died without a word would look the same.
_QUIET = 300.0
#: How often a status is asked for again while there is no subscription to wait on.
_POLL = 1.0
_CHANGES = ("start", "restart", "die", "oom", "pause", "unpause", "destroy")


class StatusCache:
    """Statuses of this hub's containers. Bound to an event loop; `close()` ends its subscription."""

    def __init__(self, door: DockerDoor, hub: str) -> None:
        self._door = door
        self._filters = json.dumps({"type": ["container"], "label": [f"{LABEL_HUB}={hub}"]})
        self._hub = hub
        self._known: dict[str, ContainerStatus] = {}
        #: Questions on their way; an event about the container makes their answers too old to keep.
        self._asking: dict[str, object] = {}
        self._pulse = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._refreshes: set[asyncio.Task[None]] = set()
        self.standing = False

    async def status(self, container_id: str) -> ContainerStatus | None:
        """None = there is no such container."""
        self._subscribe()
        known = self._known.get(container_id) if self.standing else None
        return known or await self._ask(container_id)

    async def wait(self, container_id: str) -> ContainerStatus | None:
        """Until it has ended, or is gone (None)."""
        while True:
            pulse = self._pulse  # taken first: what happens while we ask sets it
            status = await self.status(container_id)
            if status is None:
                return None
            if status.state == "exited":
                return await self._ask(container_id) or status
            await _heard(pulse, None if self.standing else _POLL)

    def forget(self, container_id: str) -> None:
        """The next question goes to the engine: for who has just changed something itself."""
        self._asking.pop(container_id, None)
        self._known.pop(container_id, None)

    async def close(self) -> None:
        tasks = {*self._refreshes, *([self._task] if self._task else [])}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, container_id: str) -> ContainerStatus | None:
        question = self._asking[container_id] = object()
        try:
            found = await self._door.call(lambda client: _inspect(client, container_id))
        finally:
            fresh = self._asking.get(container_id) is question
            if fresh:
                del self._asking[container_id]
        if found is None:
            return None
        status = from_description(found)
        if fresh and self.standing and self._is_watched(container_id, found):
            self._known[container_id] = status
        return status

    def _is_watched(self, container_id: str, found: Mapping[str, Any]) -> bool:
        """Events name containers of this hub by their full id: nothing else may be kept."""
        labels = (found.get("Config") or {}).get("Labels") or {}
        return found.get("Id") == container_id and labels.get(LABEL_HUB) == self._hub

    # -- the subscription --------------------------------------------------------------------------

    def _subscribe(self) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._listen()
                pause = _FIRST_PAUSE
            except (RuntilesError, RefusedError, TimeoutError) as error:
                # As text: a record that keeps the error would keep its frames, and so their sockets.
                _log.warning("No events from the container engine: %s", str(error))
                pause = _FIRST_PAUSE if self.standing else min(pause * 2, _LONGEST_PAUSE)
            finally:
                self._begin(standing=False)
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        """Returns when the connection has been quiet for long; raises when it breaks."""
        lines = JsonLines()
        async with EngineStream(
            self._door, "GET", "/events", params={"filters": self._filters}
        ) as stream:
            self._begin(standing=True)
            while (data := await stream.read(_QUIET)) is not None:
                if data == b"":
                    raise EngineUnavailable("The container engine ended its stream of events.")
                for message in lines.feed(data):
                    self._take(message)

    def _begin(self, *, standing: bool) -> None:
        """Nothing that was known before a gap can be trusted after it."""
        self.standing = standing
        self._known.clear()
        self._asking.clear()
        self._tell()

    def _take(self, message: Mapping[str, Any]) -> None:
        actor = message.get("Actor") or {}
        container_id, action = str(actor.get("ID")), str(message.get("Action"))
        if action not in _CHANGES:
            return
        known = self._known.get(container_id)
        self.forget(container_id)
        if known is not None:
            code = str((actor.get("Attributes") or {}).get("exitCode", ""))
            status = after_event(known, action, code)
            if status is not None:
                self._known[container_id] = status
                if action == "die":
                    self._refresh(container_id)
        self._tell()

    def _refresh(self, container_id: str) -> None:
        """An event tells of the end at once; only the engine knows whether memory was the reason."""
        task = asyncio.ensure_future(self._ask_quietly(container_id))
        self._refreshes.add(task)
        task.add_done_callback(self._refreshes.discard)

    async def _ask_quietly(self, container_id: str) -> None:
        with contextlib.suppress(RuntilesError):
            await self._ask(container_id)

    def _tell(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()


async def _heard(pulse: asyncio.Event, timeout: float | None) -> None:
    """Waits for the pulse or the timeout. Not asyncio.wait_for: see docker_stream.py."""
    waiting = asyncio.ensure_future(pulse.wait())
    try:
        await asyncio.wait({waiting}, timeout=timeout)
    finally:
        waiting.cancel()


def _inspect(client: docker.APIClient, container_id: str) -> Mapping[str, Any] | None:
    try:
        return dict(client.inspect_container(container_id))
    except docker.errors.NotFound:
        return None
