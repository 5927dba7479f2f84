"""From a LaunchRequest to a server that the Hub has begun to start."""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from runtiles import names
from runtiles.catalogue import LiveCatalogue
from runtiles.contract.errors import (
    Conflict,
    InvalidRequest,
    LaunchFailed,
    LimitReached,
    NotFound,
    RuntilesError,
)
from runtiles.lifecycle import Action, allowed_actions
from runtiles.options import (
    LaunchRequest,
    for_another,
    to_user_options,
    validate,
    within_limits,
)
from runtiles.plan import plan
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.contexts.manager import ContextManager
from runtiles.service.hub import Hub, HubUser
from runtiles.store import Store, Typed, check_secrets, check_snapshot, detach

from .manager import RuntimeManager

_log = logging.getLogger(__name__)

#: The Hub answers a start when the server is ready, or after its slow_spawn_timeout. What it refuses
#: it refuses at once; so after this long the launch is under way and its progress tells the rest.
_ACCEPTED_AFTER_S = 1.0
_RECORD_INTERVAL_S = 0.05
#: What one launch was asked and the next one is not.
_ONCE = ("name", "resume")


@dataclass
class Launcher:
    """Validates, keeps typed credentials as secrets, and starts with the caller's own token."""

    hub: Hub
    store: Store
    catalogue: LiveCatalogue
    policy: SitePolicy
    runtimes: RuntimeManager
    contexts: ContextManager
    _starting: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict, repr=False)

    async def preview(
        self, caller: Caller, owner: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a launch with these options would be; changes nothing. Raises InvalidRequest."""
        user = await self.runtimes.user(caller, owner)
        name, request, typed = await self._new(caller, user, options)
        await self._check_secrets(caller, user, request, typed)
        await asyncio.to_thread(check_snapshot, self.store.snapshots, user.name, request.resume)
        return self._planned(name, request, _teams(caller, user))

    async def configuration(self, caller: Caller, owner: str, name: str) -> dict[str, Any]:
        """What a start of this runtime with its last options would be. Raises NotFound, and
        InvalidRequest where the site does not allow them any more."""
        found = await self.runtimes.facts(caller, owner, name)
        previous_of = owner if caller.may("read:servers", owner) else None
        teams = _teams(caller, await self.runtimes.user(caller, owner))
        last = self._allowed({k: v for k, v in found.options.items() if k not in _ONCE}, teams)
        request = await self._validate(previous_of, last, teams)
        return self._planned(name, request, teams)

    def _planned(
        self, name: str, request: LaunchRequest, teams: Collection[str] | None
    ) -> dict[str, Any]:
        catalogue = self.catalogue.current
        tile, machine = catalogue.tile(request.tile), catalogue.machine(request.machine)
        return {"name": name, **plan(request, tile, machine, self.policy, teams).to_dict()}

    async def launch(
        self, caller: Caller, owner: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A new runtime, as JSON, as soon as the Hub has accepted it.

        Raises InvalidRequest (an entry per field), Conflict, LimitReached, NotAllowed, and
        ServiceUnavailable while the site is drained.
        """
        # One at a time: two that ask at once get two names, and stay within the limit.
        async with self.runtimes.turns.of(owner):
            user = await self.runtimes.user(caller, owner)
            await asyncio.to_thread(self.store.drains.check_open)
            name, request, typed = await self._new(caller, user, options)
            _check_free(user, name)
            await self._start(caller, user, name, request, typed)
        return await self.runtimes.show(caller, owner, name)

    async def start(
        self, caller: Caller, owner: str, name: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A stopped runtime again, with the options of its last launch: `options` change some of them, or
        with a tile among them take their place."""
        async with self.runtimes.turns.of(owner):
            found = await self.runtimes.facts(caller, owner, name)
            if Action.START not in allowed_actions(found.state):
                raise Conflict(f"The runtime {name!r} is {found.state}.")
            await asyncio.to_thread(self.store.drains.check_open)
            if options.get("name", name) != name:
                raise InvalidRequest({"name": "cannot be changed"})
            user = await self.runtimes.user(caller, owner)
            teams = _teams(caller, user)
            typed = detach(_merged(self._allowed(found.options, teams), options), name)
            request = await self._validate(owner, typed.options, teams)
            await self._start(caller, user, name, request, typed)
        return await self.runtimes.show(caller, owner, name)

    async def resume(
        self, caller: Caller, owner: str, name: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A paused runtime again, with its variables and the options of its last launch: `snapshot` names
        another one than it is paused on.

        Raises as `start` does, and InvalidRequest for a snapshot that is not there or not trusted.
        """
        if unknown := [key for key in options if key != "snapshot"]:
            raise InvalidRequest({key[:100]: "is not known here" for key in unknown})
        wanted = options.get("snapshot") or ""
        if not isinstance(wanted, str):
            raise InvalidRequest({"snapshot": "must be the id of a snapshot"})
        async with self.runtimes.turns.of(owner):
            found = await self.runtimes.facts(caller, owner, name)
            waiting = found.launch.snapshot if found.launch else ""
            if Action.START not in allowed_actions(found.state):
                raise Conflict(f"The runtime {name!r} is {found.state}.")
            if not (wanted or waiting):
                raise Conflict(f"The runtime {name!r} is not paused.", hint="Start it.")
            await asyncio.to_thread(self.store.drains.check_open)
            user = await self.runtimes.user(caller, owner)
            teams = _teams(caller, user)
            last = self._allowed(found.options, teams)
            typed = detach(_merged(last, {"resume": wanted or waiting}), name)
            request = await self._validate(owner, typed.options, teams)
            await self._start(caller, user, name, request, typed)
        return await self.runtimes.show(caller, owner, name)

    async def _new(
        self, caller: Caller, user: HubUser, options: Mapping[str, Any]
    ) -> tuple[str, LaunchRequest, Typed]:
        """Name (asked for, or suggested by the tile), validated request, typed credentials."""
        # Who was given a look at one of somebody's runtimes is not told of the others.
        previous_of = user.name if caller.may("read:servers", user.name) else None
        teams = _teams(caller, user)
        options = await self._with_snapshot(user.name, options, teams)
        name = options.get("name")
        if not name:
            draft = await self._validate(previous_of, detach(options, "draft").options, teams)
            name = names.suggest_name(draft.tile, user.servers or {})
        typed = detach({**options, "name": name}, str(name))
        request = await self._validate(previous_of, typed.options, teams)
        await asyncio.to_thread(self.contexts.check, user.name, request.workspace.url)
        return str(name), request, typed

    async def _with_snapshot(
        self, owner: str, options: Mapping[str, Any], teams: Collection[str] | None
    ) -> Mapping[str, Any]:
        """A launch from a snapshot is as the one that the snapshot is of, but for what is asked for."""
        wanted = options.get("resume")
        if not isinstance(wanted, str) or not wanted:
            return options
        try:
            record = await asyncio.to_thread(self.store.snapshots.get, owner, wanted)
        except NotFound:
            return options  # the check of the request says so
        if options.get("tile") or options.get("profile"):
            return options
        named = {"name": options["name"]} if options.get("name") else {}
        last = self._allowed(for_another(record.options), teams)
        return {**_merged(last, options), **named}

    def _allowed(self, last: Mapping[str, Any], teams: Collection[str] | None) -> Mapping[str, Any]:
        """Whoever asks for the same again is not refused for a time that was right then."""
        catalogue = self.catalogue.current
        return within_limits(last, catalogue=catalogue, policy=self.policy, teams=teams)

    async def _validate(
        self, owner: str | None, options: Mapping[str, Any], teams: Collection[str] | None
    ) -> LaunchRequest:
        """`owner`: whose last launch stands in for a request that says nothing; None for nobody's."""
        find = self.store.launches.last_options
        last = await asyncio.to_thread(find, owner) if owner is not None else None
        catalogue = await self.catalogue.fresh()
        return validate(
            options, catalogue=catalogue, policy=self.policy, teams=teams, previous=last
        )

    async def _check_secrets(
        self, caller: Caller, user: HubUser, request: LaunchRequest, typed: Typed
    ) -> None:
        """A reference to a secret that does not exist would only fail later, where fewer can help."""
        teams = _teams(caller, user)
        if teams is None:
            # The Hub's side looks again.
            return
        tile = self.catalogue.current.tile(request.tile)
        check = partial(check_secrets, typed=typed.values.keys())
        await asyncio.to_thread(check, self.store.secrets, user.name, teams, request, tile)

    async def _start(
        self, caller: Caller, user: HubUser, name: str, request: LaunchRequest, typed: Typed
    ) -> None:
        owner, server = user.name, names.server_name(name)
        await asyncio.to_thread(check_snapshot, self.store.snapshots, owner, request.resume)
        await self._check_secrets(caller, user, request, typed)
        self._check_not_starting(owner, server)
        self._check_limit(user)
        if typed.values:
            # The Hub has not been asked yet, and a secret is not the Hub's business.
            caller.require("start:servers", owner)
            await asyncio.to_thread(typed.keep, self.store.secrets, owner)
        before = await self._launch_id(owner, server)
        task = self._ask_hub(caller, owner, server, request)
        await self._accepted(task, owner, server, before)

    def _check_limit(self, user: HubUser) -> None:
        limit = self.policy.max_runtimes
        servers = (user.servers or {}).items()
        running = {server for server, model in servers if not model.get("stopped")}
        # The Hub has been asked for these, and may not have begun.
        running |= {server for owner, server in self._starting if owner == user.name}
        if limit and len(running) >= limit:
            raise LimitReached(
                f"You have {limit} runtimes running; more are not allowed at a time.",
                hint="Stop one of them first.",
            )

    def _check_not_starting(self, owner: str, server: str) -> None:
        """The Hub would answer "already on its way" as if it had taken these options."""
        if (owner, server) in self._starting:
            raise Conflict(f"The runtime {names.runtime_name(server)!r} is being started.")

    def _ask_hub(
        self, caller: Caller, owner: str, server: str, request: LaunchRequest
    ) -> "asyncio.Task[None]":
        key, options = (owner, server), to_user_options(request)
        task = asyncio.create_task(self.hub.start(caller.token, owner, server, options=options))
        self._starting[key] = task
        task.add_done_callback(lambda _: self._ended(key, task))
        return task

    async def _accepted(
        self, task: "asyncio.Task[None]", owner: str, server: str, before: str | None
    ) -> None:
        """Returns once the launch is recorded, the Hub is done, or it has had its time to refuse."""
        deadline = time.monotonic() + _ACCEPTED_AFTER_S
        while not task.done() and time.monotonic() < deadline:
            if await self._launch_id(owner, server) != before:
                return
            await asyncio.wait({task}, timeout=_RECORD_INTERVAL_S)
        if not task.done():
            return
        try:
            task.result()
        except LaunchFailed:
            # A launch that has begun tells of its failure itself, early or late.
            if await self._launch_id(owner, server) == before:
                raise

    async def _launch_id(self, owner: str, server: str) -> str | None:
        latest = await asyncio.to_thread(self.store.launches.latest, owner, server)
        return latest.id if latest else None

    def _ended(self, key: tuple[str, str], task: "asyncio.Task[None]") -> None:
        del self._starting[key]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, RuntilesError):
            _log.info("The Hub did not start %s of %s: %s", key[1] or "(default)", key[0], error)
        elif error is not None:
            _log.error("Starting %s of %s failed", key[1], key[0], exc_info=error)


def _teams(caller: Caller, user: HubUser) -> Collection[str] | None:
    """The user's groups in the Hub; None where they are not the caller's to read."""
    return caller.groups if user.groups is None and caller.is_user(user.name) else user.groups


def _merged(last: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    given = {k: v for k, v in options.items() if k != "name"}
    if options.get("tile") or options.get("profile"):
        return given
    kept = {k: v for k, v in last.items() if k not in _ONCE}
    if "image" in options:
        # The credentials were meant for the registry of the image before.
        kept.pop("registry", None)
    return {**kept, **given}


def _check_free(user: HubUser, name: str) -> None:
    """Raises Conflict for a name that is taken."""
    server = (user.servers or {}).get(names.server_name(name))
    if server is None:
        return
    if not server.get("stopped"):
        raise Conflict(f"The runtime {name!r} is running or starting.", hint="Stop it first.")
    if names.server_name(name):
        raise Conflict(
            f"You have a runtime named {name!r} already.",
            hint="Start that one, delete it, or choose another name.",
        )
