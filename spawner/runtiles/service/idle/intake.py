"""Where runtimes report: some hundred times a second, so next to nothing is done for one without news."""

import asyncio
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from runtiles.contract.activity import Activity
from runtiles.contract.errors import Conflict, InvalidRequest
from runtiles.contract.state import CONTROL_SCHEME
from runtiles.service.bodies import json_object
from runtiles.service.errors import Unauthenticated
from runtiles.store import Store

from .desk import Desk
from .watched import Key, Watched
from .watcher import Watcher


@dataclass
class Intake:
    """A report is answered with a `beat`. As long as neither side has news the runtime says only that, and
    is answered with nothing: it stands for the last report, and for what was answered.

    It stands no longer when anything that is known of the runtime here changed: its report, its terms, a
    warning that was given. A service that was started anew has given none.
    """

    store: Store
    watcher: Watcher
    desk: Desk
    _keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    _beats: dict[Key, tuple[str, Watched]] = field(default_factory=dict, repr=False)
    _numbers: "count[int]" = field(default_factory=count, repr=False)
    _name: str = field(default_factory=lambda: secrets.token_hex(4), repr=False)

    async def heard(self, launch_id: str, authorization: str, body: bytes) -> dict[str, Any] | None:
        """What this launch said, shown with its control key. Returns what the runtime shall know of itself,
        None for no news.

        The database is asked once for each launch. Raises Unauthenticated, also for a launch that is not
        running yet, InvalidRequest, Conflict for a beat that does not stand any more.
        """
        whose = self.desk.population.by_launch.get(launch_id)
        scheme, _, key = authorization.partition(" ")
        if scheme != CONTROL_SCHEME:
            raise Unauthenticated("The runtime's key is missing.")
        if whose is None:
            raise Unauthenticated("No such launch is running.")
        if launch_id not in self._keys:
            await self._read_key(whose, launch_id)
        if not self._knows(launch_id, key.strip()):
            raise Unauthenticated("This is not the key of this launch.")
        return self._taken(whose, json_object(body))

    def quickly(self, launch_id: str, authorization: str, body: bytes) -> bytes | None:
        """The same as JSON, empty for no news, and without waiting. None where there is something to wait
        for, or wrong: then `heard` does it, or says what."""
        whose = self.desk.population.by_launch.get(launch_id)
        scheme, _, key = authorization.partition(" ")
        if whose is None or scheme != CONTROL_SCHEME or not self._knows(launch_id, key.strip()):
            return None
        try:
            told = self._taken(whose, json_object(body))
        except Exception:  # noqa: BLE001 - any: it happens there again, and is told and logged
            return None
        return b"" if told is None else json.dumps(told).encode()

    def _knows(self, launch_id: str, key: str) -> bool:
        known = self._keys.get(launch_id)
        return known is not None and hmac.compare_digest(known, key.encode())

    async def _read_key(self, whose: Key, launch_id: str) -> None:
        text = await asyncio.to_thread(self.store.state_keys.control_key, whose[0], launch_id)
        running = self.desk.population.by_launch
        if len(self._keys) > 2 * len(running) + 100:
            self._keys = {name: key for name, key in self._keys.items() if name in running}
            there = set(running.values())
            self._beats = {name: beat for name, beat in self._beats.items() if name in there}
        self._keys[launch_id] = text.encode()

    def _taken(self, whose: Key, said: Mapping[str, Any]) -> dict[str, Any] | None:
        board, clock = self.desk.board, self.watcher.clock()
        if (beat := said.get("same")) is not None:
            stands = self._beats.get(whose)
            if stands is None or stands[0] != beat or board.get(whose) is not stands[1]:
                raise Conflict("This is not known here any more.", hint="Send the whole report.")
            board.still(whose, clock)
            return None
        try:
            activity = Activity.from_dict(said)
        except ValueError as error:
            raise InvalidRequest({"report": str(error)}) from None
        next_ = board.next()
        is_news = board.heard(whose, activity, clock)
        # Whoever sleeps until the next deadline is woken for an earlier one only.
        now = board.next()
        if board.anything_relieved or (now is not None and (next_ is None or now < next_)):
            self.watcher.poke()
        shown = self.desk.shown(whose, clock) or {}
        watched = board.get(whose)
        if not is_news or watched is None:
            return {**shown, "beat": None}
        beat = f"{self._name}-{next(self._numbers)}"
        self._beats[whose] = beat, watched
        return {**shown, "beat": beat}
