"""Which cached images anybody may use: those that a registry gave without a person's credentials.

Only openness is remembered, never privacy: an image that is not on record is asked for at its
registry with the credentials of whoever wants it. So a lost file costs a few questions and leaks
nothing.
"""

import json
import logging
from pathlib import Path

_log = logging.getLogger(__name__)
#: Far more than a host has images; the oldest entries go first.
_LIMIT = 5000


class OpenImages:
    """A set of (repository, image id), kept in a JSON file (0600) when a path is given.

    An unreadable file counts as empty; a failed write is logged and costs the same as a lost file.
    The pair, not the id alone: the same image may be open in one repository and private in another.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._entries: dict[str, None] = dict.fromkeys(_read(path) if path else [])

    def __contains__(self, image: tuple[str, str]) -> bool:
        return " ".join(image) in self._entries

    def add(self, repository: str, image_id: str) -> None:
        """Blocks for the write of a small file."""
        entry = f"{repository} {image_id}"
        if entry in self._entries:
            return
        self._entries[entry] = None
        while len(self._entries) > _LIMIT:
            del self._entries[next(iter(self._entries))]
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        try:
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(list(self._entries)), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            _log.warning("Cannot keep the record of open images: %s", error)


def _read(path: Path) -> list[str]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, str)]
