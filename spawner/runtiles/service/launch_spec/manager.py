"""The LaunchSpec with its secrets, for the one server that it was made for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from runtiles import names
from runtiles.contract.errors import NotAllowed, NotFound
from runtiles.service.contexts.manager import ContextManager
from runtiles.store import LaunchRecord, Store
from runtiles.values.contexts import context_id, is_context
from runtiles.values.secret_refs import PREFIX

_ENDED = ("stopped", "failed", "paused")
#: Objects of names and values, any of which may be a reference.
_SECTIONS = ("environment", "secret_files")


@dataclass(frozen=True)
class ServerToken:
    """What the Hub says of the token that a launcher presents: its owner, and their groups now."""

    user: str
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Archive:
    """A file of `size` bytes to send, and what its content must add up to."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class SpecManager:
    store: Store
    contexts: ContextManager

    def spec(self, name: str, launch_id: str, token: str, known: ServerToken) -> dict[str, Any]:
        """The spec of a launch that has not ended, secrets resolved, with the keys around its state.

        Raises what `launch` does, and NotFound for a secret that does not exist (any more).
        """
        launch = self.launch(name, launch_id, token, known)
        resolve = partial(self.store.secrets.resolve, launch.user, teams=known.teams)
        keys = self.store.state_keys
        return {
            **resolved(launch.spec, resolve),
            "snapshot_key": keys.snapshot_key(launch.user),
            "control_key": keys.control_key(launch.user, launch.id),
        }

    def context(self, name: str, launch_id: str, token: str, known: ServerToken) -> Archive:
        """The uploaded folder that a launch's workspace names, of the launch's own user.

        Raises what `launch` does, and NotFound for a workspace that is none, or is gone.
        """
        launch = self.launch(name, launch_id, token, known)
        url = str((launch.spec.get("workspace") or {}).get("url") or "")
        if not is_context(url):
            raise NotFound("This launch has no uploaded folder.")
        record, path = self.contexts.archive(launch.user, context_id(url))
        return Archive(path, record.size, record.sha256)

    def launch(self, name: str, launch_id: str, token: str, known: ServerToken) -> LaunchRecord:
        """The launch that this token was made for.

        Raises NotFound for anything that is not the token owner's own, NotAllowed for a token that is
        not this server's.
        """
        launch = self.store.launches.get(launch_id)
        if (launch.user, launch.server) != (known.user, names.server_name(name)):
            raise NotFound("There is no such launch.")
        # Scopes do not tell: an address for other programs (access_tokens) has those of a narrow runtime.
        if not launch.owns(token):
            raise NotAllowed("A launch specification is given to the runtime's own token only.")
        if launch.state in _ENDED:
            raise NotAllowed("This launch has ended.")
        return launch


def resolved(spec: Mapping[str, Any], resolve: Callable[[str], str]) -> dict[str, Any]:
    """The spec with the values behind its references. Only where a credential belongs is one looked
    for: what a command or a hook says stays as it is, because its text is shown."""
    workspace: Mapping[str, Any] = spec.get("workspace") or {}
    password = resolve(workspace.get("password") or "")
    values = {
        section: {name: resolve(value) for name, value in (spec.get(section) or {}).items()}
        for section in _SECTIONS
    }
    environment: Mapping[str, str] = spec.get("environment") or {}
    secret = [name for name, value in environment.items() if value.startswith(PREFIX)]
    hidden = {"workspace": {**workspace, "password": password}, "secret_names": secret}
    return {**spec, **hidden, **values}
