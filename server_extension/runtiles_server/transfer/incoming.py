"""Loading what a kernel of another runtime has given: mapped from the common storage, or fetched first."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from runtiles.contract.errors import InvalidRequest
from runtiles_server.failures import SnapshotRefused
from runtiles_server.runtime import Runtime
from runtiles_server.state import SnapshotError, files

from . import places
from .copying import Copying
from .fetching import Source, SourceUnreachable, fetch
from .wanted import Wanted


def source_of(body: Mapping[str, Any], transfer: str) -> Optional[Source]:
    """Of `source`: {"urls": [a server's URL…], "ticket"}. Raises InvalidRequest."""
    given = body.get("source")
    if given is None:
        return None
    try:
        urls, ticket = given["urls"], given["ticket"]
        fine = isinstance(ticket, str) and all(
            each.startswith(("http://", "https://")) for each in urls
        )
    except (TypeError, KeyError, AttributeError):
        fine = False
    if not fine or not urls:
        raise InvalidRequest({"source": "is no source of a transfer"})
    below = f"runtiles/api/transfers/{transfer}/files"
    return Source(tuple(f"{each.rstrip('/')}/{below}" for each in urls), ticket)


class Incoming:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Nobody waits any more: a fetch ends, and leaves nothing."""
        self._cancelled.set()

    async def take(
        self, transfer: str, target: str, wanted: Wanted, source: Optional[Source]
    ) -> Dict[str, Any]:
        """The result, with its way. What was fetched is gone afterwards; what lay on the common storage is
        removed by who put it there."""
        begin = time.monotonic()
        self._runtime.kernels.errand(target, "")
        folder = places.root(self._runtime) / places.checked_id(transfer)
        if not self._runtime.keys.signing:
            raise SnapshotRefused("This runtime has no key to know its user's variables by.")
        if places.found(self._runtime, transfer):
            # Its own user's kernel wrote it a moment ago. The target keeps it open, and reads it back
            # beside its next cells.
            result = await self._load(target, folder, wanted, verify="later")
            way = "storage"
        else:
            result, way = await self._fetched(transfer, target, wanted, source), "http"
        return {**result, "way": way, "seconds": round(time.monotonic() - begin, 3)}

    async def _fetched(
        self, transfer: str, target: str, wanted: Wanted, source: Optional[Source]
    ) -> Dict[str, Any]:
        if source is None:
            raise SourceUnreachable("The two runtimes have no storage in common.")
        folder = places.new_folder(self._runtime, transfer)
        loop = asyncio.get_running_loop()
        try:
            args = (source, folder, self._runtime.keys.signing, self._cancelled.is_set)
            resumed = await loop.run_in_executor(None, fetch, *args)
            # Every byte was compared while it came.
            result = await self._load(target, folder, wanted, verify="never")
        finally:
            self._cancelled.set()
            places.remove(folder)
        return {**result, "resumed": resumed}

    async def _load(self, target: str, folder: Path, wanted: Wanted, verify: str) -> Dict[str, Any]:
        try:
            manifest = files.read(folder, self._runtime.keys.signing)
        except SnapshotError as error:
            raise SnapshotRefused(error.message, hint=error.hint) from None
        saved = manifest.to_dict()
        return await Copying(self._runtime).load(target, folder, saved, wanted, verify)
