"""Extensions and holds: what may be said, and what the caps make of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.contract.errors import InvalidRequest, LimitReached
from runtiles.service.idle.asking import Latest, Moment, extended, held

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"seconds": 60}, Moment(seconds=60)),
        ({"seconds": "30m"}, Moment(seconds=1800)),
        ({"until": NOW}, Moment(until=NOW)),
        ({"until": "2027-01-15T08:00:00Z"}, Moment(until=NOW)),
        ({"until": "2027-01-15T09:00:00+01:00"}, Moment(until=NOW)),
        ({"until": "2027-01-15T08:00:00"}, Moment(until=NOW)),
    ],
)
def test_a_moment(body: dict[str, Any], expected: Moment) -> None:
    assert Moment.of(body) == expected


@pytest.mark.parametrize(
    "body",
    [{}, {"seconds": -1}, {"seconds": True}, {"until": "soon"}, {"until": None}, {"minutes": 3},
     {"seconds": 60, "until": NOW}, {"until": 1e300}, {"until": 10**400}, {"until": [1]},
     {"seconds": "x" * 9999}],
)  # fmt: skip
def test_no_moment(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        Moment.of(body)


def test_nothing_is_something_to_say_of_a_hold() -> None:
    assert Moment.of({"until": None}, or_none=True) == Moment()
    assert held(Moment(), 3600, NOW) is None
    with pytest.raises(InvalidRequest):
        Moment.of({}, or_none=True)


WISHES = st.builds(Moment, seconds=st.integers(1, 10**6)) | st.builds(
    Moment, until=st.floats(NOW - 10**6, NOW + 10**6)
)


@given(WISHES, st.floats(-1000, 10**5), st.none() | st.floats(-1000, 10**5))
def test_an_extension_is_later_and_within_the_limit(
    wish: Moment, left: float, most: float | None
) -> None:
    ends, latest = NOW + left, None if most is None else Latest(NOW + most)
    try:
        end = extended(wish, ends, latest, NOW)
    except (InvalidRequest, LimitReached):
        return
    assert end > max(ends, NOW)
    assert latest is None or end <= latest.at


@pytest.mark.parametrize(
    ("left", "message", "seconds"),
    [
        (1800, "by 30m at most, until 2027-01-15T08:30:00Z: set by the group 'a'.", 1800),
        (0, "no further: set by the group 'a'.", 0),
        (-60, "no further: set by the group 'a'.", 0),
    ],
)
def test_what_is_possible_is_said(left: int, message: str, seconds: int) -> None:
    with pytest.raises(LimitReached) as caught:
        extended(Moment(seconds=3600), NOW, Latest(NOW + left, "the group 'a'"), NOW)
    assert caught.value.message == f"It can be extended {message}"
    assert caught.value.details["max_seconds"] == seconds


@given(WISHES, st.none() | st.integers(1, 10**5))
def test_a_hold_is_in_the_future_and_within_the_limit(wish: Moment, longest: int | None) -> None:
    try:
        until = held(wish, longest, NOW)
    except (InvalidRequest, LimitReached):
        return
    assert until is not None
    assert until > NOW
    assert longest is None or until <= NOW + longest + 60
