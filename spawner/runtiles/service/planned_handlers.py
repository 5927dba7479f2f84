"""What the API names and does not have yet: it answers 501 with its name."""

from typing import NoReturn

from tornado.web import RequestHandler

from runtiles.service.base import ApiHandler
from runtiles.service.errors import NotImplementedYet
from runtiles.service.openapi import operation


class _Planned(ApiHandler):
    what = ""

    def refuse(self, *_whose: str) -> NoReturn:
        raise NotImplementedYet(
            f"{self.what!r} is not there yet.",
            hint="This version of Runtiles has the name only.",
            details={"action": self.what},
        )


class DatasetsHandler(_Planned):
    what = "datasets"

    @operation("The caller's datasets: not there yet", status=204, errors=[NotImplementedYet])
    def get(self) -> None:
        self.refuse()


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/datasets", DatasetsHandler),
]
