"""POST transfer; and what two runtimes and the service say to each other below transfers/"""

import asyncio
import re
from contextlib import closing
from typing import Any, ContextManager, List, Optional, Tuple, Type

from jupyter_server.auth import User
from tornado.iostream import StreamClosedError

from runtiles.contract.errors import InvalidRequest, NotAllowed
from runtiles_server.api import Handler
from runtiles_server.service_client import Service

from .copying import Copying
from .fetching import SCHEME
from .incoming import Incoming, source_of
from .outgoing import Outgoing
from .places import checked_id
from .reading import Reading
from .wanted import Wanted, kernel_of

_SETTING = "runtiles_outgoing"
_RANGE = re.compile(r"bytes=(\d{1,18})-")
#: What makes sense from inside: a runtime that is frozen or stopped answers nobody.
_ACTIONS = ("pause", "extend", "hold")
#: As long as two busy kernels and a full disk may take.
_LONGEST_S = 4 * 3600.0
#: As it is told to whoever asks why the runtime is alive.
_UNDER_WAY = "a transfer of variables"


class _Handler(Handler):
    @property
    def outgoing(self) -> Outgoing:
        found: Outgoing = self.settings.setdefault(_SETTING, Outgoing(self.runtime))
        return found

    @property
    def under_way(self) -> "ContextManager[None]":
        """While it is so the runtime is not idle, at neither end."""
        return self.runtime.activity.during(_UNDER_WAY)


class TransferHandler(_Handler):
    """From a kernel of this runtime to another one of it, or by the service to another runtime's."""

    async def post(self) -> None:
        body = self.body()
        wanted, source, target = Wanted.read(body), kernel_of(body, "from"), kernel_of(body, "to")
        runtime = body["to"].get("runtime")
        if runtime is not None and not isinstance(runtime, str):
            raise InvalidRequest({"to.runtime": "is no name of a runtime"})
        if runtime in (None, "", self.runtime.state.runtime):
            if source == target:
                raise InvalidRequest({"to.kernel": "is the one to copy from"})
            with self.under_way:
                self.answer(await Copying(self.runtime).within(source, target, wanted))
        else:
            path = f"runtimes/{self.runtime.state.runtime}/transfer"
            with self.under_way:
                self.answer(await Service().call("POST", path, body, timeout=_LONGEST_S))


class TransfersHandler(_Handler):
    """The half of the runtime that is copied from."""

    async def post(self) -> None:
        body = self.body()
        wanted, kernel = Wanted.read(body), kernel_of(body)
        if wanted.dry_run:
            self.answer({"plan": await Copying(self.runtime).plan(kernel, wanted)})
        else:
            with self.under_way:
                self.answer(await self.outgoing.give(kernel, wanted))


class PreviewHandler(_Handler):
    """What a plan of another runtime would do here."""

    async def post(self) -> None:
        body = self.body()
        plan = body.get("plan")
        if not isinstance(plan, dict):
            raise InvalidRequest({"plan": "is missing"})
        copying = Copying(self.runtime)
        self.answer(await copying.preview(kernel_of(body), plan, Wanted.read(body)))


class LoadHandler(_Handler):
    """The half of the runtime that is copied to."""

    _incoming: Optional[Incoming] = None

    async def post(self, transfer: str) -> None:
        body = self.body()
        wanted, kernel = Wanted.read(body), kernel_of(body)
        source = source_of(body, checked_id(transfer))
        self._incoming = Incoming(self.runtime)
        with self.under_way:
            self.answer(await self._incoming.take(transfer, kernel, wanted, source))

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._incoming is not None:
            self._incoming.cancel()


class EndHandler(_Handler):
    async def delete(self, transfer: str) -> None:
        self.outgoing.end(transfer)
        self.answer({})


class FileHandler(_Handler):
    """For another runtime's server with this transfer's ticket, and for nobody else."""

    async def prepare(self, **_options: Any) -> None:
        scheme, _, ticket = self.request.headers.get("Authorization", "").partition(" ")
        if scheme != SCHEME:
            raise NotAllowed("Only the ticket of a transfer opens its files.")
        self._ticket = ticket.strip()
        self.by_service = True
        self._track_activity = False
        self.current_user = self._jupyter_current_user = User("runtiles")

    async def get(self, transfer: str, name: str) -> None:
        path = self.outgoing.file(transfer, self._ticket, name)
        start = self._start()
        with closing(Reading(path, start, direct=name.startswith("buffers-"))) as reading:
            size = reading.size
            if start > size:
                raise InvalidRequest({"Range": "is beyond the end of the file"})
            if start:
                self.set_status(206)
                self.set_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.set_header("Content-Type", "application/octet-stream")
            self.set_header("Content-Length", str(size - start))
            with self.under_way:
                await self._send(reading, transfer)

    def _start(self) -> int:
        given = self.request.headers.get("Range", "")
        found = _RANGE.fullmatch(given)
        if given and found is None:
            raise InvalidRequest({"Range": "only bytes=START- is understood"})
        return int(found[1]) if found else 0

    async def _send(self, reading: Reading, transfer: str) -> None:
        """The next piece is read while one is on its way; no more than two are in memory."""
        loop = asyncio.get_running_loop()
        # `self.write` takes nothing but copies.
        connection: Any = self.request.connection
        data = await loop.run_in_executor(None, reading.piece)
        try:
            await self.flush()
            while len(data):
                following = loop.run_in_executor(None, reading.piece)
                try:
                    await connection.write(data)
                finally:
                    data = await following
                self.outgoing.asked(transfer)
        except StreamClosedError:
            return
        self.finish(set_content_type="application/octet-stream")


class ActHandler(Handler):
    """For JupyterLab, whose page cannot reach the service: the same action, with this server's token."""

    async def post(self, action: str) -> None:
        path = f"runtimes/{self.runtime.state.runtime}/{action}"
        answer = await Service().call("POST", path, self.body(), timeout=_LONGEST_S)
        self.runtime.activity.ask_anew()
        self.answer(answer)


ROUTES: List[Tuple[str, Type[Handler]]] = [
    (r"transfer", TransferHandler),
    (r"transfers", TransfersHandler),
    (r"transfers/preview", PreviewHandler),
    (r"transfers/([^/]+)/load", LoadHandler),
    (r"transfers/([^/]+)/files/([^/]+)", FileHandler),
    (r"transfers/([^/]+)", EndHandler),
    (f"runtime/({'|'.join(_ACTIONS)})", ActHandler),
]
