"""The catalogue of a running site: the files as they were at its start, and the panel's latest word."""

import asyncio
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from runtiles.contract.errors import RuntilesError

from .catalogue import Catalogue
from .layers import SECTIONS, Entry, Layered, Override, layer
from .loader import combine
from .yaml_source import Source, read_source

_log = logging.getLogger(__name__)
CHECK_EVERY_S = 1.0


class Overrides(Protocol):
    """Where the panel's changes are kept. `stamp` is another one after each change, and cheap."""

    def all(self) -> Sequence[Override]: ...
    def stamp(self) -> object: ...


class LiveCatalogue:
    """`current` costs nothing; `fresh` is at most a second behind what any process changed, or not at
    all for who asks for that.

    Raises CatalogueError for wrong files. A wrong override is left out, logged and told in
    `problems`; while the overrides cannot be read, the last known ones count.
    """

    def __init__(self, paths: Sequence[Path] = (), overrides: Overrides | None = None) -> None:
        self.sources: Sequence[Source] = [read_source(path) for path in paths]
        #: What there is without the panel.
        self.files = combine(self.sources)
        self._layered = Layered(self.files, {})
        self._overrides = overrides
        self._stamp: object = None
        self._checked = float("-inf")
        self._lock = threading.Lock()
        self.refresh()

    @property
    def current(self) -> Catalogue:
        return self._layered.catalogue

    @property
    def problems(self) -> Mapping[Entry, Mapping[str, str]]:
        """Overrides that do not count, and what is wrong with each, by field."""
        return self._layered.problems

    def trial(self, overrides: Sequence[Override]) -> Layered:
        """What it would be with these overrides in place of all others."""
        return layer(self.sources, overrides)

    def file_of(self, entry: Entry) -> str | None:
        """The name of the last file that has this entry, None for one of the panel alone."""
        kind, slug = entry
        found = [s.path.name for s in self.sources if slug in _slugs(s, SECTIONS[kind])]
        return found[-1] if found else None

    async def fresh(self, *, within: float = CHECK_EVERY_S) -> Catalogue:
        """The catalogue, after a look whether somebody changed it, unless the last look was `within`
        seconds ago.

        Never raises: see the class.
        """
        if time.monotonic() - self._checked >= within:
            try:
                await asyncio.to_thread(self.refresh, within=within)
            except RuntilesError as error:
                _log.warning("The panel's changes of tiles and machines cannot be read: %s", error)
        return self.current

    def refresh(self, *, within: float = 0.0) -> None:
        """Reads the overrides if they changed; blocks. Does nothing if that was done `within` seconds
        ago. Raises ServiceUnavailable."""
        with self._lock:
            if self._overrides is None or time.monotonic() - self._checked < within:
                return
            # Also after a failure: a database that is down is not asked by every request.
            self._checked = time.monotonic()
            stamp = self._overrides.stamp()
            if stamp != self._stamp:
                self._apply(self._overrides.all())
                self._stamp = stamp

    def _apply(self, overrides: Sequence[Override]) -> None:
        self._layered = layer(self.sources, overrides)
        for (kind, slug), fields in self._layered.problems.items():
            _log.warning("The panel's change of the %s %s is ignored: %s", kind, slug, fields)


def _slugs(source: Source, section: str) -> set[str]:
    entries = source.data.get(section) if isinstance(source.data, dict) else None
    return {entry["slug"] for entry in entries or ()}
