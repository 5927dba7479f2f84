"""The pages, their static files and the badge."""

from tornado.web import RequestHandler

from runtiles.contract.errors import NotFound
from runtiles.service.base import ServiceHandler

from .assets import assets
from .base import PageHandler

_YEAR = "public, max-age=31536000, immutable"
_DAY = "public, max-age=86400"


class RuntimesPage(PageHandler):
    """The page after the login."""

    async def get(self) -> None:
        if await self.logged_in():
            self.page("runtimes.html", active="runtimes")


class SnapshotsPage(PageHandler):
    """What the person's paused runtimes left, and what was imported."""

    async def get(self) -> None:
        if await self.logged_in():
            limit = self.context.settings.policy.max_snapshots_size or 0
            self.page("snapshots.html", active="snapshots", limit=int(limit))


class AdminPage(PageHandler):
    """For site admins; everybody else is told what is missing. What it shows comes from /api/admin."""

    async def get(self) -> None:
        if not await self.logged_in():
            return
        if self.visitor is not None and self.visitor.is_admin:
            self.page("admin.html", active="admin")
        else:
            self.set_status(403)
            self.page("admin_refused.html", active="admin")


class LaunchPage(PageHandler):
    """For anybody: leads a launch link (`#tile=…`) to the gallery. What is behind the # never gets here."""

    async def get(self) -> None:
        self.visitor = await self.identify()
        self.page("launch.html", active="new")


class UnknownPage(PageHandler):
    """Any other address, for people."""

    def prepare(self) -> None:
        raise NotFound("There is no such page.")


class StaticHandler(ServiceHandler):
    """For anybody. A file of another version than the present one is the present one, not to be kept."""

    def get(self, version: str, name: str) -> None:
        asset = assets().files.get(name)
        if asset is None:
            raise NotFound("There is no such file.")
        self.set_header("Content-Type", asset.content_type)
        self.set_header("Cache-Control", _YEAR if version == assets().version else "no-cache")
        self.finish(asset.content)

    def compute_etag(self) -> str:
        return f'"{assets().version}"'


class BadgeHandler(ServiceHandler):
    """For anybody, on any page: the picture of a launch link."""

    def get(self) -> None:
        badge = assets().files["badge.svg"]
        self.set_header("Content-Type", badge.content_type)
        self.set_header("Cache-Control", _DAY)
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        self.finish(badge.content)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"", RuntimesPage),
    (r"snapshots", SnapshotsPage),
    (r"admin", AdminPage),
    (r"launch", LaunchPage),
    (r"badge.svg", BadgeHandler),
    (r"static/([0-9a-f]+)/([a-z0-9_-]+\.[a-z]+)", StaticHandler),
]
"""Below the service's address."""
