"""What our database knows of runtimes: read once, then only what changed."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runtiles.contract.events import LaunchEvent
from runtiles.store import ChangeReader, LaunchRecord, PauseRecord, Store

#: Beyond so many that changed, all of them are read at once.
_SINGLY = 50


@dataclass(frozen=True)
class Record:
    """The newest launch of a runtime, the last event that tells its state, what its owner calls it, and
    the pause that is under way or failed.

    Of a runtime that was never launched through us all of them are missing.
    """

    launch: LaunchRecord | None = None
    last: LaunchEvent | None = None
    title: str = ""
    pause: PauseRecord | None = None


ByServer = Mapping[str, Record]


class Records:
    """Guarantees: an answer holds everything that was committed before the question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, dict[str, Record]] | None = None
        self._reader: ChangeReader | None = None
        self._lock = asyncio.Lock()

    async def of_everybody(self) -> Mapping[str, ByServer]:
        """By user and server. Look at it before the next `await`: it goes on changing."""
        async with self._lock:
            if self._kept is None or self._reader is None:
                # The place in the feed first: what changes meanwhile is read twice.
                self._reader = await asyncio.to_thread(ChangeReader, self._store.changes)
                self._kept = await asyncio.to_thread(self._read_all)
            else:
                await self._catch_up(self._kept, self._reader)
            return self._kept

    async def of_user(self, user: str) -> ByServer:
        return (await asyncio.to_thread(self._read, user)).get(user, {})

    async def of_runtime(self, user: str, server: str) -> Record:
        return await asyncio.to_thread(self._one, user, server)

    async def _catch_up(self, kept: dict[str, dict[str, Record]], reader: ChangeReader) -> None:
        news = await asyncio.to_thread(reader.new)
        changed = {(change.user, change.server) for change in news.changes}
        if news.missed or len(changed) > _SINGLY:
            anew = await asyncio.to_thread(self._read_all)
            kept.clear()
            kept.update(anew)
        else:
            found = await asyncio.to_thread(self._several, changed)
            for (user, server), record in found.items():
                kept.setdefault(user, {})[server] = record
                if record == Record():
                    del kept[user][server]
        reader.took(news)

    def _several(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        return {(user, server): self._one(user, server) for user, server in wanted}

    def _one(self, user: str, server: str) -> Record:
        launch = self._store.launches.latest(user, server)
        stored = self._store.events.last(launch.id) if launch else None
        title = self._store.titles.all(user).get((user, server), "")
        pause = self._store.pauses.of_runtime(user, server)
        return Record(launch, stored.event if stored else None, title, pause)

    def _read_all(self) -> dict[str, dict[str, Record]]:
        return self._read(None)

    def _read(self, user: str | None) -> dict[str, dict[str, Record]]:
        """One user's, or everybody's: four questions to the database, however many there are."""
        launches = self._store.launches.runtimes(user)
        events = self._store.events.last_of([launch.id for launch in launches])
        titles = self._store.titles.all(user)
        pauses = self._store.pauses.all(user)
        found: dict[str, dict[str, Record]] = {}
        for launch in launches:
            stored = events.get(launch.id)
            title = titles.get((launch.user, launch.server), "")
            pause = pauses.get((launch.user, launch.server))
            record = Record(launch, stored.event if stored else None, title, pause)
            found.setdefault(launch.user, {})[launch.server] = record
        return found
