"""The route table, and the application that it makes."""

import hashlib
import hmac
import logging
from typing import Any

from jupyterhub.services.auth import HubOAuth
from tornado.web import Application, RedirectHandler, RequestHandler

from runtiles import __version__
from runtiles.contract.protocol import PROTOCOL_VERSION

from .base import ServiceHandler, UnknownHandler
from .catalogue.handlers import MachinesHandler, TileHandler, TilesHandler
from .context import Context
from .launch_spec.handlers import LaunchSpecHandler
from .pages import CallbackHandler, LoginHandler, StartHandler
from .runtimes.handlers import (
    ActionHandler,
    LogsHandler,
    PreviewHandler,
    ProgressHandler,
    RuntimeHandler,
    RuntimesHandler,
)
from .secrets.handlers import SecretHandler, SecretsHandler

_log = logging.getLogger("runtiles.service.access")

#: How long the Hub's word about a token is believed: what is taken from somebody there ends here.
_TOKEN_CACHE_S = 30
_NAME = r"([^/]+)"


class VersionHandler(ServiceHandler):
    """For anybody: a client must know whom it talks to before it can log in."""

    def get(self) -> None:
        self.finish({"version": __version__, "protocol": PROTOCOL_VERSION})


PAGES: list[tuple[str, type[RequestHandler]]] = [
    (r"", StartHandler),
    (r"login", LoginHandler),
    (r"oauth_callback", CallbackHandler),
]

API: list[tuple[str, type[RequestHandler]]] = [
    (r"", VersionHandler),
    (r"/", VersionHandler),
    (r"/tiles", TilesHandler),
    (rf"/tiles/{_NAME}", TileHandler),
    (r"/machines", MachinesHandler),
    (r"/runtimes", RuntimesHandler),
    (r"/runtimes/preview", PreviewHandler),
    (rf"/runtimes/{_NAME}", RuntimeHandler),
    (rf"/runtimes/{_NAME}/progress", ProgressHandler),
    (rf"/runtimes/{_NAME}/logs", LogsHandler),
    (rf"/runtimes/{_NAME}/{_NAME}", ActionHandler),
    (r"/secrets", SecretsHandler),
    (rf"/secrets/{_NAME}", SecretHandler),
    (rf"/launch-spec/{_NAME}", LaunchSpecHandler),
]


def make_app(context: Context, key: bytes) -> Application:
    """`key` signs the cookies: the same after a restart, so that nobody has to log in again."""
    HubOAuth.instance(cache_max_age=_TOKEN_CACHE_S)
    prefix = context.settings.prefix
    routes: list[Any] = [(prefix + path, handler) for path, handler in PAGES]
    routes += [(f"{prefix}api{path}", handler) for path, handler in API]
    routes += [(prefix.rstrip("/"), RedirectHandler, {"url": prefix})]
    return Application(
        routes,
        context=context,
        default_handler_class=UnknownHandler,
        cookie_secret=hmac.new(key, b"runtiles service cookies", hashlib.sha256).digest(),
        log_function=_log_request,
    )


def _log_request(handler: RequestHandler) -> None:
    """Method and path, never the query: EventSource and OAuth put tokens there."""
    caller = getattr(handler, "caller", None)
    status, request = handler.get_status(), handler.request
    level = logging.INFO if status < 500 else logging.WARNING
    who = caller.name if caller else "-"
    took = 1000 * request.request_time()
    _log.log(level, "%s %s %s %s %.1fms", status, request.method, request.path, who, took)
