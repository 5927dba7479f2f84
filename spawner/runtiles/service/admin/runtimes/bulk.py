"""One action on many runtimes: each has its own outcome, and one that fails stops no other."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtiles.contract.errors import RuntilesError, ServiceUnavailable
from runtiles.service.access import Caller
from runtiles.service.errors import body_of
from runtiles.service.runtimes.actions import Actions
from runtiles.store import Store

_log = logging.getLogger(__name__)

BULK = ("stop", "start", "pause", "resume", "extend", "delete")


@dataclass(frozen=True)
class Target:
    user: str
    name: str

    def __str__(self) -> str:
        return f"runtime:{self.user}/{self.name}"


@dataclass(frozen=True)
class BulkActions:
    """Acts with the caller's token, `at_once` runtimes at a time."""

    actions: Actions
    store: Store
    at_once: int = 8

    async def run(
        self,
        caller: Caller,
        action: str,
        targets: Sequence[Target],
        *,
        options: Mapping[str, Any],
        message: str = "",
    ) -> list[dict[str, Any]]:
        """A result for each target, in their order; each is in the audit log as soon as it is known.

        The owner of what worked is told the message, once.
        """
        job = _Job(self.actions, self.store, caller, action, options, message)
        slots = asyncio.Semaphore(self.at_once)

        async def one(target: Target) -> dict[str, Any]:
            async with slots:
                return await job.do(target)

        return await asyncio.gather(*(one(target) for target in dict.fromkeys(targets)))


@dataclass
class _Job:
    actions: Actions
    store: Store
    caller: Caller
    action: str
    options: Mapping[str, Any]
    message: str
    told: set[str] = field(default_factory=set)

    async def do(self, target: Target) -> dict[str, Any]:
        result: dict[str, Any] = {"user": target.user, "name": target.name}
        try:
            result |= {"ok": True, "state": await self._act(target)}
        except RuntilesError as error:
            result |= {"ok": False, "error": error.to_dict()}
        except Exception:  # noqa: BLE001, RUF100 - any: the others go on
            _log.exception("%s of %s failed", self.action, target)
            result |= {"ok": False, **body_of(None, 500)}
        try:
            await asyncio.to_thread(self._write_down, target, result)
        except ServiceUnavailable as error:
            # It is done all the same, and the others are not to wait for a full disk.
            _log.error("%s of %s is not in the audit log: %s", self.action, target, error)
        return result

    async def _act(self, target: Target) -> str | None:
        """The state after it has begun, None for what is gone."""
        if self.action == "delete":
            await self.actions.runtimes.delete(self.caller, target.user, target.name)
            return None
        act = self.actions.act
        runtime = await act(self.caller, target.user, target.name, self.action, self.options)
        return str(runtime["state"])

    def _write_down(self, target: Target, result: Mapping[str, Any]) -> None:
        details = {"ok": result["ok"], "message": self.message, "error": result.get("error")}
        known = {key: value for key, value in details.items() if value not in ("", None)}
        self.store.audit.record(self.caller.name, f"runtime.{self.action}", str(target), known)
        if self.message and result["ok"] and target.user not in self.told:
            self.told.add(target.user)
            self.store.notices.send([target.user], self.message, author=self.caller.name)
