"""Whose uploaded folders there are, and how much room they may take."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from runtiles.contract.errors import InvalidRequest, NotAllowed, NotFound, ServiceUnavailable
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.store import ContextRecord, Store
from runtiles.values.contexts import context_id, is_context

from .archives import Archives, Finished, Upload


@dataclass(frozen=True)
class ContextManager:
    """Blocking, for threads. What a user uploads is theirs alone, and that of their runtimes."""

    store: Store
    archives: Archives
    policy: SitePolicy
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sweep(self, *, halves: bool) -> None:
        """With `halves` at the start of the service only: later they are somebody's uploads."""
        self.archives.sweep(self.store.contexts.ids(), halves=halves)

    def begin(self, caller: Caller, owner: str) -> Upload:
        """Raises NotAllowed where the site has none, and for a token that could not launch with it."""
        if not self.policy.allow_contexts:
            raise NotAllowed("This site takes no uploaded folders.", hint="Use a git repository.")
        caller.require("start:servers", owner)
        return self.archives.begin(self.policy.max_context_size)

    def keep(self, owner: str, upload: Upload) -> ContextRecord:
        """The same folder again is the one that is there already; the oldest make room for a new one.

        Raises InvalidRequest for what is no archive.
        """
        finished = upload.finish()
        try:
            return self._place(owner, finished)
        except ServiceUnavailable:
            self.archives.remove(finished.id)
            raise

    def _place(self, owner: str, finished: Finished) -> ContextRecord:
        with self._lock:
            same = self._same(owner, finished)
            if same is not None:
                record = self._add(owner, same.id, finished)
                self.archives.remove(finished.id)
                return record
            # The new one first: if that fails, no old one is missing.
            record = self._add(owner, finished.id, finished)
            self._make_room(owner, finished.id)
            return record

    def of_user(self, caller: Caller, owner: str) -> list[ContextRecord]:
        """Oldest first. Raises NotAllowed."""
        caller.require("read:servers", owner)
        return self.store.contexts.of_user(owner)

    def delete(self, caller: Caller, owner: str, context: str) -> None:
        """Raises NotFound, NotAllowed. Runtimes that have unpacked it keep their files."""
        caller.require("start:servers", owner)
        record = self.store.contexts.get(owner, context)
        with self._lock:
            self._forget(record.id)

    def archive(self, owner: str, context: str) -> tuple[ContextRecord, Path]:
        """Raises NotFound, also for somebody else's."""
        record = self.store.contexts.get(owner, context)
        return record, self.archives.path(record.id)

    def check(self, owner: str, url: str) -> None:
        """Raises InvalidRequest for a request whose workspace is an upload that the owner has not."""
        if not is_context(url):
            return
        try:
            self.archive(owner, context_id(url))
        except NotFound as error:
            raise InvalidRequest({"workspace.url": str(error)}) from None

    def _same(self, owner: str, finished: Finished) -> ContextRecord | None:
        for record in self.store.contexts.of_user(owner):
            if record.sha256 == finished.sha256 and self._is_there(record):
                return record
        return None

    def _is_there(self, record: ContextRecord) -> bool:
        try:
            self.archives.path(record.id)
        except NotFound:
            return False
        return True

    def _make_room(self, owner: str, new: str) -> None:
        """The oldest go, but never the new one."""
        records = self.store.contexts.of_user(owner)
        taken = sum(record.size for record in records)
        for record in records:
            if taken <= self.policy.max_contexts_size:
                return
            if record.id != new:
                self._forget(record.id)
                taken -= record.size

    def _forget(self, context: str) -> None:
        self.store.contexts.delete(context)
        self.archives.remove(context)

    def _add(self, owner: str, context: str, finished: Finished) -> ContextRecord:
        add = self.store.contexts.add
        return add(context, owner, size=finished.size, sha256=finished.sha256)
