"""Who is asking, and what that token may do. Pure: values in, answers out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyterhub.services.auth import check_scopes

from runtiles.contract.errors import NotAllowed

#: On everybody's things, without a filter: what makes a site admin here.
ADMIN_SCOPE = "servers"


@dataclass(frozen=True)
class Caller:
    """A token's owner. `kind` is "user" or "service"; `browser`: the token came in a cookie.

    `groups` are the owner's groups in the Hub, which are their teams here: the Hub tells them with
    every token, whatever its scopes.
    """

    name: str
    kind: str
    scopes: frozenset[str]
    token: str = field(repr=False)
    browser: bool = False
    groups: frozenset[str] = frozenset()

    @classmethod
    def from_model(cls, model: Mapping[str, Any], token: str, *, browser: bool) -> "Caller":
        scopes = frozenset(model.get("scopes", ()))
        groups = frozenset(model.get("groups") or ())
        return cls(model["name"], model.get("kind", "user"), scopes, token, browser, groups)

    def may(self, scope: str, user: str) -> bool:
        """Does the token have `scope` on this user's things?

        Group filters are not resolved here: who manages a group asks the Hub for everything that the
        Hub decides, and is refused the rest.
        """
        # The Hub's answer names every scope that another one includes. Most questions end here: an admin's
        # list asks one per user.
        if scope in self.scopes:
            return True
        return bool(check_scopes({f"{scope}!user={user}"}, set(self.scopes)))

    def is_user(self, name: str) -> bool:
        """Is this the user of that name, and not a service that happens to be called so?"""
        return self.kind == "user" and self.name == name

    def may_read_output(self, user: str) -> bool:
        """What a user's programs print is not for everybody who may see that they run."""
        return self.is_user(user) or self.may("delete:servers", user)

    def require_output(self, user: str) -> None:
        """Raises NotAllowed for who may not read it."""
        if not self.is_user(user):
            self.require("delete:servers", user)

    def manages(self, team: str) -> bool:
        """May the token change this group of the Hub, and with it the team's secrets?"""
        return bool(check_scopes({f"groups!group={team}"}, set(self.scopes)))

    @property
    def is_admin(self) -> bool:
        """Does the token manage everybody's servers? One that is filtered to some does not count."""
        return ADMIN_SCOPE in self.scopes

    def require_admin(self) -> None:
        """Raises NotAllowed for a token that does not manage everybody's servers."""
        if not self.is_admin:
            raise NotAllowed(
                "This is for the admins of this site.",
                hint=f"The token needs the scope {ADMIN_SCOPE!r} without a filter.",
                details={"scope": ADMIN_SCOPE},
            )

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
