"""Durations, sizes and moments, in and out."""

import pytest

from runtiles.cli import values
from runtiles.cli.errors import BadUsage


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), ("1.5h", 5400)],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert values.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "-3h", "1h 30m", "3w", "h"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(BadUsage):
        values.seconds(text)


@pytest.mark.parametrize(
    ("text", "size"), [("5", 5), ("1k", 1024), ("8GiB", 8 * 2**30), ("1.5m", 1572864), ("9 B", 9)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert values.size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1x", "1 gb gb"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(BadUsage):
        values.size(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0, "0s"), (59, "59s"), (60, "1m"), (3725, "1h 2m"), (86405, "1d"), (-5, "0s")],
)
def test_durations_are_shown_by_their_two_largest_units(seconds: float | None, text: str) -> None:
    assert values.show_duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(None, ""), (300, "300 B"), (1536, "1.5 KiB"), (8 * 2**30, "8 GiB")]
)
def test_sizes_are_shown(size: int | None, text: str) -> None:
    assert values.show_size(size) == text


def test_moments_are_shown_from_now() -> None:
    assert values.moment("1970-01-01T00:01:00Z") == 60
    assert values.moment("1970-01-01T01:01:00.123+01:00") == 60
    assert values.show_age("1970-01-01T00:01:00Z", 120) == "1m"
    assert values.show_left("1970-01-01T00:03:00", 120) == "1m"
    for nothing in (None, "", "yesterday", 5):
        assert values.show_age(nothing, 120) == ""
