"""Who has gone for good, and who only looks so."""

from typing import Any

import pytest

from runtiles.service.idle.leavers import leavers, removable
from runtiles.store import LaunchRecord

NOW = 1_800_000_000.0
DAY = 86400.0


def user(**changes: Any) -> dict[str, Any]:
    """Gone a hundred days before."""
    there = {"name": "ann", "admin": False, "server": None, "servers": {}, "pending": None}
    return {**there, "last_activity": "2026-10-07T08:00:00Z", **changes}


@pytest.mark.parametrize(
    ("changes", "admins", "gone"),
    [
        ({}, False, True),
        ({"last_activity": "2027-01-10T08:00:00Z"}, False, False),
        ({"last_activity": None, "created": "2026-01-01T00:00:00+00:00"}, False, True),
        ({"last_activity": None}, False, False),
        ({"servers": {"lab": {}}}, False, False),
        ({"server": "/user/ann/"}, False, False),
        ({"pending": "spawn"}, False, False),
        ({"admin": True}, False, False),
        ({"admin": True}, True, True),
        ({"admin": None}, False, False),
    ],
)
def test_users(changes: dict[str, Any], admins: bool, gone: bool) -> None:
    found, _ = leavers([user(**changes)], 30 * DAY, NOW, admins=admins)
    assert found == (["ann"] if gone else [])


def test_when_to_look_again() -> None:
    nobody, soonest = leavers([], 30 * DAY, NOW, admins=False)
    assert (nobody, soonest) == ([], NOW + 30 * DAY)
    recent = user(last_activity="2027-01-10T08:00:00Z")
    _, soonest = leavers([recent, user()], 30 * DAY, NOW, admins=False)
    assert soonest == NOW + 25 * DAY


@pytest.mark.parametrize(
    ("changes", "removed"),
    [
        ({"ended_at": NOW - 8 * DAY}, True),
        ({"ended_at": NOW - 6 * DAY}, False),
        ({"ended_at": None}, False),
        ({"ended_at": NOW - 8 * DAY, "snapshot": "s1"}, False),
        ({"ended_at": NOW - 8 * DAY, "server": ""}, False),
    ],
)
def test_named_runtimes(changes: dict[str, Any], removed: bool) -> None:
    there = {"id": "l1", "user": "ann", "server": "lab", "created": NOW - 99 * DAY}
    launch = LaunchRecord(**{**there, **changes})
    assert removable([launch], 7 * DAY, NOW) == ([launch] if removed else [])
