"""The secrets that a launch would need: a missing one is told before anything starts."""

from collections.abc import Collection, Iterator

from runtiles.catalogue import Tile
from runtiles.contract.errors import InvalidRequest
from runtiles.options import LaunchRequest
from runtiles.values.secret_refs import PREFIX, is_reference

from .secrets import Secrets


def check_secrets(
    secrets: Secrets,
    user: str,
    teams: Collection[str],
    request: LaunchRequest,
    tile: Tile,
    *,
    typed: Collection[str] = (),
) -> None:
    """Raises InvalidRequest with an entry per reference that nobody's secret answers to.

    `typed`: the names of secrets that will be stored before the launch begins.
    """
    needed = dict(references(request, tile))
    if not needed:
        return
    known = secrets.available(user, teams) | set(typed)
    wanting = {path: _told(name) for path, name in needed.items() if name not in known}
    if wanting:
        raise InvalidRequest(wanting)


def references(request: LaunchRequest, tile: Tile) -> Iterator[tuple[str, str]]:
    """Dotted field and secret's name of every `secret:NAME` where one may stand."""
    variables = {**tile.environment, **request.environment}
    fields = {
        "registry.password": request.registry.password,
        "workspace.password": request.workspace.password,
        **{f"environment.{name}": value for name, value in variables.items()},
    }
    for path, value in fields.items():
        if is_reference(value):
            yield path, value[len(PREFIX) :]


def _told(name: str) -> str:
    return f"there is no secret {name!r}, neither yours nor of a team of yours"
