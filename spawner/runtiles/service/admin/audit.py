"""GET /admin/audit: who did what, newest first."""

import asyncio
from typing import Any

from tornado.web import RequestHandler

from runtiles.service.openapi import PAGE, Query, operation
from runtiles.service.openapi.models.audit import AuditPage
from runtiles.service.runtimes.view import iso
from runtiles.store.audit import AuditEntry

from .base import AdminHandler


class AuditHandler(AdminHandler):
    """`?offset&limit&actor&action&target`; a target is found by any part of it."""

    @operation(
        "Who did what, newest first",
        answer=AuditPage,
        query=[
            *PAGE,
            Query("actor", "Only what this one did"),
            Query("action", "Only this action"),
            Query("target", "Any part of the target"),
        ],
        access="admin",
    )
    async def get(self) -> None:
        self.only("offset", "limit", "actor", "action", "target")
        offset, limit = self.page()
        total, entries = await asyncio.to_thread(
            self.context.store.audit.page,
            offset=offset,
            limit=limit,
            actor=self.text("actor"),
            action=self.text("action"),
            target=self.text("target"),
        )
        self.answer({"total": total, "items": [_entry(entry) for entry in entries]})


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "details": dict(entry.details),
    }


ROUTES: list[tuple[str, type[RequestHandler]]] = [(r"/admin/audit", AuditHandler)]
