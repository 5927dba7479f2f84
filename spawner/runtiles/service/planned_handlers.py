"""What the API names and does not have yet: it answers 501 with its name."""

from typing import NoReturn

from tornado.web import RequestHandler

from runtiles.service.base import ApiHandler
from runtiles.service.errors import NotImplementedYet
from runtiles.service.openapi import operation

_NAME = r"([^/]+)"


class _Planned(ApiHandler):
    what = ""

    def refuse(self, *_whose: str) -> NoReturn:
        raise NotImplementedYet(
            f"{self.what!r} is not there yet.",
            hint="This version of Runtiles has the name only.",
            details={"action": self.what},
        )


class IdleHandler(_Planned):
    what = "idle"

    @operation("Why a runtime is alive: not there yet", status=204, errors=[NotImplementedYet])
    def get(self, name: str) -> None:
        self.refuse(name)


class DatasetsHandler(_Planned):
    what = "datasets"

    @operation("The caller's datasets: not there yet", status=204, errors=[NotImplementedYet])
    def get(self) -> None:
        self.refuse()


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (rf"/runtimes/{_NAME}/idle", IdleHandler),
    (r"/datasets", DatasetsHandler),
]
