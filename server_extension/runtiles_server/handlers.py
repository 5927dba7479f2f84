"""HTTP of the server extension: thin, authenticated, authorized."""

from typing import List, Tuple, Type

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from . import runtime_state


class RuntimeHandler(APIHandler):
    """What this runtime is, its workspace, and the notices of its start."""

    auth_resource = "runtiles"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.finish(runtime_state.read().to_dict())


HANDLERS: List[Tuple[str, Type[APIHandler]]] = [("runtime", RuntimeHandler)]
