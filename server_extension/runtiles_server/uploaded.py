"""A workspace that somebody uploaded: fetched from the service, unpacked once, never half."""

import base64
import hashlib
import time
from pathlib import Path
from typing import Any, BinaryIO, Callable, ContextManager, Optional

from . import placing
from .children import Terminated, run_limited
from .hub_client import Download, DownloadFailed
from .report import Problem, Reporter
from .unpack import BadArchive, unpack

PREFIX = "context:"
_ATTEMPTS = 3
_WAIT_S = 1.0
_CLEAN_UP_S = 1.0

#: Opens the archive anew; raises DownloadFailed.
Fetch = Callable[[], ContextManager[Download]]


class NotUnpacked(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def is_uploaded(url: str) -> bool:
    return url.startswith(PREFIX)


def bring(fetch: Optional[Fetch], folder: Path, reporter: Reporter, timeout: float) -> int:
    """Unpacks the archive into the workspace; returns how many entries it has. Raises NotUnpacked."""
    if fetch is None:
        raise NotUnpacked(_nobody())
    staged = placing.staging(folder)
    try:
        entries = _attempts(fetch, staged, reporter, time.monotonic() + timeout)
        placing.place(staged, folder)
    except NotUnpacked:
        _discard(staged)
        raise
    except OSError as error:
        _discard(staged)
        raise NotUnpacked(_disk(error)) from None
    except Terminated:
        # The next start would remove it too, but there may be none.
        run_limited(lambda: _discard(staged), _CLEAN_UP_S)
        raise
    return entries


def _attempts(fetch: Fetch, staged: Path, reporter: Reporter, deadline: float) -> int:
    """A connection that breaks is no reason to start without the files."""
    for attempt in range(1, _ATTEMPTS + 1):
        staged.mkdir()
        try:
            with fetch() as download:
                return _unpack(_Watched(download, reporter, deadline), staged)
        except BadArchive as error:
            raise NotUnpacked(_bad(str(error))) from None
        except DownloadFailed as error:
            if attempt == _ATTEMPTS or not error.again:
                raise NotUnpacked(error.problem) from None
        _discard(staged)
        time.sleep(_WAIT_S)
    raise AssertionError("the last attempt returns or raises")


def _unpack(source: "_Watched", staged: Path) -> int:
    # tarfile asks for nothing but read().
    stream: Any = source
    try:
        entries = unpack(stream, staged)
    except BadArchive:
        # Torn, rather than bad?
        source.drain()
        raise
    source.drain()
    return entries


class _Watched:
    """The archive as it comes: counted, added up, told of."""

    def __init__(self, download: Download, reporter: Reporter, deadline: float) -> None:
        self._download = download
        self._stream: BinaryIO = download.stream
        self._reporter = reporter
        self._deadline = deadline
        self._digest = hashlib.sha256()
        self._done = 0

    def read(self, size: int) -> bytes:
        """Raises DownloadFailed for a connection that breaks, or is too slow for the time limit."""
        if time.monotonic() > self._deadline:
            raise DownloadFailed(_slow(), again=False)
        try:
            data = self._stream.read(size)
        except Exception as error:  # noqa: BLE001 # http.client raises a dozen kinds
            raise DownloadFailed(_torn(type(error).__name__), again=True) from None
        self._done += len(data)
        self._digest.update(data)
        total = self._download.size
        if total:
            self._reporter.progress("Unpacking your files", 100 * self._done / total, self._done)
        return data

    def drain(self) -> None:
        """Reads what is left and compares. Raises DownloadFailed for anything but what was uploaded."""
        while self.read(1024 * 1024):
            pass
        found = base64.b64encode(self._digest.digest()).decode()
        whole = not self._download.size or self._done == self._download.size
        if not whole or self._download.sha256 not in ("", found):
            raise DownloadFailed(_torn("incomplete"), again=True)


def _discard(staged: Path) -> None:
    placing.remove(staged)


def _nobody() -> Problem:
    return Problem(
        "workspace_failed", "The uploaded files cannot be fetched: nobody to ask for them is known."
    )


def _bad(reason: str) -> Problem:
    return Problem(
        "workspace_invalid",
        f"The uploaded files cannot be unpacked. {reason}",
        "Upload them again.",
    )


def _torn(reason: str) -> Problem:
    return Problem(
        "workspace_failed", f"The connection broke while the uploaded files came ({reason})."
    )


def _slow() -> Problem:
    return Problem("workspace_failed", "The uploaded files took longer to come than is allowed.")


def _disk(error: OSError) -> Problem:
    return Problem(
        "workspace_failed",
        f"The uploaded files cannot be written: {error.strerror}.",
        "Is it full?",
    )
