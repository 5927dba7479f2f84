"""The route table, and the application that it makes."""

import hashlib
import hmac
import logging
from functools import cache, partial
from typing import Any

from jupyterhub.services.auth import HubOAuth
from tornado.web import Application, RedirectHandler, RequestHandler

from runtiles import __version__
from runtiles.contract.protocol import PROTOCOL_VERSION
from runtiles.store import first_key

from . import planned_handlers
from .admin import audit
from .admin import handlers as admin
from .admin.catalogue import handlers as admin_catalogue
from .base import ServiceHandler, UnknownHandler
from .catalogue.handlers import MachinesHandler, TileHandler, TilesHandler
from .context import Context
from .contexts import handlers as contexts
from .idle import handlers as idle
from .launch_spec.handlers import LaunchContextHandler, LaunchSpecHandler
from .notices import handlers as notices
from .openapi import operation
from .openapi.document import document
from .openapi.handlers import OpenApiHandler
from .openapi.models.service import Version
from .pages import CallbackHandler, LoginHandler
from .runtimes import (
    access_handlers,
    config_handlers,
    feed_handlers,
    kernel_handlers,
    log_handlers,
    transfer_handlers,
)
from .runtimes.handlers import (
    ActionHandler,
    PreviewHandler,
    ProgressHandler,
    RuntimeHandler,
    RuntimesHandler,
)
from .secrets import handlers as secrets
from .snapshots import handlers as snapshots
from .snapshots import transfer_handlers as snapshot_transfer
from .web import handlers as web
from .whoami import handlers as whoami

_log = logging.getLogger("runtiles.service.access")

#: How long the Hub's word about a token is believed: what is taken from somebody there ends here.
_TOKEN_CACHE_S = 30
_NAME = r"([^/]+)"


class VersionHandler(ServiceHandler):
    """For anybody: a client must know whom it talks to before it can log in."""

    @operation("Which version answers", answer=Version, access="public")
    def get(self) -> None:
        self.finish({"version": __version__, "protocol": PROTOCOL_VERSION})


PAGES: list[tuple[str, type[RequestHandler]]] = [
    (r"login", LoginHandler),
    (r"oauth_callback", CallbackHandler),
    *web.ROUTES,
]

API: list[tuple[str, type[RequestHandler]]] = [
    (r"", VersionHandler),
    (r"/", VersionHandler),
    (r"/openapi\.json", OpenApiHandler),
    (r"/tiles", TilesHandler),
    (rf"/tiles/{_NAME}", TileHandler),
    (r"/machines", MachinesHandler),
    (r"/runtimes", RuntimesHandler),
    (r"/runtimes/preview", PreviewHandler),
    (rf"/runtimes/{_NAME}", RuntimeHandler),
    (rf"/runtimes/{_NAME}/progress", ProgressHandler),
    *log_handlers.ROUTES,
    *access_handlers.ROUTES,
    *config_handlers.ROUTES,
    # `import` is no id.
    *snapshot_transfer.ROUTES,
    *snapshots.ROUTES,
    *kernel_handlers.ROUTES,
    *idle.ROUTES,
    *planned_handlers.ROUTES,
    *transfer_handlers.ROUTES,
    (rf"/runtimes/{_NAME}/{_NAME}", ActionHandler),
    *whoami.ROUTES,
    *feed_handlers.ROUTES,
    *notices.ROUTES,
    *secrets.ROUTES,
    *contexts.ROUTES,
    (rf"/launch-spec/{_NAME}", LaunchSpecHandler),
    (rf"/launch-spec/{_NAME}/context", LaunchContextHandler),
    *audit.ROUTES,
    *admin.ROUTES,
    *admin_catalogue.ROUTES,
]


def make_app(context: Context, key: bytes) -> Application:
    """`key`, the key file's contents, signs the cookies: the same after a restart, so that nobody has
    to log in again. After a change of keys everybody does, unseen: the Hub still knows them."""
    HubOAuth.instance(cache_max_age=_TOKEN_CACHE_S)
    prefix = context.settings.prefix
    routes: list[Any] = [(prefix + path, handler) for path, handler in PAGES]
    routes += [(f"{prefix}api{path}", handler) for path, handler in API]
    routes += [(prefix.rstrip("/"), RedirectHandler, {"url": prefix})]
    routes += [(rf"{prefix}(?!api(?:/|$)).*", web.UnknownPage)]
    return Application(
        routes,
        context=context,
        openapi=cache(partial(document, tuple(API), f"{prefix}api")),
        default_handler_class=UnknownHandler,
        cookie_secret=hmac.new(
            first_key(key), b"runtiles service cookies", hashlib.sha256
        ).digest(),
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
