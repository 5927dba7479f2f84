"""/runtimes/NAME/config"""

from tornado.web import RequestHandler

from runtiles.contract.errors import InvalidRequest
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import USER, operation
from runtiles.service.openapi.models.runtimes import Preview


class ConfigHandler(ApiHandler):
    @operation(
        "The merged configuration that a start of this runtime would have now",
        answer=Preview,
        query=[USER],
        errors=[InvalidRequest],
        scopes=["read:servers"],
    )
    async def get(self, name: str) -> None:
        self.answer(await self.context.launcher.configuration(self.caller, self.owner, name))


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/runtimes/([^/]+)/config", ConfigHandler)]
