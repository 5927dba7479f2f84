"""Fetching a transfer's files from another server: in one thread, with one piece of memory."""

import http.client
import json
import os
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, List, Mapping, Optional, Tuple

from runtiles.contract.errors import Conflict, NotAllowed, RuntilesError
from runtiles_server.failures import NoSpace, SnapshotRefused
from runtiles_server.hub_client import opener_for
from runtiles_server.state import Manifest, SnapshotError, files, signing

from .landing import ByPieces, InOrder, Landing
from .pieces import Arriving, arriving

#: `Authorization: RuntilesTransfer TICKET`
SCHEME = "RuntilesTransfer"
_CONNECT_S = 10.0
#: A pause longer than this, between two pieces, is a broken connection.
_SILENCE_S = 60.0
#: Attempts in a row that brought nothing.
_MOST_BREAKS = 5
_MOST_MANIFEST = 64 << 20
_FULL = (28, 122)
_BROKEN = (
    http.client.HTTPException,
    urllib.error.URLError,
    ConnectionError,
    socket.timeout,  # another one than TimeoutError before Python 3.10
)


class SourceUnreachable(Conflict):
    """The server that has the variables cannot be reached from here. `details`: tried."""

    code = "source_unreachable"


class SourceBroke(Conflict):
    """It broke off, again and again."""

    code = "source_broke"


class Cancelled(Conflict):
    code = "cancelled"


@dataclass(frozen=True)
class Source:
    """`urls`: the addresses of the same transfer, the first one that answers is taken."""

    urls: Tuple[str, ...]
    ticket: str = field(repr=False)


def fetch(
    source: Source,
    folder: Path,
    key: bytes,
    cancelled: Callable[[], bool] = lambda: False,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Brings everything into `folder`; returns how often it had to go on after a break.

    Each byte that a load will read is compared with what the signed manifest says while it comes.
    Raises SnapshotRefused for what is not, SourceUnreachable, SourceBroke, NotAllowed, NoSpace.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
        url = _first_file(source, folder, environ)
        manifest = _manifest(folder, key)
        _reserve(folder, manifest)
        return sum(
            _Download(f"{url}/{each.name}", source.ticket, environ, cancelled).into(
                _landing(folder, each, manifest)
            )
            for each in arriving(manifest)
        )
    except SnapshotError as error:
        raise SnapshotRefused(error.message, hint=error.hint) from None
    except OSError as error:
        if error.errno in _FULL:
            raise _no_space() from None
        raise


def _first_file(source: Source, folder: Path, environ: Mapping[str, str]) -> str:
    tried: List[str] = []
    refused: Optional[NotAllowed] = None
    for url in source.urls:
        try:
            with _opened(f"{url}/{files.MANIFEST}", source.ticket, "", environ) as response:
                data = response.read(_MOST_MANIFEST)
            (folder / files.MANIFEST).write_bytes(data)
        except NotAllowed as error:
            # Somebody else may have that address there.
            refused = refused or error
        except _BROKEN as error:
            tried.append(f"{url.partition('/runtiles/')[0]}: {_reason(error)}")
        else:
            return url
    if refused is not None:
        raise refused
    raise SourceUnreachable(
        "This runtime cannot reach the one that has the variables.",
        hint="An admin can put both into one network, or give their users a storage.",
        details={"tried": tried},
    )


def _manifest(folder: Path, key: bytes) -> Manifest:
    """Authenticated before a word of it is believed; its files are not there yet."""
    content, signature = files.parsed(folder)
    signing.require(content, signature, key)
    try:
        return Manifest.from_dict(content)
    except (TypeError, KeyError, AttributeError):
        raise SnapshotRefused("What was sent is no snapshot.") from None


def _reserve(folder: Path, manifest: Manifest) -> None:
    disk = os.statvfs(str(folder))
    free, needed = disk.f_bavail * disk.f_frsize, sum(manifest.files.values())
    if needed > free:
        raise _no_space(free=free, needed=needed)


def _no_space(**details: int) -> NoSpace:
    return NoSpace(
        "There is not enough room for the variables here.",
        hint="Free some space, or copy fewer variables.",
        details=details,
    )


def _landing(folder: Path, file: Arriving, manifest: Manifest) -> Landing:
    if "/" in file.name or not file.name.startswith(("objects-", "buffers-")):
        raise SnapshotRefused("What was sent names a file that is not one of its own.")
    kind = InOrder if file.name == manifest.stream else ByPieces
    return kind(folder / file.name, file, manifest.hash)


class _Download:
    def __init__(
        self, url: str, ticket: str, environ: Mapping[str, str], cancelled: Callable[[], bool]
    ) -> None:
        self._url, self._ticket, self._environ = url, ticket, environ
        self._cancelled = cancelled

    def into(self, landing: Landing) -> int:
        """How many breaks it took."""
        try:
            breaks = self._all(landing)
            landing.finish()
        finally:
            landing.close()
        return breaks

    def _all(self, landing: Landing) -> int:
        breaks = in_a_row = 0
        while not landing.whole:
            before = landing.position
            try:
                self._some(landing)
            except _BROKEN as error:
                reason = _reason(error)
            else:
                reason = "it ended before its end"
            if landing.whole:
                break
            breaks += 1
            in_a_row = 1 if landing.position > before else in_a_row + 1
            if in_a_row > _MOST_BREAKS:
                raise SourceBroke(f"The other runtime broke off: {reason}.")
            time.sleep(0.1 * in_a_row)
        return breaks

    def _some(self, landing: Landing) -> None:
        with _opened(self._url, self._ticket, landing.range, self._environ) as response:
            if landing.position and response.status != http.client.PARTIAL_CONTENT:
                raise http.client.HTTPException("it does not go on where it broke off")
            while not landing.whole:
                if self._cancelled():
                    raise Cancelled("Nobody waits for this transfer any more.")
                count = response.readinto(landing.room())
                if not count:
                    return
                landing.took(count)


def _reason(error: BaseException) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__


def _opened(url: str, ticket: str, wanted: str, environ: Mapping[str, str]) -> Any:
    """Raises what the other server refused, as our own error."""
    headers = {"Authorization": f"{SCHEME} {ticket}"}
    if wanted:
        headers["Range"] = wanted
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - from the service
    timeout = _SILENCE_S if wanted else _CONNECT_S
    try:
        return opener_for(url, environ).open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code < 500:
                raise _refused(error) from None
            raise ConnectionError(f"HTTP {error.code}") from None


def _refused(error: urllib.error.HTTPError) -> RuntilesError:
    try:
        message = str(json.loads(error.read(10_000))["error"]["message"])
    except (ValueError, KeyError, TypeError, OSError):
        message = f"The other runtime refused the transfer (HTTP {error.code})."
    return NotAllowed(message)
