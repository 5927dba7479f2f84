"""What this site allows: the rules that need its catalogue or its policy."""

from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.contract.errors import NotFound
from runtiles.images import ImageRef
from runtiles.policy import SitePolicy
from runtiles.values.contexts import is_context
from runtiles.values.environment import names_a_credential
from runtiles.values.git import host_allowed, parse_git_url
from runtiles.values.quantities import NEVER, format_duration
from runtiles.values.secret_refs import check_reference, is_reference

from .idle_terms import own_rule
from .limits import time_cap
from .request import LaunchRequest

#: Plain http is for a site that opted into it.
_WITH_PASSWORD = ("https", "http")

#: A dotted field and what is wrong with it.
Problem = tuple[str, str]


def apply_site_rules(
    request: LaunchRequest,
    catalogue: Catalogue,
    policy: SitePolicy,
    teams: Collection[str] | None,
) -> tuple[LaunchRequest, dict[str, str]]:
    """The request with tile and machine settled, and a message per field that is not allowed."""
    problems: dict[str, str] = {}
    tile = _found("tile", lambda: _tile(request, catalogue), problems)
    machine = _found("machine", lambda: _machine(request, tile, catalogue, policy), problems)
    if tile and machine:
        request = request.model_copy(update={"tile": tile.slug, "machine": machine.slug})
    found = [*_problems(request, tile, policy)]
    if tile and machine:
        found += _times(request, tile, machine, policy, teams)
    for field, text in found:
        problems.setdefault(field, text)
    return request, problems


def default_options(catalogue: Catalogue, policy: SitePolicy) -> dict[str, Any]:
    """The options of somebody who asked for nothing: the default tile, as far as there is one."""
    for preferred in (policy.default_tile, None):
        try:
            return {"tile": catalogue.default_tile(preferred).slug}
        except NotFound:
            continue
    return {}


def switched_off(request: LaunchRequest, catalogue: Catalogue) -> bool:
    """Does it name a tile or a machine that is there and cannot be launched now?"""
    found: dict[str, str] = {}
    if request.tile in catalogue.tiles:
        _found("tile", lambda: catalogue.resolve(request.tile), found)
    if request.machine in catalogue.machines:
        _found("machine", lambda: catalogue.resolve_machine(request.machine), found)
    return bool(found)


def _found(field: str, find: Callable[[], Any], problems: dict[str, str]) -> Any:
    try:
        return find()
    except NotFound as error:
        problems[field] = str(error)
        return None


def _tile(request: LaunchRequest, catalogue: Catalogue) -> Tile:
    if not request.tile:
        raise NotFound("Say which tile to launch.")
    return catalogue.resolve(request.tile)


def _machine(
    request: LaunchRequest, tile: Tile | None, catalogue: Catalogue, policy: SitePolicy
) -> Machine:
    if request.machine:
        return catalogue.resolve_machine(request.machine)
    gpu = tile is not None and tile.gpu
    preferred = policy.default_machine if policy.default_machine in catalogue.machines else None
    return catalogue.default_machine(gpu=gpu, preferred=preferred)


def _problems(request: LaunchRequest, tile: Tile | None, policy: SitePolicy) -> Iterator[Problem]:
    yield from _image(request, tile, policy)
    yield from _workspace(request, tile, policy)
    yield from _mounts(request, policy)
    yield from _environment(request.environment)
    if request.registry.password and not request.registry.username:
        yield "registry.username", "is needed with a password"
    if request.command and not policy.allow_custom_commands:
        yield "command", "this site runs the commands of its tiles only"


def _image(request: LaunchRequest, tile: Tile | None, policy: SitePolicy) -> Iterator[Problem]:
    if not request.image:
        return
    image = ImageRef.parse(request.image)
    if tile and image == tile.image_ref:
        return
    if not policy.allow_custom_images:
        yield "image", "this site runs the images of its tiles only"
    elif policy.allowed_images and not image.matches(policy.allowed_images):
        yield "image", f"{image.familiar!r} is not among the images that this site allows"


def _workspace(request: LaunchRequest, tile: Tile | None, policy: SitePolicy) -> Iterator[Problem]:
    workspace = request.workspace
    if not workspace.url:
        asked = workspace.ref or workspace.username or workspace.password
        if asked and tile and not tile.workspace:
            yield "workspace.url", f"is needed: the tile {tile.slug!r} has no workspace of its own"
        return
    if is_context(workspace.url):
        yield from _context(request, policy)
        return
    address = parse_git_url(workspace.url)
    if address.scheme not in policy.workspace_schemes:
        allowed = ", ".join(policy.workspace_schemes)
        yield "workspace.url", f"this site clones over {allowed}, not over {address.scheme}"
    elif address.scheme != "file" and not host_allowed(address.host, policy.workspace_hosts):
        yield "workspace.url", f"this site does not clone from {address.host}"
    elif workspace.password and address.scheme not in _WITH_PASSWORD:
        yield "workspace.password", f"is of no use over {address.scheme}"


def _context(request: LaunchRequest, policy: SitePolicy) -> Iterator[Problem]:
    """Whose it is only the service knows, which gives it to its owner's runtimes alone."""
    if not policy.allow_contexts:
        yield "workspace.url", "this site takes no uploaded folders"
    for field in ("ref", "username", "password"):
        if getattr(request.workspace, field):
            yield f"workspace.{field}", "is of no use with an uploaded folder"


def _mounts(request: LaunchRequest, policy: SitePolicy) -> Iterator[Problem]:
    if not request.mounts:
        return
    if not policy.allow_user_mounts:
        yield "mounts", "this site does not let users mount volumes"
        return
    targets: set[str] = set()
    for index, mount in enumerate(request.mounts):
        allowed = any(fnmatchcase(mount.source, pattern) for pattern in policy.mount_sources)
        # The users' own storage: a pattern such as `*` must not open one user's to another.
        if not allowed or mount.source.startswith("runtiles-"):
            yield (
                f"mounts.{index}.source",
                "is not among the volumes that this site lets users mount",
            )
        if mount.target in targets:
            yield f"mounts.{index}.target", "is the target of another mount already"
        targets.add(mount.target)


def _environment(environment: Mapping[str, str]) -> Iterator[Problem]:
    for name, value in environment.items():
        if names_a_credential(name, value) and not is_reference(value):
            try:
                check_reference(value)
            except ValueError as error:
                yield f"environment.{name}", f"looks like a credential: {error}"


def _times(
    request: LaunchRequest,
    tile: Tile,
    machine: Machine,
    policy: SitePolicy,
    teams: Collection[str] | None,
) -> Iterator[Problem]:
    cap = time_cap(tile, machine, policy, teams)
    if cap and request.time_limit and request.time_limit > cap.seconds:
        yield "time_limit", f"is at most {format_duration(cap.seconds)}, set by {cap.who}"
    timeout, longest = request.idle.timeout, policy.limit("max_idle_timeout", teams)
    if longest and timeout and timeout > longest.seconds:
        yield "idle.timeout", f"is at most {format_duration(longest.seconds)}, set by {longest.who}"
    shortest = policy.min_idle_timeout
    if shortest and timeout and timeout < shortest:
        yield "idle.timeout", f"is at least {format_duration(shortest)}, set by this site"
    if (request.idle.type or request.idle.action) and not timeout:
        own = own_rule(tile, machine.pool, policy).get("timeout")
        if own is None:
            yield "idle.timeout", f"is needed: the tile {tile.slug!r} has no idle policy of its own"
        elif own == NEVER:
            yield "idle.timeout", f"is needed: nothing is done about idle runtimes of {tile.slug!r}"
