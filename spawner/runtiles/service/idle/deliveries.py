"""Messages on their way to one receiver: in turns, again when it is down for a moment, and not at all when
they are moot by then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from itertools import count

_log = logging.getLogger(__name__)
#: Seconds before it is tried again; after the last of them it is given up.
PAUSES = (2.0, 10.0, 30.0, 120.0)


class Down(Exception):
    """The receiver may take it later. The words are for the log."""


@dataclass(eq=False)
class Message:
    """`id` stays the same however often it is tried. `about`: a later message about the same, or the word
    that it is moot, takes this one back; None for what is always worth telling."""

    id: str
    body: bytes
    about: Hashable | None = None
    tries: int = 0
    moot: bool = False


@dataclass
class Line:
    """What waits for one receiver, in order; those that are tried again come after the others. `works`
    raises Down. Nobody waits for it: what comes beyond `most` is dropped, with a line in the log."""

    works: Callable[[Message], Awaitable[None]]
    workers: int
    most: int
    pauses: Sequence[float] = PAUSES
    waiting: asyncio.PriorityQueue[tuple[int, int, Message]] = field(
        default_factory=asyncio.PriorityQueue
    )
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _resting: dict[Message, asyncio.TimerHandle] = field(default_factory=dict)
    #: The latest message about each thing, as long as it is under way.
    _latest: dict[Hashable, Message] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)
    _down: bool = False
    _given_up: int = 0

    def __len__(self) -> int:
        return self.waiting.qsize() + len(self._resting)

    def put(self, message: Message) -> None:
        self.moot(message.about)
        if len(self) >= self.most:
            _log.error("A message to the outside was dropped: %d wait already", self.most)
            return
        if message.about is not None:
            self._latest[message.about] = message
        self._enter(message)
        if len(self._tasks) < self.workers:
            self._tasks.append(asyncio.get_running_loop().create_task(self._work()))

    def moot(self, about: Hashable | None) -> None:
        """What waits about this is sent no more. Fine if nothing does."""
        message = None if about is None else self._latest.pop(about, None)
        if message is not None:
            message.moot = True
            if (timer := self._resting.pop(message, None)) is not None:
                timer.cancel()
                self.waiting.task_done()

    async def close(self) -> None:
        for timer in self._resting.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if lost := len(self):
            _log.warning("%d messages to the outside were not sent: the service ends", lost)

    def _enter(self, message: Message) -> None:
        self.waiting.put_nowait((message.tries, next(self._numbers), message))

    async def _work(self) -> None:
        while True:
            _, _, message = await self.waiting.get()
            if not message.moot:
                await self._deliver(message)
            if message not in self._resting:
                self._forget(message)
                self.waiting.task_done()

    async def _deliver(self, message: Message) -> None:
        try:
            await self.works(message)
        except Down as error:
            self._failed(message, error)
        except Exception:  # noqa: BLE001, RUF100 - any: the next one may get through
            _log.exception("A message to the outside was lost")
        else:
            if self._down:
                _log.warning("Messages get through again; %d were given up", self._given_up)
            self._down, self._given_up = False, 0

    def _failed(self, message: Message, error: Down) -> None:
        """The log is told of the first one only: that a receiver is down is one thing to know."""
        again = message.tries < len(self.pauses) and not message.moot
        if not self._down:
            _log.warning("%s%s", error, "; tried again" if again else "")
        self._down = True
        if again:
            pause = self.pauses[message.tries]
            message.tries += 1
            timer = asyncio.get_running_loop().call_later(pause, self._again, message)
            self._resting[message] = timer
        elif not message.moot:
            self._given_up += 1
            if self._given_up == 1:
                _log.warning(
                    "A message to the outside was given up after %d tries", message.tries + 1
                )

    def _again(self, message: Message) -> None:
        del self._resting[message]
        self._enter(message)
        # It was not done when it was put aside: whoever waits for all of them waits for it.
        self.waiting.task_done()

    def _forget(self, message: Message) -> None:
        if message.about is not None and self._latest.get(message.about) is message:
            del self._latest[message.about]
