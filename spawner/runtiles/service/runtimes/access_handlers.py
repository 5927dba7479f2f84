"""/runtimes/NAME/access"""

import os
from urllib.parse import urlsplit

from jupyterhub.utils import get_browser_protocol
from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import USER, operation
from runtiles.service.openapi.models.access import Access, AccessRequest


class AccessHandler(ApiHandler):
    """A short-lived token that opens one runtime and nothing else."""

    @operation(
        "Make a token that opens this runtime for a while, for programs outside the browser",
        body=AccessRequest,
        body_required=False,
        answer=Access,
        status=201,
        query=[USER],
        errors=[Conflict],
        scopes=["read:servers", "tokens"],
    )
    async def post(self, name: str) -> None:
        make = self.context.access_tokens.make
        made = await make(self.caller, self.owner, name, self.json_object(), self._origin())
        self.set_status(201)
        self.answer(made)

    def _origin(self) -> str:
        """Where people reach the site: as the Hub was told, else as this request came."""
        public = urlsplit(os.environ.get("JUPYTERHUB_PUBLIC_HUB_URL", ""))
        if public.netloc:
            return f"{public.scheme}://{public.netloc}"
        return f"{get_browser_protocol(self.request)}://{self.request.host}"


class AccessTokenHandler(ApiHandler):
    @operation("End such a token", status=204, query=[USER], scopes=["tokens"])
    async def delete(self, name: str, token_id: str) -> None:
        await self.context.access_tokens.revoke(self.caller, self.owner, name, token_id)
        self.set_status(204)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/runtimes/([^/]+)/access", AccessHandler),
    (r"/runtimes/([^/]+)/access/([^/]+)", AccessTokenHandler),
]
