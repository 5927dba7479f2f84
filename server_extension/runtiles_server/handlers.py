"""All routes of the server extension, below BASE_URL/runtiles/api."""

from typing import List, Tuple, Type

from . import runtime_state
from .activity.handlers import ROUTES as ACTIVITY
from .api import Handler, UnknownHandler
from .kernels import handlers as kernels
from .transfer.handlers import ROUTES as TRANSFER

Routes = List[Tuple[str, Type[Handler]]]


class RuntimeHandler(Handler):
    """What this runtime is, its workspace, the notices of its start, and what was restored."""

    async def get(self) -> None:
        self.answer({**runtime_state.read().shown(), "resumed": self.runtime.resumed})


RUNTIME: Routes = [("runtime", RuntimeHandler)]

#: Each module adds its own list here. What none of them knows is answered in our form, too.
HANDLERS: Routes = [*RUNTIME, *kernels.HANDLERS, *TRANSFER, *ACTIVITY, (".*", UnknownHandler)]
