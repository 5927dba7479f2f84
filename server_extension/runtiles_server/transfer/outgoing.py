"""What kernels here have given for other runtimes to fetch: for a while, and by its own ticket."""

import asyncio
import hmac
import secrets
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, FrozenSet, List

from runtiles.contract.errors import NotAllowed, NotFound
from runtiles_server.runtime import Runtime
from runtiles_server.state import files

from . import places
from .copying import Copying
from .wanted import Wanted

#: A transfer that nobody has asked for anything for so long is over: whoever led it is gone.
_IDLE_S = 900.0
_TICKET_BYTES = 32


def own_urls(server: Any) -> List[str]:
    """Where its neighbours may reach this server: a port that is published elsewhere is not for them."""
    scheme = "https" if getattr(server, "certfile", "") else "http"
    try:
        found = socket.getaddrinfo(socket.gethostname(), server.port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    hosts = dict.fromkeys(str(each[4][0]) for each in found if each[0] == socket.AF_INET)
    outside = [each for each in hosts if not each.startswith("127.")]
    return [f"{scheme}://{each}:{server.port}{server.base_url}" for each in outside]


@dataclass
class Gift:
    """`ticket` opens these files and nothing else, until the transfer is over."""

    folder: Path
    names: FrozenSet[str]
    ticket: str = field(repr=False)
    asked: float

    def opens(self, ticket: str) -> bool:
        return hmac.compare_digest(ticket.encode(), self.ticket.encode())


class Outgoing:
    """Kept in memory: a server that is started again knows of none, and sweeps their folders."""

    def __init__(self, runtime: Runtime, idle: float = _IDLE_S) -> None:
        self._runtime, self._idle = runtime, idle
        self._gifts: Dict[str, Gift] = {}

    async def give(self, kernel: str, wanted: Wanted) -> Dict[str, Any]:
        """Saves; the answer has the id, the ticket, the manifest's variables. Raises as Copying.save."""
        transfer = places.new_id()
        folder = places.new_folder(self._runtime, transfer)
        saved = await Copying(self._runtime).save(kernel, folder, wanted)
        manifest = files.read(folder, self._runtime.keys.signing or None)
        names = frozenset({files.MANIFEST, *manifest.files})
        gift = Gift(folder, names, secrets.token_urlsafe(_TICKET_BYTES), time.monotonic())
        self._gifts[transfer] = gift
        self._look_later(transfer)
        urls = own_urls(self._runtime.server)
        return {"id": transfer, "ticket": gift.ticket, "saved": saved, "urls": urls}

    def file(self, transfer: str, ticket: str, name: str) -> Path:
        """Raises NotAllowed, also for a transfer that there is not: who has no ticket learns nothing."""
        gift = self._gifts.get(transfer)
        if gift is None or not gift.opens(ticket):
            raise NotAllowed("This ticket is not for this transfer, or the transfer is over.")
        if name not in gift.names:
            raise NotFound("There is no such file in this transfer.")
        self.asked(transfer)
        return gift.folder / name

    def asked(self, transfer: str) -> None:
        """Somebody is still at it."""
        if transfer in self._gifts:
            self._gifts[transfer].asked = time.monotonic()

    def end(self, transfer: str) -> None:
        """Its ticket opens nothing any more, and its files are gone. Fine if they are."""
        gift = self._gifts.pop(places.checked_id(transfer), None)
        if gift is not None:
            places.remove(gift.folder)

    @property
    def open(self) -> List[str]:
        return list(self._gifts)

    def _look_later(self, transfer: str) -> None:
        asyncio.get_running_loop().call_later(self._idle, self._look, transfer)

    def _look(self, transfer: str) -> None:
        gift = self._gifts.get(transfer)
        if gift is None:
            return
        if time.monotonic() - gift.asked >= self._idle:
            self.end(transfer)
        else:
            self._look_later(transfer)
