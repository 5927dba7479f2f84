"""The login on behalf of the Hub's own pages, and OAuth's way back."""

import re

from jupyterhub.services.auth import HubOAuthCallbackHandler

from runtiles.contract.errors import InvalidRequest

from .web.base import PageHandler

#: A path on this very site: one slash at the start, nothing that a browser would take for a host.
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


class LoginHandler(PageHandler):
    """GET /login?next=/PATH gives the browser the service's cookies, then goes on to PATH."""

    async def get(self) -> None:
        settings = self.context.settings
        target = local_path(self.get_query_argument("next", settings.hub_prefix))
        if await self.logged_in():
            host = "" if target.startswith(settings.prefix) else self.hub_auth.hub_host
            self.redirect(f"{host}{target}")


class CallbackHandler(PageHandler, HubOAuthCallbackHandler):
    """OAuth's way back; the work is JupyterHub's."""


def local_path(text: str) -> str:
    """The text, if it is a path on this site. Raises InvalidRequest: no redirect to elsewhere."""
    if not _LOCAL.fullmatch(text):
        raise InvalidRequest({"next": "must be a path on this site"})
    return text
