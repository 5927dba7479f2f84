"""Time limits of tiles, machines, groups and the site: what is allowed, and what is had unasked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import InvalidRequest
from runtiles.options import validate, within_limits
from runtiles.options.limits import time_cap, time_limit
from runtiles.policy import GroupPolicy, Limit, SitePolicy
from tests.runtiles.samples import make_machine, make_tile

HOUR = 3600
POLICY = SitePolicy.model_validate(
    {
        "max_time_limit": "8h",
        "default_time_limit": "2h",
        "max_idle_timeout": "1h",
        "groups": {
            "students": {"max_time_limit": "4h", "default_time_limit": "1h"},
            "staff": {"max_time_limit": "24h", "max_idle_timeout": "4h"},
            "guests": {},
        },
    }
)
CATALOGUE = Catalogue(
    [
        make_tile("plain"),
        make_tile("exam", time_limit="3h", default_time="90m"),
        make_tile("board", idle={"timeout": "never"}),
    ],
    [make_machine("small", default=True), make_machine("big", max_time="6h", default_time="30m")],
)


def refused(teams: Any, **options: Any) -> dict[str, str]:
    rules: dict[str, Any] = {"catalogue": CATALOGUE, "policy": POLICY, "teams": teams}
    return problems({"tile": "plain", **options}, **rules)


def problems(options: dict[str, Any], **rules: Any) -> dict[str, str]:
    """What the gate refuses, by field."""
    try:
        validate(options, **rules)
    except InvalidRequest as error:
        return error.fields
    return {}


@pytest.mark.parametrize(
    ("teams", "options", "message"),
    [
        ((), {"time_limit": "8h"}, ""),
        ((), {"time_limit": "9h"}, "is at most 8h, set by this site"),
        (("guests", "unknown"), {"time_limit": "9h"}, "is at most 8h, set by this site"),
        (("students",), {"time_limit": "4h"}, ""),
        (("students",), {"time_limit": "5h"}, "is at most 4h, set by the group 'students'"),
        (
            ("students", "guests"),
            {"time_limit": "5h"},
            "is at most 4h, set by the group 'students'",
        ),
        (("students", "staff"), {"time_limit": "24h"}, ""),
        (("students", "staff"), {"time_limit": "25h"}, "is at most 1d, set by the group 'staff'"),
        (
            ("staff",),
            {"machine": "big", "time_limit": "7h"},
            "is at most 6h, set by the machine 'big'",
        ),
        (("staff",), {"tile": "exam", "time_limit": "4h"}, "is at most 3h, set by the tile 'exam'"),
        (None, {"time_limit": "24h"}, ""),
        (None, {"time_limit": "25h"}, "is at most 1d, set by the group 'staff'"),
    ],
)
def test_the_cap_and_who_sets_it(teams: Any, options: dict[str, Any], message: str) -> None:
    assert refused(teams, **options) == ({"time_limit": message} if message else {})


@pytest.mark.parametrize(
    ("teams", "timeout", "message"),
    [
        (("students",), "2h", "is at most 1h, set by this site"),
        (("staff",), "4h", ""),
        (("staff", "students"), "5h", "is at most 4h, set by the group 'staff'"),
    ],
)
def test_the_longest_idle_timeout(teams: Any, timeout: str, message: str) -> None:
    found = refused(teams, idle={"timeout": timeout})
    assert found == ({"idle.timeout": message} if message else {})


def test_never_is_not_for_users_and_no_action_without_a_timeout() -> None:
    assert refused((), idle={"timeout": "never"}).keys() == {"idle.timeout"}
    found = refused((), tile="board", idle={"action": "stop"})
    assert found == {"idle.timeout": "is needed: nothing is done about idle runtimes of 'board'"}
    assert not refused((), tile="board", idle={"action": "stop", "timeout": "30m"})


@pytest.mark.parametrize(
    ("teams", "tile", "machine", "expected"),
    [
        ((), "plain", "small", 2 * HOUR),
        (("students",), "plain", "small", HOUR),
        (("staff", "students"), "plain", "small", HOUR),
        (("staff",), "plain", "small", 2 * HOUR),
        (("students",), "plain", "big", HOUR // 2),
        (("students",), "exam", "big", 90 * 60),
    ],
)
def test_the_default_is_of_the_first_who_has_one(
    teams: Any, tile: str, machine: str, expected: int
) -> None:
    found = time_limit(None, CATALOGUE.tile(tile), CATALOGUE.machine(machine), POLICY, teams)
    assert found == expected


SECONDS = st.none() | st.integers(1, 100_000)
NAMES = st.sampled_from("abc")
#: The longest and the usual time of a tile or a machine.
TIMES = st.tuples(SECONDS, SECONDS).filter(lambda times: (times[1] or 0) <= (times[0] or 10**6))


@given(
    st.tuples(SECONDS, SECONDS, SECONDS),
    TIMES,
    TIMES,
    st.dictionaries(NAMES, st.tuples(SECONDS, SECONDS)),
    st.frozensets(NAMES),
)
def test_never_more_than_anybody_allows_and_the_gate_agrees(
    asked: tuple[int | None, int | None, int | None],
    of_tile: tuple[int | None, int | None],
    of_machine: tuple[int | None, int | None],
    groups: dict[str, tuple[int | None, int | None]],
    teams: frozenset[str],
) -> None:
    wish, site, default = asked
    policy = SitePolicy(
        max_time_limit=site,
        default_time_limit=default,
        groups={
            name: GroupPolicy(max_time_limit=most, default_time_limit=usual)
            for name, (most, usual) in groups.items()
        },
    )
    tile = make_tile("t", time_limit=of_tile[0], default_time=of_tile[1])
    machine = make_machine("m", max_time=of_machine[0], default_time=of_machine[1])
    cap = time_cap(tile, machine, policy, teams)
    found = time_limit(wish, tile, machine, policy, teams)

    theirs = [most for name, (most, _) in groups.items() if name in teams and most]
    caps = [max(theirs) if theirs else site, of_tile[0], of_machine[0]]
    assert (cap.seconds if cap else None) == min((c for c in caps if c), default=None)
    assert cap is None or (found is not None and found <= cap.seconds)
    if wish and (cap is None or wish <= cap.seconds):
        assert found == wish
    if not wish and (first := of_tile[1] or of_machine[1]):
        assert found == min(first, cap.seconds if cap else first)

    catalogue = Catalogue([tile], [machine])
    options = {"tile": "t", "machine": "m", **({"time_limit": wish} if wish else {})}
    bad = wish is not None and cap is not None and wish > cap.seconds
    rules: dict[str, Any] = {"catalogue": catalogue, "policy": policy, "teams": teams}
    assert problems(options, **rules).keys() == ({"time_limit"} if bad else set())
    # The same again is never refused for its time, and a user whom nobody knows is not refused more.
    again = within_limits(options, **rules)
    passed = validate(again, **rules)
    assert passed.time_limit == (min(wish, cap.seconds) if wish and cap else wish)
    validate(again, catalogue=catalogue, policy=policy, teams=None)


def test_who_left_a_group_goes_on_with_what_is_allowed_now() -> None:
    last = {"tile": "exam", "machine": "big", "time_limit": "20h", "idle": {"timeout": "4h"}}
    kept = within_limits(last, catalogue=CATALOGUE, policy=POLICY, teams=("students",))
    assert kept == {**last, "time_limit": 3 * HOUR, "idle": {"timeout": HOUR}}
    # What the start button posts is this runtime's own tile still, not the default one.
    found = validate({}, catalogue=CATALOGUE, policy=POLICY, teams=(), previous=last, again=True)
    assert (found.tile, found.time_limit, found.idle.timeout) == ("exam", 3 * HOUR, HOUR)


def test_other_mistakes_stay_for_the_gate() -> None:
    for last in ({"tile": "gone", "time_limit": "90h"}, {"tile": "plain", "time_limit": "soon"}):
        kept = within_limits(last, catalogue=CATALOGUE, policy=POLICY, teams=())
        assert kept == last


def test_of_several_groups_the_most_generous_counts() -> None:
    assert POLICY.limit("max_time_limit", ()) == Limit(8 * HOUR, "this site")
    both = POLICY.limit("max_time_limit", ("students", "staff"))
    assert both == Limit(24 * HOUR, "the group 'staff'")
    assert POLICY.limit("max_extension", ("students",)) is None
    assert POLICY.known_groups(["staff", "x", "guests"]) == ("guests", "staff")
    assert SitePolicy().limit("max_time_limit", None) is None


#: The example of docs/reference/configuration.md.
EXAMPLE = {
    "max_time_limit": "8h",
    "default_time_limit": "2h",
    "max_idle_timeout": "1h",
    "groups": {
        "students": {"max_time_limit": "4h", "max_extension": "1h"},
        "staff": {"max_time_limit": "24h", "default_time_limit": "8h", "max_idle_timeout": "4h"},
    },
}


@pytest.mark.parametrize(
    ("teams", "machine", "hours"),
    [
        ((), "small", (8, 2, 8, 1)),
        (("students",), "small", (4, 2, 5, 1)),
        (("staff",), "small", (24, 8, 24, 4)),
        (("staff", "students"), "small", (24, 8, 25, 4)),
        (("staff",), "half-day", (12, 8, 12, 4)),
    ],
)
def test_the_example_of_the_documentation(
    teams: tuple[str, ...], machine: str, hours: tuple[int, int, int, int]
) -> None:
    policy, tile = SitePolicy.model_validate(EXAMPLE), make_tile("plain")
    chosen = make_machine(machine, max_time="12h" if machine == "half-day" else None)
    cap, unasked = (
        time_cap(tile, chosen, policy, teams),
        time_limit(None, tile, chosen, policy, teams),
    )
    beyond, idle = policy.limit("max_extension", teams), policy.limit("max_idle_timeout", teams)
    assert cap is not None
    assert unasked is not None
    assert idle is not None
    latest = cap.seconds + (beyond.seconds if beyond else 0)
    assert tuple(each // HOUR for each in (cap.seconds, unasked, latest, idle.seconds)) == hours
