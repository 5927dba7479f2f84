"""/snapshots and /snapshots/ID"""

from tornado.web import RequestHandler

from runtiles.contract.errors import Conflict, EngineUnavailable
from runtiles.service.base import ApiHandler
from runtiles.service.openapi import FLAG, USER, Query, operation
from runtiles.service.openapi.models.snapshots import Snapshot, SnapshotChange, SnapshotWhole

from .manager import InUse

_STOP = ("delete:servers",)


class SnapshotsHandler(ApiHandler):
    @operation("The snapshots of a user", answer=list[Snapshot], query=[USER], scopes=_STOP)
    async def get(self) -> None:
        self.answer(await self.context.snapshots.of_user(self.caller, self.owner))


class SnapshotHandler(ApiHandler):
    @operation("One snapshot", answer=SnapshotWhole, query=[USER], scopes=_STOP)
    async def get(self, snapshot: str) -> None:
        self.answer(await self.context.snapshots.show(self.caller, self.owner, snapshot))

    @operation(
        "Name a snapshot, which keeps it",
        body=SnapshotChange,
        answer=Snapshot,
        query=[USER],
        scopes=_STOP,
    )
    async def patch(self, snapshot: str) -> None:
        change = self.body(SnapshotChange)
        snapshots = self.context.snapshots
        changed = await snapshots.change(self.caller, self.owner, snapshot, change)
        await self.note("rename", snapshot, kind="snapshot", title=changed["name"])
        self.answer(changed)

    @operation(
        "Delete a snapshot and its files",
        status=204,
        query=[USER, Query("force", "Also where a runtime is paused on it", FLAG)],
        scopes=_STOP,
        errors=[InUse, Conflict, EngineUnavailable],
    )
    async def delete(self, snapshot: str) -> None:
        force = self.flag("force")
        await self.context.snapshots.delete(self.caller, self.owner, snapshot, force=force)
        await self.note("delete", snapshot, kind="snapshot")
        self.set_status(204)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/snapshots", SnapshotsHandler),
    (r"/snapshots/([^/]+)", SnapshotHandler),
]
