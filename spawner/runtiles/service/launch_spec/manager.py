"""The LaunchSpec with its secrets, for the one server that it was made for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtiles import names
from runtiles.contract.errors import NotAllowed, NotFound
from runtiles.store import LaunchRecord, Store

_ENDED = ("stopped", "failed", "paused")


@dataclass(frozen=True)
class ServerToken:
    """What the Hub says of the token that a launcher presents. `session`: it came from a browser."""

    user: str
    scopes: frozenset[str]
    session: bool


@dataclass(frozen=True)
class SpecManager:
    store: Store

    def spec(self, name: str, launch_id: str, token: str, known: ServerToken) -> dict[str, Any]:
        """The spec of a launch that has not ended, secrets resolved.

        Raises NotFound for anything that is not the token owner's own, NotAllowed for a token that is
        not this server's, and NotFound for a secret that does not exist (any more).
        """
        launch = self.store.launches.get(launch_id)
        if (launch.user, launch.server) != (known.user, names.server_name(name)):
            raise NotFound("There is no such launch.")
        if not is_servers_own(launch, token, known):
            raise NotAllowed("A launch specification is given to the runtime's own token only.")
        if launch.state in _ENDED:
            raise NotAllowed("This launch has ended.")
        return self._resolved(launch)

    def _resolved(self, launch: LaunchRecord) -> dict[str, Any]:
        def resolve(value: Any) -> Any:
            return self.store.secrets.resolve(launch.user, value) if value else value

        spec = dict(launch.spec)
        workspace: Mapping[str, Any] = spec.get("workspace") or {}
        spec["workspace"] = {**workspace, "password": resolve(workspace.get("password", ""))}
        environment: Mapping[str, str] = spec.get("environment") or {}
        spec["environment"] = {key: resolve(value) for key, value in environment.items()}
        return spec


def is_servers_own(launch: LaunchRecord, token: str, known: ServerToken) -> bool:
    """Is it the token that the Hub made for this very server?

    Where the spawner recorded the token's hash, that decides. Otherwise the token must open this server
    and no other: a user's own tokens and those of browsers open more, or belong to a session.
    """
    if launch.token_hash:
        return launch.owns(token)
    own = f"access:servers!server={launch.user}/{launch.server}"
    return not known.session and opened_servers(known.scopes) == {own}


def opened_servers(scopes: Iterable[str]) -> set[str]:
    return {scope for scope in scopes if scope.partition("!")[0] == "access:servers"}
