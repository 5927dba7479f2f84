"""GET /admin/runtimes, POST /admin/runtimes/actions"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from tornado.web import RequestHandler

from runtiles.contract.errors import InvalidRequest
from runtiles.lifecycle import State
from runtiles.service.admin.base import MAX_LIMIT, AdminHandler
from runtiles.service.errors import HubRefused
from runtiles.service.openapi import PAGE, Query, operation
from runtiles.service.openapi.models.admin import AdminRuntimes, BulkResults

from .bulk import Target
from .table import SORT, Question

_STATES = tuple(str(state) for state in State)


class BulkTarget(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: Annotated[str, Field(min_length=1, max_length=255)]
    name: Annotated[str, Field(min_length=1, max_length=255)]


class BulkBody(BaseModel):
    """`message` is what the owners are told. `seconds` is for `extend`, `accept_loss` for `pause`:
    without it, a runtime that would lose something answers `would_lose` and goes on."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["stop", "start", "pause", "resume", "extend", "delete"]
    runtimes: Annotated[list[BulkTarget], Field(min_length=1, max_length=MAX_LIMIT)]
    message: Annotated[str, Field(max_length=2000)] = ""
    seconds: Annotated[int | None, Field(gt=0, le=10**9)] = None
    accept_loss: StrictBool = False

    @model_validator(mode="after")
    def _consistent(self) -> "BulkBody":
        if self.seconds is not None and self.action != "extend":
            raise ValueError("'seconds' is for the action 'extend'")
        if self.accept_loss and self.action != "pause":
            raise ValueError("'accept_loss' is for the action 'pause'")
        return self


class AdminRuntimesHandler(AdminHandler):
    """Filtered, searched, sorted and cut here: a page of the panel never holds all of them."""

    @operation(
        "Everybody's runtimes: filtered, searched, sorted, and one page of them",
        answer=AdminRuntimes,
        query=[
            Query("state", "One or several, with commas between them"),
            Query("user", "Only this user's"),
            Query("tile", "Only of this tile"),
            Query("machine", "Only on this machine"),
            Query("search", "Words that all occur in a runtime's names and texts"),
            Query("sort", f"One of {', '.join(SORT)}; after `-` the largest first"),
            *PAGE,
        ],
        errors=[HubRefused],
        access="admin",
    )
    async def get(self) -> None:
        self.only("state", "user", "tile", "machine", "search", "sort", "offset", "limit")
        offset, limit = self.page()
        sort, descending = self.sort_key(SORT, "-started_at")
        asked = Question(
            states=self._states(),
            user=self.text("user") or "",
            tile=self.text("tile") or "",
            machine=self.text("machine") or "",
            search=tuple((self.text("search") or "").casefold().split()),
            sort=sort,
            descending=descending,
            offset=offset,
            limit=limit,
        )
        page = await self.context.admin.runtimes.page(self.caller, asked)
        head = {"total": page.total, "offset": offset, "limit": limit}
        self.answer({**head, "counts": dict(page.counts), "items": list(page.rows)})

    def _states(self) -> frozenset[str]:
        """`?state=running,starting`, or the parameter several times."""
        texts = self.get_query_arguments("state")
        states = frozenset(state for text in texts for state in text.split(",") if state)
        if unknown := states - set(_STATES):
            listed = ", ".join(_STATES)
            raise InvalidRequest({"state": f"{min(unknown)!r} is not one of {listed}"})
        return states


class BulkHandler(AdminHandler):
    @operation(
        "One action on many runtimes, each with its own outcome",
        body=BulkBody,
        answer=BulkResults,
        access="admin",
    )
    async def post(self) -> None:
        self.only()
        body = self.body(BulkBody)
        options: dict[str, Any] = {} if body.seconds is None else {"seconds": body.seconds}
        options |= {"accept_loss": True} if body.accept_loss else {}
        targets = [Target(one.user, one.name) for one in body.runtimes]
        run, message = self.context.admin.bulk.run, body.message.strip()
        results = await run(self.caller, body.action, targets, options=options, message=message)
        self.answer({"results": results})


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/admin/runtimes", AdminRuntimesHandler),
    (r"/admin/runtimes/actions", BulkHandler),
]
