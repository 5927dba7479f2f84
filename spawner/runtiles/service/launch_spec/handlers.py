"""GET /launch-spec/NAME?launch=ID, GET /launch-spec/NAME/context?launch=ID"""

import asyncio
import base64
from pathlib import Path

from tornado.iostream import StreamClosedError

from runtiles.contract.errors import InvalidRequest
from runtiles.contract.spec import LaunchSpec
from runtiles.service.base import ApiHandler
from runtiles.service.errors import Unauthenticated
from runtiles.service.openapi import Query, operation

from .manager import ServerToken

_CHUNK = 256 * 1024


class LauncherHandler(ApiHandler):
    """Only for the runtime itself: its token in a header, asked of the Hub anew each time.

    The scope for the service is not needed: a site may give it to some users only, and every runtime
    must start.
    """

    async def prepare(self) -> None:
        pass

    async def presented(self) -> tuple[str, str, ServerToken]:
        """The launch's id, the token, and what the Hub says of it now."""
        token = self.hub_auth.get_token(self, in_cookie=False)
        launch_id = self.get_query_argument("launch", "")
        if not token:
            raise Unauthenticated("The runtime's token is missing.")
        if not launch_id:
            raise InvalidRequest({"launch": "is missing"})
        model = await self.ask_hub(token, use_cache=False)
        if model is None or model.get("kind", "user") != "user":
            raise Unauthenticated("The Hub does not know this token.")
        known = ServerToken(model["name"], frozenset(model.get("groups") or ()))
        return launch_id, token, known


class LaunchSpecHandler(LauncherHandler):
    """What the launcher is told."""

    @operation(
        "What the runtime's launcher is told, secrets included",
        answer=LaunchSpec,
        query=[Query("launch", "The id of the launch", required=True)],
        access="runtime",
    )
    async def get(self, name: str) -> None:
        launch_id, token, known = await self.presented()
        spec = self.context.specs.spec
        self.answer(await asyncio.to_thread(spec, name, launch_id, token, known))


class LaunchContextHandler(LauncherHandler):
    """The uploaded folder, as it came: a tar archive packed with gzip."""

    @operation(
        "The uploaded folder that the runtime's workspace is made from",
        content={"application/gzip": bytes},
        query=[Query("launch", "The id of the launch", required=True)],
        access="runtime",
    )
    async def get(self, name: str) -> None:
        launch_id, token, known = await self.presented()
        find = self.context.specs.context
        archive = await asyncio.to_thread(find, name, launch_id, token, known)
        digest = base64.b64encode(bytes.fromhex(archive.sha256)).decode()
        self.set_header("Content-Type", "application/gzip")
        self.set_header("Content-Length", str(archive.size))
        self.set_header("Content-Digest", f"sha-256=:{digest}:")
        await self._send_file(archive.path)

    async def _send_file(self, path: Path) -> None:
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                self.write(chunk)
                try:
                    await self.flush()
                except StreamClosedError:
                    return
