"""GET /launch-spec/NAME?launch=ID"""

import asyncio

from runtiles.contract.errors import InvalidRequest
from runtiles.service.base import ApiHandler
from runtiles.service.errors import Unauthenticated

from .manager import ServerToken


class LaunchSpecHandler(ApiHandler):
    """Only for the runtime itself: its token in a header, asked of the Hub anew each time.

    The scope for the service is not needed: a site may give it to some users only, and every runtime
    must start.
    """

    async def prepare(self) -> None:
        pass

    async def get(self, name: str) -> None:
        token = self.hub_auth.get_token(self, in_cookie=False)
        launch_id = self.get_query_argument("launch", "")
        if not token:
            raise Unauthenticated("The runtime's token is missing.")
        if not launch_id:
            raise InvalidRequest({"launch": "is missing"})
        model = await self.ask_hub(token, use_cache=False)
        if model is None or model.get("kind", "user") != "user":
            raise Unauthenticated("The Hub does not know this token.")
        scopes = frozenset(model.get("scopes", ()))
        known = ServerToken(model["name"], scopes, session=bool(model.get("session_id")))
        spec = self.context.specs.spec
        self.answer(await asyncio.to_thread(spec, name, launch_id, token, known))
