"""The runtimes of a user, or of everybody, as they change: what open pages are fed from.

Pages of one person share one watch, because they have the same token; nobody is ever shown what
another's token may see. While nothing changes, a page costs a comment every now and then.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from runtiles.contract.errors import LimitReached, ServiceUnavailable
from runtiles.service.access import Caller
from runtiles.store import Changes

from .changes_tail import ChangesTail
from .manager import RuntimeManager
from .subscriber import Message, Subscriber
from .watch import Watch

#: Of one token: more is a program that forgot to hang up.
_MOST = 50
#: A proxy may keep a connection open whose other end is gone: silence tells.
_PULSE_S = 5.0

_Key = tuple[str, str | None]


@dataclass(eq=False)
class _Entry:
    watch: Watch
    loading: "asyncio.Task[None]"
    running: "asyncio.Task[None] | None" = None
    users: int = 0


@dataclass
class Feed:
    """`pulse`: after so many seconds of silence a listener gets None, to show that we live."""

    runtimes: RuntimeManager
    changes: Changes
    pulse: float = _PULSE_S
    _entries: dict[_Key, _Entry] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.tail = ChangesTail(self.changes)

    async def listen(
        self, caller: Caller, target: str | None
    ) -> AsyncGenerator[Message | None, None]:
        """First the whole list and the caller's notices, then what changes, without end.

        Raises what the Hub answers, first or later; LimitReached. Close it (`aclosing`) to stop.
        """
        key = (hashlib.sha256(caller.token.encode()).hexdigest(), target)
        entry = await self._join(key, caller, target)
        subscriber = Subscriber()
        try:
            await asyncio.shield(entry.loading)
            entry.watch.subscribers.add(subscriber)
            for message in entry.watch.snapshot():
                yield message
            while True:
                messages = await subscriber.wait(self.pulse)
                for message in messages:
                    yield message
                if not messages:
                    yield None
        finally:
            entry.watch.subscribers.discard(subscriber)
            self._leave(key, entry)

    async def _join(self, key: _Key, caller: Caller, target: str | None) -> _Entry:
        entry = self._entries.get(key)
        if entry is None:
            watch = Watch(self.runtimes, caller, target)
            entry = _Entry(watch, asyncio.create_task(self._open(key, watch)))
            self._entries[key] = entry
        if entry.users >= _MOST:
            raise LimitReached(f"{_MOST} pages are open already.", hint="Close some of them.")
        entry.users += 1
        return entry

    async def _open(self, key: _Key, watch: Watch) -> None:
        # First in line, then the list: so no change falls in between.
        await self.tail.join(watch.touch)
        await watch.load()
        entry = self._entries.get(key)
        if entry is not None and entry.watch is watch:
            entry.running = asyncio.create_task(self._run(key, entry))

    async def _run(self, key: _Key, entry: _Entry) -> None:
        try:
            await entry.watch.run()
        finally:
            # Its token may look no longer: whoever comes next brings a better one.
            self._forget(key, entry)
            entry.watch.end(ServiceUnavailable("The feed has ended.", hint="Connect again."))

    def _leave(self, key: _Key, entry: _Entry) -> None:
        entry.users -= 1
        if entry.users <= 0 or (entry.loading.done() and entry.running is None):
            self._forget(key, entry)
            entry.loading.cancel()
            if entry.running is not None:
                entry.running.cancel()

    def _forget(self, key: _Key, entry: _Entry) -> None:
        self.tail.leave(entry.watch.touch)
        if self._entries.get(key) is entry:
            del self._entries[key]
