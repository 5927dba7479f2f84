"""Looks at each runtime when something is due, and never acts on one reading alone."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from runtiles.contract.activity import Activity
from runtiles.contract.errors import RuntilesError

from .board import Board
from .clock import SteadyClock
from .pace import Few, Pace
from .watched import Clock, End, Key

_log = logging.getLogger(__name__)

#: Seconds after which a runtime that did not answer, or an action that failed, is tried again.
_ASK_AGAIN = 60.0
_ACT_AGAIN = 300.0
#: Actions at the same time, as long as none takes longer than so many seconds.
_ACTIONS, _SLOW_S = 8, 15.0
#: By so many seconds the wall clock may have moved since the ends were planned.
_DRIFT_S = 1.0
#: Sooner than this nobody needs to be looked at twice.
_SHORTEST_SLEEP = 0.05
_LONGEST_SLEEP = 60.0


@dataclass(frozen=True)
class Silence:
    """Nobody answered. `text` says who was asked, and what else is known."""

    text: str = "The runtime does not answer."


class Hands(Protocol):
    """What the watcher can do; each may raise a RuntilesError, which costs only this attempt."""

    async def ask(self, key: Key) -> Activity | Silence:
        """A fresh report from the runtime itself."""

    async def warn(self, key: Key, seconds: float, end: End) -> None:
        """Tell the owner that `end` comes in so many seconds."""

    async def act(self, key: Key, end: End) -> float | None:
        """Pause, stop or freeze it, as its policy says. Returns when that has begun, with the seconds after
        which to look again if it should still be there."""

    async def safe(self, key: Key) -> None:
        """The end that its owner was told of does not come any more."""

    async def told(self, key: Key, text: str) -> None:
        """What the watcher found and did not act upon: for the audit, and for who asks why."""


class Nobody:
    """For a board that is only looked at."""

    async def ask(self, key: Key) -> Activity | Silence:  # noqa: ARG002
        return Silence()

    async def warn(self, key: Key, seconds: float, end: End) -> None:
        """Nobody is told."""

    async def act(self, key: Key, end: End) -> float | None:  # noqa: ARG002
        return None

    async def safe(self, key: Key) -> None:
        """Nobody was told."""

    async def told(self, key: Key, text: str) -> None:
        """Nobody is told."""


@dataclass
class Watcher:
    """`at_once` limits how many are looked at at the same time, which is cheap: most of them because they
    are silent. `acting` and `pace` limit the actions: a crowd that expires together, after a holiday, must
    not take the site down. `clock` is for tests."""

    board: Board
    hands: Hands = field(default_factory=Nobody)
    clock: Callable[[], Clock] = field(default_factory=SteadyClock)
    pace: Pace = field(default_factory=lambda: Pace(300))
    at_once: int = 256
    acting: Few = field(default_factory=lambda: Few(_ACTIONS, _SLOW_S))
    _offset: float | None = None
    _looking: set[Key] = field(default_factory=set)
    _relieving: dict[Key, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _poked: asyncio.Event = field(default_factory=asyncio.Event)

    def poke(self) -> None:
        """Something changed that may be due earlier than all it waits for."""
        self._poked.set()

    async def run(self) -> None:
        """For ever."""
        try:
            while True:
                self.step()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._poked.wait(), self._sleep())
                self._poked.clear()
        finally:
            for task in self._tasks:
                task.cancel()

    def step(self) -> None:
        """Begins to look at whatever is due, as far as there are hands free."""
        clock = self.clock()
        self._follow(clock)
        for key in self.board.relieved():
            self._relieving[key] = self._begin(self._relieve(key))
        if len(self._looking) >= self.at_once:
            return
        for key in self.board.due(clock):
            if key in self._looking:
                # It is put back when the look is over.
                continue
            self._looking.add(key)
            self._begin(self._look(key))
            if len(self._looking) >= self.at_once:
                return

    def _follow(self, clock: Clock) -> None:
        offset = clock.wall - clock.mono
        if self._offset is not None and abs(offset - self._offset) <= _DRIFT_S:
            return
        if self._offset is not None:
            self.board.replan(clock)
        self._offset = offset

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _relieve(self, key: Key) -> None:
        try:
            await self.hands.safe(key)
        except RuntilesError as error:
            _log.warning("The owner of %s is not told that it stays: %s", key, error)
        finally:
            if self._relieving.get(key) is asyncio.current_task():
                del self._relieving[key]

    async def settled(self) -> None:
        """Returns when nobody is being looked at."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _sleep(self) -> float:
        at = self.board.next()
        if at is None or len(self._looking) >= self.at_once:
            return _LONGEST_SLEEP
        return min(max(at - self.clock().mono, _SHORTEST_SLEEP), _LONGEST_SLEEP)

    async def _look(self, key: Key) -> None:
        after: float | None = None
        try:
            after = await self._seen(key)
        except RuntilesError as error:
            after = _ACT_AGAIN
            _log.warning("%s of %s is looked at again later: %s", key[1], key[0], error)
            with suppress(RuntilesError):
                await self.hands.told(key, f"It could not be acted upon: {error}")
        except Exception:  # noqa: BLE001, RUF100 - any: nobody awaits this
            after = _ACT_AGAIN
            _log.exception("Looking at %s of %s failed", key[1], key[0])
        finally:
            self._looking.discard(key)
            self.board.again(key, self.clock(), after=after)
            self.poke()

    async def _seen(self, key: Key) -> float | None:
        """Seconds until it is looked at again at the latest; None: when there is something to see."""
        if self.board.get(key) is None:
            return None
        if (relief := self._relieving.get(key)) is not None:
            # What is taken back must not take the next warning with it.
            await asyncio.wait({relief})
        await self._warn(key)
        if self.board.get(key) is None:
            return None
        end = self.board.end(key, self.clock())
        if end is None or end.seconds > 0:
            return await self._refresh(key)
        # Whose turn it is not yet is not asked either.
        if wait := self.board.grace(key, self.clock()) or self.pace.wait(self.clock().mono):
            return wait
        if end.cause == "idle" and not await self._confirmed(key):
            return _ASK_AGAIN
        if not self.pace.take(self.clock().mono):
            return self.pace.wait(self.clock().mono)
        async with self.acting.inside():
            if not self._still(key, end):
                return None
            again = await self.hands.act(key, end)
            if again is None and self.board.get(key) is not None:
                self.board.expect(key)
        return _ACT_AGAIN if again is None else again

    async def _warn(self, key: Key) -> None:
        clock = self.clock()
        warning, end = self.board.warning(key, clock), self.board.end(key, clock)
        if warning is None or end is None:
            return
        self.board.gave(key, warning, clock)
        await self.hands.warn(key, max(end.seconds, self.board.grace(key, clock)), end)

    async def _refresh(self, key: Key) -> float | None:
        """One that has not reported for a while is asked."""
        verdict, watched = self.board.verdict(key, self.clock()), self.board.get(key)
        fresh = verdict is not None and not verdict.stale
        if fresh or watched is None or watched.frozen or watched.policy is None:
            return None
        if silence := await self._asked(key):
            await self.hands.told(key, f"It does not report; nothing is done. {silence}")
        return _ASK_AGAIN

    async def _confirmed(self, key: Key) -> bool:
        """The second reading, from the runtime itself and of this very moment."""
        if silence := await self._asked(key):
            await self.hands.told(key, f"It is due, and nothing is done. {silence}")
            return False
        verdict = self.board.verdict(key, self.clock())
        return verdict is not None and verdict.due

    async def _asked(self, key: Key) -> str:
        """Empty, or why nothing is known."""
        found = await self.hands.ask(key)
        if isinstance(found, Silence):
            return found.text
        return "" if self.board.heard(key, found, self.clock()) else "Its answer is out of date."

    def _still(self, key: Key, end: End) -> bool:
        """It may have had to wait for its turn, and its owner may be back since."""
        if self.board.get(key) is None:
            return False
        now = self.board.end(key, self.clock())
        return now is not None and now.seconds <= 0 and now.cause == end.cause
