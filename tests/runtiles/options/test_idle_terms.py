"""Who says what is done about idleness, and the bounds of the site and of groups."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.catalogue.models import IdleRule, Tile
from runtiles.options.idle_terms import bounded, idle_terms
from runtiles.policy import GroupPolicy, SitePolicy

TILE = {"timeout": "40m", "type": "work", "action": "stop"}
POOL = {"timeout": "20m"}
SITE = {"timeout": "10m", "action": "freeze"}
NEVER = {"timeout": "never"}


def tile(idle: Any) -> Tile:
    return Tile.model_validate({"slug": "a", "title": "A", "image": "a/b:1", "idle": idle})


@pytest.mark.parametrize(
    ("asked", "of_tile", "pool", "site", "expected"),
    [
        ({}, None, None, None, None),
        ({"action": "stop"}, None, None, None, None),
        ({}, None, None, SITE, (600, "kernels_or_terminals", "freeze")),
        ({}, None, POOL, SITE, (1200, "kernels_or_terminals", "freeze")),
        ({}, {"type": "work"}, POOL, SITE, (1200, "work", "freeze")),
        ({}, {"action": "stop"}, None, None, None),
        ({"timeout": 60}, {"action": "stop"}, None, {"type": "work"}, (60, "work", "stop")),
        ({}, TILE, POOL, SITE, (2400, "work", "stop")),
        ({"timeout": 60}, TILE, POOL, SITE, (60, "work", "stop")),
        ({"action": "pause"}, TILE, None, None, (2400, "work", "pause")),
        ({"timeout": 60}, None, None, None, (60, "kernels_or_terminals", "pause")),
        (
            {"timeout": None, "type": None},
            None,
            None,
            SITE,
            (600, "kernels_or_terminals", "freeze"),
        ),
        ({}, NEVER, POOL, SITE, None),
        ({}, None, NEVER, SITE, None),
        ({}, None, None, NEVER, None),
        ({"action": "stop"}, NEVER, POOL, SITE, None),
        ({"timeout": 60}, NEVER, POOL, SITE, (60, "kernels_or_terminals", "freeze")),
        ({}, TILE, NEVER, SITE, (2400, "work", "stop")),
    ],
)
def test_the_first_that_says_anything(
    asked: dict[str, Any],
    of_tile: dict[str, Any] | None,
    pool: dict[str, Any] | None,
    site: dict[str, Any] | None,
    expected: tuple[int, str, str] | None,
) -> None:
    policy = SitePolicy.model_validate(
        {"default_idle": site, "pool_idle": {"big": pool} if pool else {}}
    )
    found = idle_terms(asked, tile(of_tile), "big", policy, ())
    assert (found and (found.timeout, found.type, found.action)) == expected


DURATIONS = st.integers(1, 100_000)
MAYBE = st.none() | DURATIONS


@given(DURATIONS, MAYBE, MAYBE)
def test_between_floor_and_cap(timeout: int, floor: int | None, cap: int | None) -> None:
    found = bounded(timeout, SitePolicy(min_idle_timeout=floor, max_idle_timeout=cap), ())
    assert cap is None or found <= cap
    assert floor is None or found >= floor or cap == found
    if (floor or 0) <= timeout <= (cap or timeout):
        assert found == timeout


def test_the_bounds_hold_for_a_tile_too() -> None:
    policy = SitePolicy(max_idle_timeout=300, default_idle=IdleRule(timeout=900))
    found = idle_terms({}, None, "", policy, ())
    assert found is not None
    assert found.timeout == 300


# -- all of it at once: what is asked for, four who may say something, floor and cap, groups -----------

TYPES = st.sampled_from(["kernels_or_terminals", "kernel_connections", "activity", "work"])
ACTIONS = st.sampled_from(["pause", "stop", "freeze"])
RULES = st.none() | st.builds(
    IdleRule,
    timeout=DURATIONS | st.just("never"),
    type=st.none() | TYPES,
    action=st.none() | ACTIONS,
)
ASKED = st.fixed_dictionaries(
    {}, optional={"timeout": MAYBE, "type": st.none() | TYPES, "action": st.none() | ACTIONS}
)
GROUPS = st.dictionaries(st.sampled_from("abc"), MAYBE)
TEAMS = st.none() | st.frozensets(st.sampled_from("abcd"))


@given(ASKED, RULES, RULES, RULES, st.tuples(MAYBE, MAYBE), GROUPS, TEAMS)
def test_each_word_is_of_the_first_who_has_one(
    asked: dict[str, Any],
    of_tile: IdleRule | None,
    pool: IdleRule | None,
    site: IdleRule | None,
    bounds: tuple[int | None, int | None],
    groups: dict[str, int | None],
    teams: frozenset[str] | None,
) -> None:
    floor, cap = bounds
    policy = SitePolicy(
        default_idle=site,
        pool_idle={"big": pool} if pool else {},
        min_idle_timeout=floor,
        max_idle_timeout=cap,
        groups={name: GroupPolicy(max_idle_timeout=most) for name, most in groups.items()},
    )
    one = tile(of_tile and of_tile.model_dump())
    found = idle_terms(asked, one, "big", policy, teams)

    def first(key: str, otherwise: Any = None) -> Any:
        said = [asked.get(key), *(getattr(rule, key, None) for rule in (of_tile, pool, site))]
        return next((each for each in said if each is not None), otherwise)

    timeout = first("timeout")
    if timeout is None or timeout == "never":
        assert found is None
        return
    assert found is not None
    assert found.type == first("type", "kernels_or_terminals")
    assert found.action == first("action", "pause")
    most = most_of(cap, groups, teams)
    if most is not None:
        assert found.timeout <= most
    if floor is not None and (most is None or floor <= most):
        assert found.timeout >= floor
    if (floor or 0) <= timeout <= (most or timeout):
        assert found.timeout == timeout
    assert found.timeout in (timeout, floor, most)


def most_of(
    site: int | None, groups: dict[str, int | None], teams: frozenset[str] | None
) -> int | None:
    """The same, said another way: sort, take the last."""
    if teams is None:
        everybody = sorted([site or 0, *(most or 0 for most in groups.values())])
        return everybody[-1] if site else None
    theirs = sorted(most for name, most in groups.items() if name in teams and most)
    return theirs[-1] if theirs else site
