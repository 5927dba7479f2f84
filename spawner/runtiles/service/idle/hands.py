"""What the watcher does: asks, warns, pauses, stops and freezes, and writes down what it did."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles import names
from runtiles.contract.activity import Activity
from runtiles.contract.errors import NotFound, RuntilesError, ServiceUnavailable
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.hub import Hub
from runtiles.service.runtimes.actions import Actions
from runtiles.service.runtimes.gateway import Gateway
from runtiles.store import PauseRecord, Store

from .decisions import (
    Step,
    after_refusal,
    first_step,
    is_elsewhere,
    rest_after,
    step_after_failure,
    text_of_end,
    text_of_warning,
)
from .desk import Desk
from .explain import at_hour
from .telling import DONE, HELD, TOLD, Telling
from .watched import End, Key
from .watcher import Silence

_ASK_S = 10.0
_HUB_AWAY_S = 30.0
_LOOK_S = 60.0
_SHORTLY_S = 0.1
#: How long a runtime is left alone of which something would be lost.
_HOLD_S = 3600.0


@dataclass
class ServiceHands:
    """`caller` is the service itself, with its own token."""

    store: Store
    hub: Hub
    gateway: Gateway
    actions: Actions
    desk: Desk
    telling: Telling
    policy: SitePolicy
    caller: Caller

    async def ask(self, key: Key) -> Activity | Silence:
        launch = self.desk.population.launches.get(key)
        if launch is None or not launch.address:
            return Silence("Nobody knows its address.")
        try:
            found = await self.gateway.ask(launch, "GET", "activity", timeout=_ASK_S)
            return Activity.from_dict(found)
        except (RuntilesError, ValueError) as error:
            return Silence(f"It cannot be asked ({error}). {await self._last_activity(key)}")

    async def warn(self, key: Key, seconds: float, end: End) -> None:
        if self._only_looks(end):
            return
        shown = self._shown(key)
        wall = self.desk.watcher.clock().wall
        action = first_step(_action(shown, end), end.cause, self.policy.on_loss).action
        hour = at_hour(wall + seconds, wall)
        text = text_of_warning(self._title(key), action, seconds, hour, end.cause)
        await self.telling.tell(key, TOLD, text)
        await self.telling.out("warning", key, text, shown, seconds=round(seconds))

    def _only_looks(self, end: End) -> bool:
        """A reservation ends in a dry run too, by the Hub's hand if not by ours: better paused."""
        return self.policy.idle_dry_run and end.cause != "expired"

    async def safe(self, key: Key) -> None:
        self.telling.moot(key)
        await self._spare(key)
        await self.telling.retract(key, TOLD, HELD)

    async def act(self, key: Key, end: End) -> float | None:
        if await self._has_changed(key):
            return _SHORTLY_S
        pause = await self._pause_of(key)
        if pause is not None and pause.active:
            return _HUB_AWAY_S
        failed = pause if pause is not None and pause.actor == self.caller.name else None
        if failed is not None and (rest := rest_after(failed, end.cause, time.time())):
            return rest
        shown = self._shown(key)
        step = first_step(_action(shown, end), end.cause, self.policy.on_loss)
        told = {
            "cause": end.cause,
            "reason": shown.get("reason", ""),
            "policy": shown.get("policy"),
        }
        if self._only_looks(end):
            await self.told(key, f"Dry run: would {step.action} it. {told['reason']}")
            return _HOLD_S
        try:
            if failed is not None and failed.interrupt and step.action == "pause":
                step = step_after_failure(failed, await self._ready(key))
            done = await self._carry_out(key, step, end)
        except ServiceUnavailable as error:
            await self.told(key, f"It could not be acted upon: {error}")
            return _HUB_AWAY_S
        except RuntilesError as error:
            if not is_elsewhere(error):
                raise
            return _HUB_AWAY_S
        if done is None:
            return _HOLD_S
        options = {name: value for name, value in done.options.items() if value}
        await self.telling.record(key, f"idle.{done.action}", {"ok": True, **told, **options})
        text = text_of_end(self._title(key), done.action, str(told["reason"]), end.cause)
        await self.telling.tell(key, DONE, text)
        await self.safe(key)
        await self.telling.out("ended", key, text, shown, action=done.action)
        return None

    async def told(self, key: Key, text: str) -> None:
        await self.telling.found(key, text)

    async def _carry_out(self, key: Key, step: Step, end: End) -> Step | None:
        """The step that was taken in the end; None: it is left running."""
        user, name = key[0], names.runtime_name(key[1])
        while True:
            try:
                if step.action == "stop":
                    await self.actions.runtimes.end(self.caller, user, name)
                else:
                    await self.actions.act(self.caller, user, name, step.action, step.options)
            except NotFound:
                # It is gone already: that is what was wanted.
                return step
            except ServiceUnavailable:
                raise
            except RuntilesError as error:
                if is_elsewhere(error):
                    raise
                why = str(error.details.get("reason") or error.code)
                next_ = after_refusal(step, end.cause, why, self.policy.on_loss)
                if next_ is None:
                    over = "is idle" if end.cause == "idle" else "is at its end"
                    text = f"{self._title(key)} {over} and was left running: {error.message}"
                    await self._stays(key, text, error)
                    return None
                step = next_
            else:
                return step

    async def _has_changed(self, key: Key) -> bool:
        """The last word is the database's: somebody may have extended or held it a moment ago."""
        launch = self.desk.population.launches.get(key)
        if launch is None:
            return True
        now = await asyncio.to_thread(self.store.launches.get, launch.id)
        if now == launch:
            return False
        self.desk.population.changed(now)
        return True

    async def _pause_of(self, key: Key) -> PauseRecord | None:
        """The one that is under way, or how the last one failed, of the launch that runs now."""
        launch = self.desk.population.launches.get(key)
        pause = await asyncio.to_thread(self.store.pauses.of_runtime, *key)
        mine = pause is not None and (launch is None or pause.launch_id == launch.id)
        return pause if mine else None

    async def _ready(self, key: Key) -> list[str]:
        """The ids of the kernels that could be saved now."""
        launch = self.desk.population.launches[key]
        looked = {"dry_run": True}
        found = await self.gateway.ask(launch, "POST", "pause", looked, timeout=_LOOK_S)
        return [str(one["id"]) for one in found["kernels"] if one["status"] == "ready"]

    async def _spare(self, key: Key) -> None:
        """Of one that is in use again the pause is called off that began because it was not."""
        pause = await self._pause_of(key)
        if pause is None or not pause.active or pause.actor != self.caller.name or pause.thawed:
            return
        if not self.desk.board.is_due_but_for_loads(key, self.desk.watcher.clock()):
            await self.actions.pauser.worker.call_off(pause.launch_id)

    async def failed(self, pause: PauseRecord, error: RuntilesError) -> None:
        """The worker's word that a pause came to nothing. Of ours the owner hears."""
        key = (pause.user, pause.server)
        launch = self.desk.population.launches.get(key)
        if pause.actor != self.caller.name or launch is None or launch.id != pause.launch_id:
            return
        await self.telling.retract(key, DONE)
        title = self._title(key)
        await self._stays(key, f"{title} could not be paused, and goes on: {error.message}", error)

    async def _stays(self, key: Key, text: str, error: RuntilesError) -> None:
        """It lives on; its owner is told why, once."""
        if self.telling.is_news(key, text):
            await self.telling.tell(key, HELD, text)
            await self.telling.retract(key, TOLD)
            shown = self._shown(key)
            await self.telling.out("held", key, text, shown, details=error.to_dict())
        await self.told(key, text)

    async def _last_activity(self, key: Key) -> str:
        """What the Hub knows, for people: nothing is done because of it."""
        try:
            user = await self.hub.user(self.caller.token, key[0])
        except RuntilesError as error:
            return f"The Hub cannot be asked either: {error}"
        server: Mapping[str, Any] = (user.servers or {}).get(key[1]) or {}
        last = server.get("last_activity") or "never"
        return f"The Hub saw its last activity at {last}. Nothing is done."

    def _shown(self, key: Key) -> dict[str, Any]:
        return self.desk.shown(key) or {}

    def _title(self, key: Key) -> str:
        return names.runtime_name(key[1])


def _action(shown: Mapping[str, Any], end: End) -> str:
    policy: Mapping[str, Any] = shown.get("policy") or {}
    return "pause" if end.cause == "frozen" else str(policy.get("action") or "pause")
