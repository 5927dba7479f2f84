"""Three habits of JupyterHub and Jupyter Server that a runtime cannot live with, corrected at run time.

Each correction is left out where a newer version has nothing of that name.
"""

import asyncio
import importlib
from typing import Any

#: The first calls to the Hub wait so long after the server answers.
_SETTLE_S = 0.5


def correct() -> None:
    call_the_hub_later()
    stop_between_callbacks()
    tokens_in_websocket_urls()


def call_the_hub_later() -> None:
    """The Hub's version is checked, and activity reported, after the server answers, not before.

    And a Hub that does not answer at that moment is a line in the log: JupyterHub ends the server for it.
    """
    try:
        extension = importlib.import_module("jupyterhub.singleuser.extension")
        server = extension.JupyterHubSingleUser
        check, keep = server.check_hub_version, server.keep_activity_updated
    except (ImportError, AttributeError):
        return

    async def not_yet(_self: Any) -> None:
        return None

    async def later(self: Any) -> None:
        await asyncio.sleep(_SETTLE_S)
        await _preload("jupyterhub.httpclient")
        try:
            await check(self)
        except SystemExit:
            self.log.warning("The Hub's version is not known: it does not answer.")
        await keep(self)

    server.check_hub_version, server.keep_activity_updated = not_yet, later


async def _preload(module: str) -> None:
    """Import it beside the event loop, which answers requests meanwhile."""
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(None, importlib.import_module, module)
    except ImportError:
        return  # An older JupyterHub, which has none.


def stop_between_callbacks() -> None:
    """SIGTERM is handled by the event loop, not in the middle of whatever it interrupts.

    Jupyter Server's handler writes a log line first; when the signal comes while another line is being
    written, that raises inside logging, which swallows it: the server never stops, until it is killed
    with its kernels' last words (seen in 1 of 5 stops of a busy server; jupyter_server 2.21).
    """
    try:
        application = importlib.import_module("jupyter_server.serverapp").ServerApp
        original = application._signal_stop  # noqa: SLF001
    except (ImportError, AttributeError):
        return

    def later(self: Any, *signal_and_frame: Any) -> None:
        loop = getattr(getattr(self, "io_loop", None), "asyncio_loop", None)
        if loop is None:
            original(self, *signal_and_frame)
        else:
            loop.call_soon_threadsafe(original, self, *signal_and_frame)

    application._signal_stop = later  # noqa: SLF001


def tokens_in_websocket_urls() -> None:
    """`?token=` opens a websocket, as JupyterHub documents, whoever sends it.

    JupyterHub 6.1 knows a websocket by `Sec-Fetch-Mode`, which neither Chromium nor a program sends
    with one; VS Code and other users of @jupyterlab/services have no place for the token but the URL.
    Pages stay as they are: there a token in a URL would be a login that a link can bring.
    """
    try:
        hub_auth = importlib.import_module("jupyterhub.services.auth").HubAuth
        original = hub_auth._get_token_url  # noqa: SLF001
    except (ImportError, AttributeError):
        return

    def get_token_url(self: Any, handler: Any) -> Any:
        if str(handler.request.headers.get("Upgrade", "")).lower() == "websocket":
            return handler.get_argument("token", "")
        return original(self, handler)

    hub_auth._get_token_url = get_token_url  # noqa: SLF001
