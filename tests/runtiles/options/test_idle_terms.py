"""Who says what is done about idleness, and the site's bounds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.catalogue.models import IdlePolicy, Tile
from runtiles.options.idle_terms import bounded, idle_terms
from runtiles.policy import SitePolicy

TILE = {"timeout": "40m", "type": "work", "action": "stop"}
POOL = {"timeout": "20m"}
SITE = {"timeout": "10m", "action": "freeze"}


@pytest.mark.parametrize(
    ("asked", "tile", "pool", "site", "expected"),
    [
        ({}, None, None, None, None),
        ({"action": "stop"}, None, None, None, None),
        ({}, None, None, SITE, (600, "activity", "freeze")),
        ({}, None, POOL, SITE, (1200, "activity", "pause")),
        ({}, TILE, POOL, SITE, (2400, "work", "stop")),
        ({"timeout": 60}, TILE, POOL, SITE, (60, "work", "stop")),
        ({"action": "pause"}, TILE, None, None, (2400, "work", "pause")),
        ({"timeout": 60}, None, None, None, (60, "activity", "pause")),
        ({"timeout": None, "type": None}, None, None, SITE, (600, "activity", "freeze")),
    ],
)
def test_the_first_that_says_anything(
    asked: dict[str, Any],
    tile: dict[str, Any] | None,
    pool: dict[str, Any] | None,
    site: dict[str, Any] | None,
    expected: tuple[int, str, str] | None,
) -> None:
    policy = SitePolicy.model_validate(
        {"default_idle": site, "pool_idle": {"big": pool} if pool else {}}
    )
    one = Tile.model_validate({"slug": "a", "title": "A", "image": "a/b:1", "idle": tile})
    found = idle_terms(asked, one, "big", policy)
    assert (found and (found.timeout, found.type, found.action)) == expected


DURATIONS = st.integers(1, 100_000)


@given(DURATIONS, st.none() | DURATIONS, st.none() | DURATIONS)
def test_between_floor_and_cap(timeout: int, floor: int | None, cap: int | None) -> None:
    found = bounded(timeout, SitePolicy(min_idle_timeout=floor, max_idle_timeout=cap))
    assert cap is None or found <= cap
    assert floor is None or found >= floor or cap == found
    if (floor or 0) <= timeout <= (cap or timeout):
        assert found == timeout


def test_the_bounds_hold_for_a_tile_too() -> None:
    policy = SitePolicy(max_idle_timeout=300, default_idle=IdlePolicy(timeout=900))
    found = idle_terms({}, None, "", policy)
    assert found is not None
    assert found.timeout == 300
