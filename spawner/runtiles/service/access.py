"""Who is asking, and what that token may do. Pure: values in, answers out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyterhub.services.auth import check_scopes

from runtiles.contract.errors import NotAllowed


@dataclass(frozen=True)
class Caller:
    """A token's owner. `kind` is "user" or "service"; `browser`: the token came in a cookie."""

    name: str
    kind: str
    scopes: frozenset[str]
    token: str = field(repr=False)
    browser: bool = False

    @classmethod
    def from_model(cls, model: Mapping[str, Any], token: str, *, browser: bool) -> "Caller":
        scopes = frozenset(model.get("scopes", ()))
        return cls(model["name"], model.get("kind", "user"), scopes, token, browser)

    def may(self, scope: str, user: str) -> bool:
        """Does the token have `scope` on this user's things?

        Group filters are not resolved here: who manages a group asks the Hub for everything that the
        Hub decides, and is refused the rest.
        """
        return bool(check_scopes({f"{scope}!user={user}"}, set(self.scopes)))

    def owner(self, asked: str | None) -> str:
        """Whose things a request is about: those of `?user=NAME`, else the caller's own."""
        if asked:
            return asked
        if self.kind != "user":
            raise NotAllowed("A service has no runtimes.", hint="Say whose: ?user=NAME")
        return self.name

    def require(self, scope: str, user: str) -> None:
        """Raises NotAllowed without the scope."""
        if not self.may(scope, user):
            whose = "your" if user == self.name else "this user's"
            raise NotAllowed(
                f"This needs the permission {scope!r} on {whose} things.",
                details={"scope": f"{scope}!user={user}"},
            )
