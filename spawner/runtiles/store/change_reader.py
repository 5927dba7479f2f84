"""One reader's place in the feed of changes."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from .changes import Change, Changes

#: Ids that another process's transaction, begun earlier, may still fill in behind the last one seen.
_OVERLAP = 50
_PAGE = 1000


@dataclass(frozen=True)
class News:
    """Changes in order. `missed`: there were more, which are not kept any longer, so that only reading
    everything anew is right."""

    changes: Sequence[Change] = ()
    missed: bool = False

    def __bool__(self) -> bool:
        return self.missed or bool(self.changes)


class ChangeReader:
    """Guarantees: each change after the reader was made is news until it was taken, also where the
    database lets processes commit out of order, and also for a reader who was away for long."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._last = changes.last_id()
        # What lies in the overlap from the beginning is the past.
        self._seen = OrderedDict.fromkeys(c.id for c in changes.since(self._last - _OVERLAP))

    def new(self) -> News:
        """All that was not taken yet. Moves nothing: who fails or gives up in the middle of acting on it
        is told the same again."""
        found = self._changes.since(self._last - _OVERLAP, limit=_PAGE)
        # Only the oldest are ever deleted: without the last one seen, who knows what came after it.
        ids = [change.id for change in found]
        missed = self._last not in ids if self._last else bool(ids) and ids[0] > _OVERLAP
        page = found
        while len(page) == _PAGE:
            page = self._changes.since(page[-1].id, limit=_PAGE)
            found += page
        return News([change for change in found if change.id not in self._seen], missed)

    def took(self, news: News) -> None:
        """These are known now, by whoever has this place."""
        for change in news.changes:
            self._seen[change.id] = None
            self._last = max(self._last, change.id)
        while len(self._seen) > 2 * _PAGE:
            self._seen.popitem(last=False)
