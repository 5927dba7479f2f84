"""`python -m runtiles.service`, as its keeper runs it; `rotate-key` after it is for admins."""

import asyncio
import logging
import os
import signal
import ssl
import sys
from urllib.parse import urlsplit

from jupyterhub.utils import make_ssl_context
from tornado.httpserver import HTTPServer

from runtiles.contract.errors import RuntilesError
from runtiles.store import load_key

from .app import make_app
from .base import MAX_REQUEST
from .context import open_context
from .engine import open_engine
from .hub import Hub
from .idle.server import ReportServer
from .keeper import ENV_KEEPER
from .secrets import rotate
from .settings import Settings
from .sweep import sweep

_log = logging.getLogger("runtiles.service")
_BIND_FOR_S = 15.0
_PARENT_INTERVAL_S = 1.0


def main() -> int:
    """0 after SIGTERM, 1 when it cannot start; the reason is on stderr."""
    if sys.argv[1:2] == ["rotate-key"]:
        return rotate.main(sys.argv[2:])
    logging.basicConfig(
        level=os.environ.get("RUNTILES_LOG_LEVEL", "INFO").upper(),
        format="[%(levelname).1s %(asctime)s Runtiles] %(message)s",
    )
    # JupyterHub's code logs session ids and the like there at INFO.
    logging.getLogger("tornado").setLevel(logging.WARNING)
    try:
        asyncio.run(serve(Settings.from_env(os.environ)))
    except RuntilesError as error:
        sys.stderr.write(f"The Runtiles service cannot start: {error}\n")
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Until SIGTERM, SIGINT, or the end of the process that started it."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    hub = Hub(settings.hub_api_url, ssl_context=_tls(ssl.Purpose.SERVER_AUTH))
    engine = open_engine(settings)
    context = open_context(settings, engine, hub)
    server = ReportServer(
        make_app(context, load_key(settings.key_file)),
        context.idle.intake,
        settings.prefix,
        ssl_options=_tls(ssl.Purpose.CLIENT_AUTH),
        xheaders=True,
        max_body_size=MAX_REQUEST,
    )
    try:
        await _listen(server, settings.listen_url)
        watch = asyncio.create_task(_until_orphaned(stop))
        tidying = asyncio.create_task(context.admin.run())
        sweeping = asyncio.create_task(
            sweep(context.store, context.contexts, engine, context.snapshots.tidy)
        )
        await context.actions.pauser.worker.take_up_all()
        freezer = asyncio.create_task(context.actions.freezer.look_for_ever())
        idle = asyncio.create_task(context.idle.run())
        await stop.wait()
        for task in (watch, tidying, sweeping, freezer, idle):
            task.cancel()
    finally:
        server.stop()
        await server.close_all_connections()
        await context.actions.pauser.worker.close()
        await context.idle.outlets.close()
        await context.admin.close()
        context.close()
        if engine is not None:
            await engine.close()


async def _listen(server: HTTPServer, url: str) -> None:
    """Waits a little for the address: a predecessor may be on its way out."""
    address = urlsplit(url)
    deadline = asyncio.get_running_loop().time() + _BIND_FOR_S
    while True:
        try:
            server.listen(address.port or 80, address.hostname or "127.0.0.1")
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise RuntilesError(f"Cannot listen on {url}: {error.strerror}.") from error
            await asyncio.sleep(0.2)
        else:
            _log.info("Listening on %s", url)
            return


async def _until_orphaned(stop: asyncio.Event) -> None:
    """Whoever started this one starts a new one when it is back; this one would hold its address."""
    parent = int(os.environ.get(ENV_KEEPER) or os.getppid())
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells a process of its parent's end
        await asyncio.sleep(_PARENT_INTERVAL_S)
    _log.warning("The process that started the service has ended; so does the service")
    stop.set()


def _tls(purpose: ssl.Purpose) -> ssl.SSLContext | None:
    """The certificates of a Hub with internal_ssl, None without."""
    key, certificate, authority = (
        os.environ.get(f"JUPYTERHUB_SSL_{name}", "")
        for name in ("KEYFILE", "CERTFILE", "CLIENT_CA")
    )
    if not key:
        return None
    context: ssl.SSLContext = make_ssl_context(key, certificate, cafile=authority, purpose=purpose)
    return context


if __name__ == "__main__":
    sys.exit(main())
