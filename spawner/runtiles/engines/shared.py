"""One job, many listeners: callers who want the same thing at the same time share its making."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from runtiles.contract.events import LaunchEvent

from .base import Report

_log = logging.getLogger(__name__)
_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


async def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Awaits it; a cancellation waits until it is done. A creation that is cut off half-way may leave
    a container behind that appears only after everybody has looked for it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


class SharedJobs(Generic[_K, _T]):
    """Runs at most one job per key at a time.

    * All callers of a key get the job's result, or its error.
    * Each hears the job's events from the moment it joins, beginning with the latest state.
    * A caller that is cancelled only leaves; the last one to leave cancels the job and waits until
      it has given back what it held.
    """

    def __init__(self) -> None:
        self._jobs: dict[_K, _Job[_T]] = {}

    async def run(self, key: _K, work: Callable[[Report], Awaitable[_T]], report: Report) -> _T:
        """Joins the key's job, or starts it with `work`."""
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = _Job(work)
            job.task.add_done_callback(lambda _: self._forget(key, job))
        job.join(report)
        try:
            return await asyncio.shield(job.task)
        finally:
            job.leave(report)
            if not job.listeners and not job.task.done():
                self._forget(key, job)
                await job.cancel()

    def __len__(self) -> int:
        return len(self._jobs)

    async def close(self) -> None:
        """Cancels every job; those who wait get CancelledError."""
        jobs = list(self._jobs.values())
        self._jobs.clear()
        for job in jobs:
            await job.cancel()

    def _forget(self, key: _K, job: "_Job[_T]") -> None:
        if self._jobs.get(key) is job:
            del self._jobs[key]


class _Job(Generic[_T]):
    """A running piece of work and its listeners, the same function as often as it joined."""

    def __init__(self, work: Callable[[Report], Awaitable[_T]]) -> None:
        self.listeners: list[Report] = []
        self._latest: dict[str, LaunchEvent] = {}
        self.task: asyncio.Task[_T] = asyncio.ensure_future(self._run(work))

    async def _run(self, work: Callable[[Report], Awaitable[_T]]) -> _T:
        return await work(self._tell)

    def join(self, report: Report) -> None:
        self.listeners.append(report)
        for event in self._latest.values():
            _tell(report, event)

    def leave(self, report: Report) -> None:
        self.listeners.remove(report)

    async def cancel(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})
        if not self.task.cancelled():
            self.task.exception()  # retrieved: nobody is left to hear it

    def _tell(self, event: LaunchEvent) -> None:
        # One of each kind is the state to catch up with: the phase, how far it is, the last line.
        self._latest[event.kind] = event
        for report in tuple(self.listeners):
            _tell(report, event)


def _tell(report: Report, event: LaunchEvent) -> None:
    try:
        report(event)
    except Exception:  # noqa: BLE001 - one deaf listener must not end the pull of the others
        _log.exception("A listener failed on a %s event", event.phase)
