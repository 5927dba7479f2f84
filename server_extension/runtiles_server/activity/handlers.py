"""HTTP of the activity."""

from typing import List, Tuple, Type

from runtiles_server.api import Handler


class ActivityHandler(Handler):
    """The report, for the service and the user. Whoever looks has done nothing yet."""

    async def get(self) -> None:
        self._track_activity = False
        report = await self.runtime.activity.report()
        self.answer({**report.to_dict(), "told": self.runtime.activity.told})


class InputHandler(Handler):
    """Lab says: a person typed or clicked, in a tab that they look at. The answer is what the service
    says of this runtime."""

    async def post(self) -> None:
        self.runtime.activity.touched()
        self.answer({"told": self.runtime.activity.told})


class IdleHandler(Handler):
    """What the service said last of this runtime. Nothing is looked at and nobody is asked for it."""

    async def get(self) -> None:
        self._track_activity = False
        self.answer({"told": self.runtime.activity.told})


ROUTES: List[Tuple[str, Type[Handler]]] = [
    ("activity", ActivityHandler),
    ("activity/input", InputHandler),
    ("idle", IdleHandler),
]
