"""Everybody's servers as the Hub shows them to one token, kept for some seconds.

The Hub takes a second for a thousand users. So its answer is kept per token; who has changed since is
asked for alone, and what is older than `fresh` is asked for anew while the kept answer is served.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.service.hub import Hub, HubUser
from runtiles.store import ChangeReader, Changes

#: Beyond so many users who changed, a page of the Hub's list is cheaper than a question for each.
_SINGLY = 20
#: How old the list may be while more than `_SINGLY` users have something starting or stopping.
_PENDING_S = 1.0
#: Tokens whose answers are kept.
_TOKENS = 32


@dataclass
class _Kept:
    """`reader` is at the last change that the users below are newer than."""

    users: dict[str, HubUser]
    at: float
    reader: ChangeReader
    renewal: "asyncio.Task[None] | None" = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Directory:
    """Guarantees: an answer shows every change that was recorded before the question; of what nobody
    records (a role that was taken away, a server removed behind our back) it is `stale` seconds old
    at most, and no token is ever shown the answer to another."""

    def __init__(
        self, hub: Hub, changes: Changes, *, fresh: float = 5.0, stale: float = 10.0
    ) -> None:
        self._hub = hub
        self._changes = changes
        self._fresh, self._stale = fresh, stale
        self._kept: dict[str, _Kept] = {}
        self._loading: dict[str, asyncio.Lock] = {}

    async def users(self, token: str) -> list[HubUser]:
        """Raises what the Hub answers."""
        key = hashlib.sha256(token.encode()).hexdigest()
        kept = self._kept.get(key)
        age = time.monotonic() - kept.at if kept else self._stale
        if kept is None or age >= self._stale:
            kept = await self._load(key, token)
        elif age >= self._fresh and kept.renewal is None:
            kept.renewal = asyncio.create_task(self._renew(key, token, kept))
        await self._catch_up(token, kept)
        return list(kept.users.values())

    async def _load(self, key: str, token: str) -> _Kept:
        """One question for all who ask at the same time."""
        try:
            async with self._loading.setdefault(key, asyncio.Lock()):
                kept = self._kept.get(key)
                if kept is None or time.monotonic() - kept.at >= self._stale:
                    kept = self._kept[key] = await self._ask(token)
                    self._drop_oldest()
            return kept
        finally:
            if key not in self._kept:
                # Of a token that may not ask nothing stays.
                self._loading.pop(key, None)

    async def _ask(self, token: str) -> _Kept:
        # The place in the feed first: a change during the question is asked for again.
        reader = await asyncio.to_thread(ChangeReader, self._changes)
        asked = time.monotonic()
        return _Kept({user.name: user for user in await self._hub.users(token)}, asked, reader)

    async def _renew(self, key: str, token: str, old: _Kept) -> None:
        try:
            renewed = await self._ask(token)
        except RuntilesError:
            # Told to the next who asks when the kept answer is too old.
            old.renewal = None
            return
        if self._kept.get(key) is old:
            self._kept[key] = renewed

    async def _catch_up(self, token: str, kept: _Kept) -> None:
        async with kept.lock:
            news = await asyncio.to_thread(kept.reader.new)
            asked = {change.user for change in news.changes} | _pending(kept.users.values())
            if len(asked) <= _SINGLY and not news.missed:
                await asyncio.gather(*(self._ask_one(token, kept, name) for name in asked))
                kept.reader.took(news)
            elif news or time.monotonic() - kept.at > _PENDING_S:
                anew = await self._ask(token)
                kept.users, kept.at, kept.reader = anew.users, anew.at, anew.reader

    async def _ask_one(self, token: str, kept: _Kept, name: str) -> None:
        try:
            kept.users[name] = await self._hub.user(token, name)
        except NotFound:
            kept.users.pop(name, None)

    def _drop_oldest(self) -> None:
        while len(self._kept) > _TOKENS:
            oldest = min(self._kept, key=lambda key: self._kept[key].at)
            del self._kept[oldest]
            self._loading.pop(oldest, None)


def _pending(users: Iterable[HubUser]) -> set[str]:
    """Who has a server that the Hub is starting or stopping: nobody records how that ends for the Hub."""
    return {u.name for u in users if any(s.get("pending") for s in (u.servers or {}).values())}
