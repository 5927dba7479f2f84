"""How far an end can be moved, in tables."""

from dataclasses import replace
from typing import Any

import pytest

from runtiles.catalogue import Catalogue
from runtiles.policy import SitePolicy
from runtiles.service.idle.rooms import latest_end, rooms
from runtiles.store import LaunchRecord
from tests.runtiles.samples import make_machine, make_tile

HOUR = 3600
BEGAN = 1_000_000.0
NOTHING = Catalogue({}, {})


def launch(lasts: int | None) -> LaunchRecord:
    """Of a tile and a machine that are gone: the limit that it was launched with stays."""
    ends = None if lasts is None else BEGAN + lasts
    spec = {} if lasts is None else {"time_limit": HOUR}
    return LaunchRecord("l", "ann", "x", BEGAN, started_at=BEGAN, expires_at=ends, spec=spec)


@pytest.mark.parametrize(
    ("lasts", "policy", "extend"),
    [
        (None, {}, None),
        (HOUR, {}, None),
        (HOUR, {"max_extension": "30m"}, {"max_seconds": 1800}),
        (HOUR, {"max_extension": "30m", "max_age": "70m"}, {"max_seconds": 600}),
        (HOUR, {"max_age": "1h"}, None),
    ],
)
def test_a_reservation_goes_no_further_than_its_cap(
    lasts: int | None, policy: dict[str, Any], extend: Any
) -> None:
    found = rooms(launch(lasts), NOTHING, SitePolicy.model_validate(policy))
    assert found["extend"] == extend


STUDENTS = {
    "max_time_limit": "8h",
    "max_extension": "1h",
    "max_hold": "6h",
    "groups": {
        "students": {"max_time_limit": "2h", "max_extension": "30m", "max_hold": "1h"},
        "staff": {"max_time_limit": "10h"},
    },
}


@pytest.mark.parametrize(
    ("teams", "extend", "who", "hold"),
    [
        ((), 8 * HOUR, "this site", 6 * HOUR),
        (("students",), HOUR + HOUR // 2, "the group 'students'", HOUR),
        (("staff",), 10 * HOUR, "the group 'staff'", 6 * HOUR),
        (("staff", "students"), 9 * HOUR + HOUR // 2, "the group 'staff'", HOUR),
        (("gone",), 8 * HOUR, "this site", 6 * HOUR),
    ],
)
def test_groups_are_those_of_the_launch(
    teams: tuple[str, ...], extend: int, who: str, hold: int
) -> None:
    policy = SitePolicy.model_validate(STUDENTS)
    catalogue = Catalogue([make_tile("t")], [make_machine("m")])
    record = replace(launch(HOUR), tile="t", machine="m", teams=teams)
    found = rooms(record, catalogue, policy)
    assert found["extend"] == {"max_seconds": extend}
    assert found["hold"] == {"max_seconds": hold}
    latest = latest_end(record, catalogue, policy)
    assert latest is not None
    assert latest.who == who


def test_without_any_limit_there_is_none() -> None:
    record = LaunchRecord("l", "ann", "x", BEGAN, started_at=BEGAN, expires_at=BEGAN + HOUR)
    assert rooms(record, NOTHING, SitePolicy())["extend"] == {"max_seconds": None}


def test_a_hold_and_the_warnings_are_the_sites() -> None:
    policy = SitePolicy.model_validate({"max_hold": "2h", "idle_warnings": ["5m"]})
    found = rooms(launch(None), NOTHING, policy)
    assert found["hold"] == {"max_seconds": 2 * HOUR}
    assert found["warnings"] == [300]
    dry = policy.model_copy(update={"idle_dry_run": True, "max_hold": None})
    found = rooms(launch(None), NOTHING, dry)
    assert found["warnings"] == []
    assert found["hold"] == {"max_seconds": None}
