"""One reader's place in the feed of changes."""

from collections import OrderedDict

from .changes import Change, Changes

#: Ids that another process's transaction, begun earlier, may still fill in behind the last one seen.
_OVERLAP = 50
_LIMIT = 1000


class ChangeReader:
    """Guarantees: each change after the reader was made is given once, also where the database lets
    processes commit out of order. Not thread-safe: one question at a time."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._last = changes.last_id()
        # What lies in the overlap from the beginning is the past.
        self._seen = OrderedDict.fromkeys(c.id for c in changes.since(self._last - _OVERLAP))

    def new(self) -> list[Change]:
        """What nobody has been given yet, in order; at most a thousand at a time."""
        found = self._changes.since(self._last - _OVERLAP, limit=_LIMIT)
        fresh = [change for change in found if change.id not in self._seen]
        for change in fresh:
            self._seen[change.id] = None
            self._last = max(self._last, change.id)
        while len(self._seen) > 2 * _LIMIT:
            self._seen.popitem(last=False)
        return fresh
