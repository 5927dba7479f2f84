"""What all handlers below /admin share: admins only, everything that changes is written down."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from runtiles.contract.errors import InvalidRequest
from runtiles.service.access import Caller
from runtiles.service.base import ApiHandler
from runtiles.values.text import did_you_mean

MAX_LIMIT = 500
_MAX_OFFSET = 10**9
#: What a browser's or a token's proof of identity adds to a query.
_ALWAYS_KNOWN = frozenset({"_xsrf", "token"})


class AdminHandler(ApiHandler):
    """A method runs for a site admin only; everybody else gets 403 whatever they ask."""

    async def identify(self) -> Caller | None:
        caller = await super().identify()
        if caller is not None:
            caller.require_admin()
        return caller

    async def audit(
        self, action: str, target: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Writes down what the caller did; `details` is JSON-able and holds no secret."""
        record = self.context.store.audit.record
        await asyncio.to_thread(record, self.caller.name, action, target, details)

    def only(self, *known: str) -> None:
        """Raises InvalidRequest for parameters of the query that this address does not have."""
        unknown = self.request.query_arguments.keys() - {*known, *_ALWAYS_KNOWN}
        if unknown:
            raise InvalidRequest(
                {name: f"unknown parameter.{did_you_mean(name, known)}" for name in sorted(unknown)}
            )

    def page(self, limit: int = 50) -> tuple[int, int]:
        """`?offset=&limit=`. Raises InvalidRequest."""
        return self.number("offset", 0, _MAX_OFFSET), self.number("limit", limit, MAX_LIMIT)

    def number(self, name: str, default: int, largest: int) -> int:
        text = self.get_query_argument(name, "") or str(default)
        if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= largest):
            raise InvalidRequest({name: f"must be a whole number from 0 to {largest}"})
        return int(text)

    def text(self, name: str) -> str | None:
        """A parameter of the query, None where it is missing or blank."""
        return self.get_query_argument(name, "").strip() or None

    def choice(self, name: str, known: Collection[str]) -> str | None:
        """One of these, None where nothing was said. Raises InvalidRequest."""
        text = self.text(name)
        if text is not None and text not in known:
            listed = ", ".join(known)
            raise InvalidRequest({name: f"must be one of {listed}.{did_you_mean(text, known)}"})
        return text

    def sort_key(self, known: Collection[str], default: str) -> tuple[str, bool]:
        """`?sort=KEY` or `?sort=-KEY`: the key, and whether the largest comes first."""
        text = self.text("sort") or default
        key = text.removeprefix("-")
        if key not in known:
            listed = ", ".join(known)
            raise InvalidRequest({"sort": f"must be one of {listed}, or one of them after '-'"})
        return key, text.startswith("-")
