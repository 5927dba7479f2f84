"""A credential that somebody typed into a request becomes a secret before anything else happens.

Its name begins with the runtime's, so that it can go when the runtime goes.
"""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from runtiles import names
from runtiles.contract.errors import NotFound
from runtiles.options import replace_passwords

from .launches import Launches
from .secrets import Secrets

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.-]")
_TYPED = re.compile(r"launch-((?:[a-z0-9]|-(?!-))+)--")
_MAX_NAME = 128


@dataclass(frozen=True)
class Typed:
    """Options without credentials, and the credentials by the names of the secrets to be."""

    options: dict[str, Any]
    values: Mapping[str, str] = field(repr=False)

    def keep(self, secrets: Secrets, user: str) -> None:
        for name, value in self.values.items():
            secrets.put(user, name, value)


def detach(options: Mapping[str, Any], runtime: str) -> Typed:
    """Each typed credential is replaced by `secret:NAME`; nothing is stored yet."""
    values: dict[str, str] = {}

    def replace(path: str, value: str) -> str:
        name = secret_name(runtime, path)
        values[name] = value
        return f"secret:{name}"

    return Typed(dict(replace_passwords(dict(options), replace)), values)


def secret_name(runtime: str, path: str) -> str:
    """`launch-NAME-workspace` for `workspace.password`, and likewise for any other field."""
    what = path.removesuffix(".password").replace(".", "-")
    return _NOT_ALLOWED.sub("_", f"{prefix(runtime)}{what}")[:_MAX_NAME]


def prefix(runtime: str) -> str:
    """How the names of a runtime's own secrets begin. A runtime's name has no two dashes in a row."""
    return f"launch-{runtime}--"


def forget_typed(secrets: Secrets, user: str, runtime: str) -> None:
    """Remove what was typed for this runtime; secrets that the user named stay."""
    for info in secrets.list(user):
        if info.name.startswith(prefix(runtime)):
            _delete(secrets, user, info.name)


def forget_abandoned(secrets: Secrets, launches: Launches, *, older_than: float) -> None:
    """Remove what was typed for runtimes that never came to be: the Hub refused them, or a process was
    killed before it was asked. `older_than`: seconds, more than a request takes to become a launch."""
    limit = time.time() - older_than
    for info in secrets.all():
        typed = _TYPED.match(info.name)
        if info.kind != "user" or typed is None or info.updated > limit:
            continue
        if launches.latest(info.owner, names.server_name(typed[1])) is None:
            _delete(secrets, info.owner, info.name)


def _delete(secrets: Secrets, user: str, name: str) -> None:
    # Hub and service both see to it.
    with suppress(NotFound):
        secrets.delete(user, name)
