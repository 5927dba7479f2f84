"""Pulls that an admin asked for: they go on when the page is left, and tell how far they are."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from runtiles.contract.errors import Conflict, RuntilesError
from runtiles.contract.events import LaunchEvent
from runtiles.engines.base import Engine
from runtiles.images import ImageRef

_log = logging.getLogger(__name__)
#: How long the end of a pull can still be read, and of how many.
_KEPT_S = 3600.0
_KEPT = 20


@dataclass
class Pull:
    reference: str
    state: Literal["pulling", "done", "failed"] = "pulling"
    percent: float | None = None
    message: str = ""
    ended: float | None = None

    def hear(self, event: LaunchEvent) -> None:
        self.message = event.message or self.message
        self.percent = event.percent if event.percent is not None else self.percent

    def to_json(self) -> dict[str, Any]:
        told = (self.reference, self.state, self.percent, self.message)
        return dict(zip(("reference", "state", "percent", "message"), told, strict=True))


@dataclass
class Pulls:
    """`afterwards` is called with the id of an image that has come."""

    engine: Engine
    afterwards: Callable[[str], Awaitable[object]]
    _pulls: dict[str, Pull] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def begin(self, ref: ImageRef) -> Pull:
        """Asks the registry anew, also for an image that is there. Raises Conflict."""
        name = ref.familiar
        if name in self._pulls and self._pulls[name].state == "pulling":
            raise Conflict(f"{name} is being pulled already.")
        self._pulls.pop(name, None)
        self._pulls[name] = Pull(name, message="Waiting for the registry")
        task = asyncio.create_task(self._run(ref, self._pulls[name]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return self._pulls[name]

    def listed(self) -> list[dict[str, Any]]:
        """Those under way and those that ended lately, newest last."""
        limit = time.monotonic() - _KEPT_S
        fresh = [pull for pull in self._pulls.values() if pull.ended is None or pull.ended > limit]
        self._pulls = {pull.reference: pull for pull in fresh[-_KEPT:]}
        return [pull.to_json() for pull in self._pulls.values()]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, ref: ImageRef, pull: Pull) -> None:
        try:
            image = await self.engine.ensure_image(ref, policy="always", report=pull.hear)
        except RuntilesError as error:
            pull.state, pull.message = "failed", str(error)
        except Exception:  # noqa: BLE001, RUF100 - any: nobody awaits this
            _log.exception("Pulling %s failed", ref.familiar)
            pull.state, pull.message = "failed", "The service's log has the reason."
        else:
            pull.percent, pull.message = 100.0, "Making room"
            await self._finish(image.id)
            pull.state, pull.message = "done", "It is on the host."
        pull.ended = time.monotonic()

    async def _finish(self, image_id: str) -> None:
        try:
            await self.afterwards(image_id)
        except RuntilesError as error:
            _log.warning("Could not keep to the budget of the images: %s", error)
