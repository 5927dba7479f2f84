"""/admin/tiles and /admin/machines"""

import asyncio
from functools import partial
from typing import ClassVar

from tornado.web import RequestHandler

from runtiles.catalogue import Kind
from runtiles.contract.errors import Conflict
from runtiles.service.admin.base import AdminHandler
from runtiles.service.openapi import FLAG, Query, operation
from runtiles.service.openapi.models.admin_catalogue import (
    AdminMachine,
    AdminMachines,
    AdminTile,
    AdminTiles,
    ChangedMachine,
    ChangedTile,
    Keys,
)

_PREVIEW = Query("preview", "Validate, show what would change, and save nothing", FLAG)
_VERSION = Query("If-Match", "The entry's `version` as it was read: 409 where it is another by now")


class _EntriesHandler(AdminHandler):
    kind: ClassVar[Kind]

    @operation(
        "All there are, and where each comes from",
        answer=AdminTiles | AdminMachines,
        access="admin",
    )
    async def get(self) -> None:
        self.only()
        self.answer(await asyncio.to_thread(self.context.catalogue_admin.entries, self.kind))


class _EntryHandler(AdminHandler):
    """`If-Match: VERSION` refuses a change of what somebody else changed since (409)."""

    kind: ClassVar[Kind]

    @operation("One of them", answer=AdminTile | AdminMachine, access="admin")
    async def get(self, slug: str) -> None:
        self.only()
        self.answer(await asyncio.to_thread(self.context.catalogue_admin.show, self.kind, slug))

    @operation(
        "Change or add one, on top of the site's files; in force at once",
        body=Keys,
        answer=ChangedTile | ChangedMachine,
        query=[_PREVIEW],
        headers=[_VERSION],
        errors=[Conflict],
        access="admin",
    )
    async def put(self, slug: str) -> None:
        self.only("preview")
        admin, keys = self.context.catalogue_admin, self.json_object()
        if self.flag("preview"):
            self.answer(await asyncio.to_thread(admin.preview, self.kind, slug, keys))
            return
        save = partial(admin.save, actor=self.caller.name, version=self._version())
        self.answer(await asyncio.to_thread(save, self.kind, slug, keys))

    @operation(
        "Back to what the site's files say; what no file has is gone",
        status=204,
        headers=[_VERSION],
        errors=[Conflict],
        access="admin",
    )
    async def delete(self, slug: str) -> None:
        self.only()
        admin = self.context.catalogue_admin
        drop = partial(admin.drop, actor=self.caller.name, version=self._version())
        await asyncio.to_thread(drop, self.kind, slug)
        self.set_status(204)

    def _version(self) -> str | None:
        given = self.request.headers.get("If-Match", "").strip()
        return given.removeprefix("W/").strip('"') or None if given != "*" else None


class AdminTilesHandler(_EntriesHandler):
    kind = "tile"


class AdminTileHandler(_EntryHandler):
    kind = "tile"


class AdminMachinesHandler(_EntriesHandler):
    kind = "machine"


class AdminMachineHandler(_EntryHandler):
    kind = "machine"


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/admin/tiles", AdminTilesHandler),
    (r"/admin/tiles/([^/]+)", AdminTileHandler),
    (r"/admin/machines", AdminMachinesHandler),
    (r"/admin/machines/([^/]+)", AdminMachineHandler),
]
