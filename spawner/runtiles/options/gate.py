"""`validate`: the one way from options to a LaunchRequest."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import InvalidRequest
from runtiles.policy import SitePolicy
from runtiles.values.contexts import is_context
from runtiles.values.explain import Path, explain

from .idle_terms import bounded
from .limits import time_limit
from .request import LaunchRequest
from .shape import MAX_FIELDS, refused, without_blanks
from .site_rules import apply_site_rules, default_options, switched_off

#: How the Hub's own pages call a tile.
_ALIAS = "profile"
#: These belong to one launch and are not repeated by the next one.
_ONCE = ("name", "resume")
#: A request that says only this leaves the choice to the last launch.
_SAYS_NOTHING = frozenset({"name", "description"})


def validate(
    options: Any,
    *,
    catalogue: Catalogue,
    policy: SitePolicy,
    teams: Collection[str] | None = (),
    previous: Mapping[str, Any] | None = None,
    again: bool = False,
) -> LaunchRequest:
    """The request, with its tile resolved and its machine chosen.

    Without a tile and anything else to go by (`{}`, what the Hub's start button posts) it is the
    `previous` options if these still pass, else the default tile; `again`: they are this very runtime's,
    so that another tile does not take the place of one that was switched off. Any other request must
    name its tile. `teams` are the user's groups, whose limits hold; None where nobody here may know them:
    then what anybody may have passes. Raises InvalidRequest with a message per bad field, and nothing else,
    whatever comes in.
    """
    shape = refused(options)
    if "options" in shape:
        raise InvalidRequest(shape)
    given = without_blanks({k: v for k, v in options.items() if k[:100] not in shape})
    if not shape and set(given) <= _SAYS_NOTHING:
        given = {**_fallback(previous, catalogue, policy, teams, again=again), **given}
    request, problems = _checked(given, catalogue, policy, teams)
    problems = {**shape, **problems}
    if problems:
        raise InvalidRequest(dict(list(problems.items())[:MAX_FIELDS]))
    return request


def to_user_options(request: LaunchRequest) -> dict[str, Any]:
    """What is stored and shown: JSON without any secret. `validate` gives the same request again.

    Without the name, which the Hub keeps itself; with `profile`, which its admin page shows.
    """
    options = request.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    return {_ALIAS: request.tile, **options}


def for_another(last: Mapping[str, Any]) -> dict[str, Any]:
    """What a new runtime takes over from the last launch of another one: all but what belongs to one
    launch, and the folder that was uploaded for that runtime."""
    workspace = last.get("workspace")
    uploaded = isinstance(workspace, Mapping) and is_context(str(workspace.get("url") or ""))
    left_out = {*_ONCE, "workspace"} if uploaded else _ONCE
    return {key: value for key, value in last.items() if key not in left_out}


def within_limits(
    last: Mapping[str, Any],
    *,
    catalogue: Catalogue,
    policy: SitePolicy,
    teams: Collection[str] | None,
) -> dict[str, Any]:
    """The options of an earlier launch, with times that were allowed then and are too long now (its user
    left a group, the site changed) shortened to what is allowed. What else is wrong with them stays."""
    if refused(last):
        return dict(last)
    kept = without_blanks(dict(last))
    request, problems = _checked(kept, catalogue, policy, teams)
    if problems.keys() & {_ALIAS, "tile", "machine"}:
        return kept
    if "time_limit" in problems and request.time_limit:
        tile, machine = catalogue.tile(request.tile), catalogue.machine(request.machine)
        kept["time_limit"] = time_limit(request.time_limit, tile, machine, policy, teams)
    if "idle.timeout" in problems and request.idle.timeout:
        timeout = bounded(request.idle.timeout, policy, teams)
        kept["idle"] = {**kept["idle"], "timeout": timeout}
    return kept


def _fallback(
    previous: Mapping[str, Any] | None,
    catalogue: Catalogue,
    policy: SitePolicy,
    teams: Collection[str] | None,
    *,
    again: bool,
) -> dict[str, Any]:
    known = previous or {}
    last = {k: v for k, v in known.items() if k not in _ONCE} if again else for_another(known)
    if last and not refused(last):
        last = within_limits(last, catalogue=catalogue, policy=policy, teams=teams)
        request, problems = _checked(last, catalogue, policy, teams)
        if not problems or (again and switched_off(request, catalogue)):
            return last
    return default_options(catalogue, policy)


def _checked(
    given: dict[str, Any],
    catalogue: Catalogue,
    policy: SitePolicy,
    teams: Collection[str] | None,
) -> tuple[LaunchRequest, dict[str, str]]:
    """The request and what is wrong with it. Fields with problems are left out, so that one bad
    field does not hide what is wrong with the others."""
    given, problems = _tile_by_any_name(given)
    try:
        request = LaunchRequest.model_validate(given)
    except ValidationError as error:
        found = explain(error, LaunchRequest)
        problems |= {".".join(str(key)[:100] for key in path): text for path, text in found.items()}
        request = _rest(given, found)
    request, more = apply_site_rules(request, catalogue, policy, teams)
    # The first message of a field is the one about what was typed.
    return request, {**more, **problems}


def _rest(given: dict[str, Any], bad: Collection[Path]) -> LaunchRequest:
    """What is right in `given`. Each top-level field is valid or not by itself."""
    try:
        return LaunchRequest.model_validate(_without(given, bad))
    except ValidationError:
        tops = [path[:1] for path in bad]
        return LaunchRequest.model_validate(_without(given, tops))


def _without(given: dict[str, Any], bad: Iterable[Path]) -> dict[str, Any]:
    """`given` less the values at these paths; of a list with a bad entry nothing is left."""
    kept = {k: dict(v) if isinstance(v, Mapping) else v for k, v in given.items()}
    for top, *below in bad:
        section = kept.get(str(top))
        if below and isinstance(section, dict):
            section.pop(below[0], None)
        else:
            kept.pop(str(top), None)
    return kept


def _tile_by_any_name(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    if _ALIAS not in given:
        return given, {}
    rest = {k: v for k, v in given.items() if k != _ALIAS}
    if rest.get("tile", given[_ALIAS]) != given[_ALIAS]:
        return rest, {_ALIAS: "names another tile than 'tile' does; leave one of them out"}
    return {**rest, "tile": given[_ALIAS]}, {}
