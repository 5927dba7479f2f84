"""GET /openapi.json"""

import asyncio
from collections.abc import Callable
from typing import Any

from runtiles.service.base import ServiceHandler

from .models.service import AnyObject
from .operation import operation


class OpenApiHandler(ServiceHandler):
    @operation("This document", answer=AnyObject, access="public")
    async def get(self) -> None:
        """For anybody, like the version: a client must know how to ask before it has a token."""
        made: Callable[[], dict[str, Any]] = self.settings["openapi"]
        # Made once, which takes a while.
        self.finish(await asyncio.to_thread(made))
