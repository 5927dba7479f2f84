import pytest

from runtiles.values.moments import parse_moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T17:40:00Z",
        "2026-01-31T17:40:00z",
        "2026-01-31T17:40:00.000000Z",
        "2026-01-31T17:40:00",
        "2026-01-31T19:40:00+02:00",
        "2026-01-31 17:40",
    ],
)
def test_a_moment_is_in_utc_unless_it_says_otherwise(text: str) -> None:
    assert parse_moment(text) == 1769881200.0


@pytest.mark.parametrize("text", ["", "Z", "tomorrow", "17:40", "2026-02-30"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)
