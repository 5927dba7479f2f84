"""/runtimes/NAME/transfer"""

from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict, LimitReached
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import USER, operation
from runtiles.service.openapi.models.transfers import Transferred, TransferRequest

from .gateway import RuntimeRefused, RuntimeUnreachable

_SCOPES = ("read:servers", "delete:servers")


class TransferHandler(ApiHandler):
    @operation(
        "Copy variables from a kernel of this runtime to another kernel, of this runtime or of another"
        " one of the same user",
        body=TransferRequest,
        answer=Transferred,
        query=[USER],
        scopes=_SCOPES,
        errors=(Conflict, LimitReached, RuntimeUnreachable, RuntimeRefused),
    )
    async def post(self, name: str) -> None:
        transfers = self.context.transfers
        await transfers.may(self.caller, self.owner, name)
        request = self.body(TransferRequest)
        result = await transfers.transfer(self.caller, self.owner, name, request)
        await self.note("transfer", name, to=request.to.runtime or name)
        self.answer(result)


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/runtimes/([^/]+)/transfer", TransferHandler)]
