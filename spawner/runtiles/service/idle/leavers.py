"""Who and what has gone for good: users without a server, named runtimes that ended long ago."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from runtiles import names
from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.runtimes.manager import RuntimeManager
from runtiles.store import LaunchRecord, Store
from runtiles.values.moments import parse_moment

_log = logging.getLogger(__name__)
_DAY_S = 86400.0
#: Between two looks at our own records, which is cheap.
_HOUR_S = 3600.0
_AWAY_S = 60.0
_AUTHOR = "Runtiles"
_TOLD = 10_000


def removable(launches: Iterable[LaunchRecord], after: float, now: float) -> list[LaunchRecord]:
    """The newest launches of named runtimes that ended so long ago. What is paused waits for its owner,
    as long as its snapshot does. Pure."""
    return [
        launch
        for launch in launches
        if launch.server
        and not launch.snapshot
        and launch.ended_at is not None
        and now - launch.ended_at >= after
    ]


def leavers(
    users: Iterable[Mapping[str, Any]], after: float, now: float, *, admins: bool
) -> tuple[list[str], float]:
    """Of the Hub's models: who has no server and was not active for so long, and when the next one may be
    due at the earliest. One whose activity or rights nobody tells is left alone. Pure."""
    found, soonest = [], now + after
    for user in users:
        last = _moment(user.get("last_activity") or user.get("created"))
        busy = user.get("server") or user.get("servers") or user.get("pending")
        if last is None or busy or (user.get("admin") is not False and not admins):
            continue
        if now - last >= after:
            found.append(str(user["name"]))
        else:
            soonest = min(soonest, last + after)
    return found, soonest


@dataclass(frozen=True)
class Leavers:
    """Nothing is done unless the site's policy says so. The Hub is asked for its users when one may be due,
    not at every pass."""

    store: Store
    runtimes: RuntimeManager
    policy: SitePolicy
    caller: Caller
    _told: set[tuple[str, str]] = field(default_factory=set, repr=False)

    @property
    def parts(self) -> list[Callable[[], Awaitable[None]]]:
        """Each for ever, or until there is nothing to do."""
        return [self._users, self._servers]

    async def _servers(self) -> None:
        after = self.policy.remove_named_servers
        while after is not None:
            try:
                await self.servers(after, time.time())
                await asyncio.sleep(_HOUR_S)
            except RuntilesError as error:
                _log.warning("Which runtimes ended long ago is not known: %s", error)
                await asyncio.sleep(_AWAY_S)

    async def servers(self, after: float, now: float) -> None:
        launches = await asyncio.to_thread(self.store.launches.runtimes)
        for launch in removable(launches, after, now):
            target = f"runtime:{launch.user}/{names.runtime_name(launch.server)}"
            try:
                await self._server(launch, target)
            except RuntilesError as error:
                _log.warning("%s is not removed: %s", target, error)

    async def _server(self, launch: LaunchRecord, target: str) -> None:
        """In its owner's turn: nobody starts it through the service between the last look and its end."""
        user, server = launch.user, launch.server
        async with self.runtimes.turns.of(user):
            if not await self._has_ended(launch) or await self._audited("idle.remove", target):
                return
            with suppress(NotFound):
                await self.runtimes.hub.remove(self.caller.token, user, server)
        # Not what its owner makes under this name from now on.
        if await self.runtimes.forgotten(self.caller, user, names.runtime_name(server)):
            self._told.discard(("idle.remove", target))

    async def _has_ended(self, launch: LaunchRecord) -> bool:
        """At this moment, too: while others were removed its owner may have started it, or paused another.
        Raises NotFound, ServiceUnavailable."""
        latest = self.store.launches.latest
        if await asyncio.to_thread(latest, launch.user, launch.server) != launch:
            return False
        user = await self.runtimes.user(self.caller, launch.user)
        server = (user.servers or {}).get(launch.server)
        return server is None or bool(server.get("stopped") and not server.get("pending"))

    async def _users(self) -> None:
        while self.policy.cull_users:
            try:
                soonest = await self.users(time.time())
                await asyncio.sleep(min(max(soonest - time.time(), _AWAY_S), _DAY_S))
            except RuntilesError as error:
                _log.warning("Which users have gone is not known: %s", error)
                await asyncio.sleep(_AWAY_S)

    async def users(self, now: float) -> float:
        """When to look again."""
        hub, token = self.runtimes.hub, self.caller.token
        found, soonest = leavers(
            await hub.inactive_users(token),
            self.policy.cull_users_after,
            now,
            admins=self.policy.cull_admin_users,
        )
        for user in found:
            try:
                await self._user(user, now)
            except RuntilesError as error:
                # One that cannot be removed keeps no other.
                _log.warning("The user %s is not removed: %s", user, error)
                soonest = min(soonest, now + _HOUR_S)
        return soonest

    async def _user(self, user: str, now: float) -> None:
        async with self.runtimes.turns.of(user):
            if not await self._has_left(user, now):
                return
            action = "idle.remove_user", f"user:{user}"
            if not await self._audited(*action):
                with suppress(NotFound):
                    await self.runtimes.hub.delete_user(self.caller.token, user)
                self._told.discard(action)

    async def _has_left(self, user: str, now: float) -> bool:
        """Nothing waits for them: the Hub forgets their runtimes with them, paused ones included. And they
        have not come back while the others were deleted."""
        if await asyncio.to_thread(self.store.snapshots.of_user, user):
            return False
        try:
            model = await self.runtimes.hub.model_of(self.caller.token, user)
        except NotFound:
            return False
        after, admins = self.policy.cull_users_after, self.policy.cull_admin_users
        return bool(leavers([model], after, now, admins=admins)[0])

    async def _audited(self, action: str, target: str) -> bool:
        """Written down before it is done, and once, however often it is tried. True: only written down."""
        dry_run = self.policy.idle_dry_run
        if (action, target) not in self._told:
            details = {"dry_run": dry_run}
            await asyncio.to_thread(self.store.audit.record, _AUTHOR, action, target, details)
            if len(self._told) >= _TOLD:
                self._told.clear()
            self._told.add((action, target))
        return dry_run


def _moment(text: Any) -> float | None:
    try:
        return parse_moment(str(text))
    except ValueError:
        return None
