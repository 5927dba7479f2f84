"""The terms under which a launch is watched."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from runtiles.catalogue import Catalogue
from runtiles.policy import SitePolicy
from runtiles.service.idle.board import Board
from runtiles.service.idle.population import Population, watched
from runtiles.service.idle.watcher import Watcher
from runtiles.store import LaunchRecord
from tests.runtiles.samples import make_machine, make_tile

BEGAN = 1_000_000.0
CATALOGUE = Catalogue(
    [make_tile("plain"), make_tile("board", idle={"timeout": "never"})],
    [make_machine("small"), make_machine("gpu", pool="gpu")],
)
POLICY = SitePolicy.model_validate(
    {
        "default_idle": {"timeout": "2h", "action": "freeze"},
        "pool_idle": {"gpu": {"timeout": "20m"}},
        "max_idle_timeout": "1h",
        "max_age": "2h",
        "groups": {"staff": {"max_idle_timeout": "3h"}},
    }
)
LAUNCH = LaunchRecord(
    "l", "ann", "x", BEGAN, tile="plain", machine="small", started_at=BEGAN, state="running"
)


@pytest.mark.parametrize(
    ("launch", "expected"),
    [
        ({}, (3600, "freeze")),
        ({"teams": ("staff",)}, (7200, "freeze")),
        ({"machine": "gpu"}, (1200, "freeze")),
        ({"tile": "board"}, None),
        ({"tile": "board", "options": {"idle": {"timeout": 60}}}, (60, "freeze")),
        ({"options": {"idle": {"timeout": 9000}}, "teams": ("staff",)}, (9000, "freeze")),
        ({"tile": "gone", "machine": "gone"}, (3600, "freeze")),
    ],
)
def test_the_terms(launch: dict[str, Any], expected: tuple[int, str] | None) -> None:
    found = watched(replace(LAUNCH, **launch), CATALOGUE, POLICY).policy
    assert (found and (found.timeout, found.action)) == expected


def test_where_nothing_can_be_frozen_it_is_paused_and_said_so() -> None:
    found = watched(LAUNCH, CATALOGUE, POLICY, freezes=False).policy
    assert found is not None
    assert (found.timeout, found.action) == (3600, "pause")


def test_a_reservation_ends_no_later_than_anything_may() -> None:
    found = watched(replace(LAUNCH, expires_at=BEGAN + 3 * 3600), CATALOGUE, POLICY)
    assert (found.expires, found.lasts) == (BEGAN + 7200, 7200)


def test_who_has_just_started_is_watched_from_the_first_question_on() -> None:
    nobody, watcher = cast(Any, None), Watcher(Board())
    catalogue = cast(Any, SimpleNamespace(current=CATALOGUE))
    population = Population(nobody, catalogue, POLICY, watcher, nobody)
    population.meet(LAUNCH)
    assert watcher.board.get(("ann", "x")) is not None
    population.forget(("ann", "x"))
    population.meet(replace(LAUNCH, ended_at=BEGAN + 5))
    assert watcher.board.get(("ann", "x")) is None
