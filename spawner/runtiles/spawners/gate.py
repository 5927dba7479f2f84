"""Where the Hub's user_options meet the validation gate.

The Hub stores options before anybody looks at them and shows them to everyone with `read:servers`.
So the gate runs in `apply_user_options`, which the form, the REST body and the URL all pass, and what
it refuses is taken out of the Hub's database again.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from runtiles.contract.errors import InvalidRequest, LimitReached, RuntilesError
from runtiles.names import check_server_name
from runtiles.options import (
    LaunchRequest,
    for_another,
    form_to_options,
    query_to_options,
    validate,
)
from runtiles.store import check_secrets, check_snapshot, detach, forget_typed

from .failures import spawn_exception
from .site import Site


async def admit(
    site: Site,
    user: str,
    server: str,
    options: Mapping[str, Any],
    *,
    active: int = 0,
    teams: Collection[str] = (),
) -> LaunchRequest:
    """The validated request. `active`: how many other runtimes of the user run or start; `teams`: the
    user's groups, whose limits hold and whose secrets they may use.

    Raises InvalidRequest with one entry per bad field, LimitReached, and ServiceUnavailable while the
    site is drained.
    """
    await asyncio.to_thread(site.store.drains.check_open)
    limit = site.policy.max_runtimes
    if limit is not None and active >= limit:
        raise LimitReached(
            f"You have {active} runtimes, and this site allows {limit} at a time.",
            hint="Stop one of them first.",
        )
    try:
        check_server_name(server)
    except ValueError as error:
        raise InvalidRequest({"name": str(error)}) from None
    own = await own_options(site, user, server)
    previous = own or await previous_options(site, user, server)
    catalogue = await site.catalogue.fresh(within=0)
    request = validate(
        options,
        catalogue=catalogue,
        policy=site.policy,
        teams=teams,
        previous=previous,
        again=bool(own),
    )
    await asyncio.to_thread(check_snapshot, site.store.snapshots, user, request.resume)
    tile = catalogue.tile(request.tile)
    await asyncio.to_thread(check_secrets, site.store.secrets, user, teams, request, tile)
    return request


async def previous_options(site: Site, user: str, server: str) -> dict[str, Any]:
    """The last options that passed for this runtime, else for any of the user's; {} for none."""
    try:
        latest = await asyncio.to_thread(site.store.launches.last_options, user)
        return await own_options(site, user, server) or for_another(latest or {})
    except RuntilesError:
        return {}


async def own_options(site: Site, user: str, server: str) -> dict[str, Any]:
    """The last options that passed for this very runtime; {} for none."""
    try:
        found = await asyncio.to_thread(site.store.launches.last_options, user, server)
        return found or {}
    except RuntilesError:
        # A broken store must not stop a launch: the default tile needs no history.
        return {}


async def closed(site: Site) -> str:
    """Why the site accepts no launches now, in the admins' words; `""` when it does."""
    try:
        return (await asyncio.to_thread(site.store.drains.current)).refusal
    except RuntilesError:
        # The launch itself will say what is wrong with the store.
        return ""


async def recent_tiles(site: Site, user: str) -> dict[str, float]:
    """Each tile that the user's runtimes were launched from, with the time of its last launch."""
    try:
        launches = await asyncio.to_thread(site.store.launches.runtimes, user)
    except RuntilesError:
        return {}
    recent: dict[str, float] = {}
    for launch in launches:
        recent[launch.tile] = max(launch.created, recent.get(launch.tile, 0.0))
    return recent


async def from_form(
    site: Site, user: str, runtime: str, form: Mapping[str, list[Any]]
) -> dict[str, Any]:
    """The gallery's form as options; a typed password is a secret before anything is stored."""
    try:
        typed = detach(form_to_options(form), runtime)
        await asyncio.to_thread(typed.keep, site.store.secrets, user)
    except RuntilesError as error:
        raise spawn_exception(error) from None
    return typed.options


async def from_query(site: Site, query: Mapping[str, list[Any]]) -> dict[str, Any]:
    """A link may name a tile of the catalogue, and nothing else: following it starts a server with
    one click, without a form and without a check of where the click came from."""
    try:
        return query_to_options(query, await site.catalogue.fresh(within=0))
    except InvalidRequest as error:
        raise spawn_exception(error) from None


async def forget(site: Site, user: str, server: str, runtime: str) -> None:
    """Everything that the store knows of a runtime that was deleted; files and named secrets stay.

    After what is still to be written of it: it would be left over.
    """

    def write() -> None:
        site.store.launches.forget(user, server)
        forget_typed(site.store.secrets, user, runtime)

    await site.recorder.done(write)
