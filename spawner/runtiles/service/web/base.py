"""What all pages share: HTML from a template, errors for people, a policy for what a page may load."""

from typing import Any

from runtiles.service.access import Caller
from runtiles.service.base import ServiceHandler
from runtiles.service.errors import body_of, status_of

from .render import Frame, render

#: Nothing inline, nothing from another host, in nobody's frame.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    " object-src 'none'"
)


class PageHandler(ServiceHandler):
    """Errors are for people here."""

    visitor: Caller | None = None

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", POLICY)

    async def logged_in(self) -> bool:
        """False: the browser is on its way to the Hub's login, and comes back to this address."""
        self.visitor = await self.identify()
        if self.visitor is not None:
            return True
        self.redirect(self.get_login_url())
        return False

    def page(self, template: str, **values: Any) -> None:
        """Answers with a template below templates/; see base.html for what it is given."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(render(template, self._frame(), **values))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        status = status_of(error) if error else status_code
        told = body_of(error, status)["error"]
        self.set_status(status)
        hint = (told.get("details") or {}).get("hint", "")
        self.page("error.html", message=told["message"], hint=hint)

    def hub_page(self, name: str) -> str:
        return f"{self.hub_auth.hub_host}{self.context.settings.hub_prefix}{name}"

    def _frame(self) -> Frame:
        home, hub, visitor = self.context.settings.prefix, self.hub_page(""), self.visitor
        if visitor is None:
            return Frame(home, hub)
        return Frame(home, hub, visitor.name, visitor.is_admin, self.xsrf_token.decode())
