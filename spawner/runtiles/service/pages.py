"""The few pages: the start, the login on behalf of the Hub's own pages, and OAuth's way back."""

import re
from html import escape
from typing import Any

from jupyterhub.services.auth import HubOAuthCallbackHandler
from jupyterhub.utils import get_browser_protocol

from runtiles.contract.errors import InvalidRequest

from .base import ServiceHandler
from .errors import body_of, status_of

#: The XSRF token of the service for the scripts of the Hub's own pages: set on the Hub's path, where
#: no user's server can read it.
XSRF_COOKIE = "runtiles-xsrf"

#: A path on this very site: one slash at the start, nothing that a browser would take for a host.
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Runtiles</title></head>
<body><h1>This did not work</h1><p>{message}</p><p><a href="{home}">Back to the Hub</a></p></body></html>
"""


class PageHandler(ServiceHandler):
    """Errors are for people here."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        status = status_of(error) if error else status_code
        message = body_of(error, status)["error"]["message"]
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_PAGE.format(message=escape(message), home=escape(self.hub_page("home"))))

    def hub_page(self, name: str) -> str:
        return f"{self.hub_auth.hub_host}{self.context.settings.hub_prefix}{name}"

    async def logged_in(self) -> bool:
        """False: the browser is on its way to the Hub's login, and comes back to this address."""
        if await self.identify() is not None:
            return True
        self.redirect(self.get_login_url())
        return False


class StartHandler(PageHandler):
    async def get(self) -> None:
        if await self.logged_in():
            self.redirect(self.hub_page("spawn"))


class LoginHandler(PageHandler):
    """GET /login?next=/PATH gives the browser the service's cookies, then goes on to PATH.

    For pages of the Hub whose scripts call the API: a script cannot log in by itself.
    """

    async def get(self) -> None:
        target = local_path(self.get_query_argument("next", self.context.settings.hub_prefix))
        if await self.logged_in():
            self._share_xsrf_token()
            self.redirect(f"{self.hub_auth.hub_host}{target}")

    def _share_xsrf_token(self) -> None:
        secure = get_browser_protocol(self.request) == "https"
        path = self.context.settings.hub_prefix
        token = self.xsrf_token
        self.set_cookie(XSRF_COOKIE, token, path=path, secure=secure, samesite="Strict")


class CallbackHandler(PageHandler, HubOAuthCallbackHandler):
    """OAuth's way back; the work is JupyterHub's."""


def local_path(text: str) -> str:
    """The text, if it is a path on this site. Raises InvalidRequest: no redirect to elsewhere."""
    if not _LOCAL.fullmatch(text):
        raise InvalidRequest({"next": "must be a path on this site"})
    return text
