"""GET /admin/usage?from=DATE&to=DATE&by=user|team|tile|machine|runtime&format=csv"""

from datetime import date, datetime, timedelta, timezone
from typing import Literal

from tornado.web import RequestHandler

from runtiles.contract.errors import InvalidRequest
from runtiles.service.admin.base import AdminHandler
from runtiles.service.openapi import Query, operation
from runtiles.service.openapi.models.admin import UsageBy, UsageReport

from .report import BY, as_csv, as_json

_DAYS = 30


class UsageHandler(AdminHandler):
    """Whole days in UTC, both included; without dates the last thirty."""

    @operation(
        "What was used in these days, and what it cost",
        answer=UsageReport,
        content={"text/csv": str},
        query=[
            Query("from", "The first day, in UTC; thirty days before the last if left out", date),
            Query("to", "The last day; today if left out", date),
            Query("by", "How to sum up", UsageBy),
            Query("format", "json unless said otherwise", Literal["json", "csv"]),
        ],
        access="admin",
    )
    async def get(self) -> None:
        self.only("from", "to", "by", "format")
        first, last = self._days()
        by = self.choice("by", BY) or "user"
        wanted = self.choice("format", ("json", "csv")) or "json"
        usage = self.context.admin.usage
        start, end = _midnight(first), _midnight(last + timedelta(days=1))
        rows = await usage.rows(self.caller, start, end, by)
        if wanted == "csv":
            name = f"usage-by-{by}-{first}-{last}.csv"
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            self.set_header("Content-Disposition", f'attachment; filename="{name}"')
            self.finish(as_csv(rows, by, usage.currency))
            return
        period = {"from": str(first), "to": str(last), "by": by, "currency": usage.currency}
        self.answer({**period, "items": as_json(rows)})

    def _days(self) -> tuple[date, date]:
        last = self._day("to") or datetime.now(timezone.utc).date()
        first = self._day("from") or last - timedelta(days=_DAYS - 1)
        if first > last:
            raise InvalidRequest({"from": f"is after {last}"})
        return first, last

    def _day(self, name: str) -> date | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if str(day) != text or not 2000 <= day.year <= 9000:
            raise InvalidRequest({name: "must be a date like 2026-01-31"})
        return day


class UsageMetricsHandler(AdminHandler):
    @operation(
        "All usage since the beginning, for Prometheus",
        content={"text/plain": str},
        access="admin",
    )
    async def get(self) -> None:
        self.only()
        text = await self.context.admin.usage.metrics()
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(text)


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/admin/usage", UsageHandler),
    (r"/admin/usage/metrics", UsageMetricsHandler),
]
