"""Durations and sizes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.values.quantities import format_duration, format_size, parse_duration, parse_size

JUNK = st.none() | st.booleans() | st.text() | st.integers() | st.floats() | st.lists(st.text())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30m", 1800),
        ("4h", 14400),
        ("90s", 90),
        ("1h30m", 5400),
        ("2d", 172800),
        ("1d2h3m4s", 93784),
        ("1.5h", 5400),
        (" 45m ", 2700),
        ("2H", 7200),
        ("600", 600),
        (600, 600),
        (1.5, 2),
        ("3650d", 315360000),
    ],
)
def test_durations(value: object, seconds: int) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "0",
            "0s",
            "-5m",
            "+5m",
            "5 parsecs",
            "1h 30m",
            "30m1h",
            "1h1h",
            "h",
            ".",
            "1..5h",
        ),
        *("1e3", "1_000", "٣m", "½h", "1h\0", "inf", "nan", "9" * 400, "9" * 400 + "d", "4000d"),
        *(0, -1, 10**30, float("nan"), float("inf"), True, False, None, [], {}, ["1h"], b"1h", 1j),
    ],
)
def test_refuses_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_duration(value)


@given(st.integers(1, 3650 * 86400))
def test_a_formatted_duration_reads_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


def test_formats_durations_shortly() -> None:
    assert format_duration(5400) == "1h30m"
    assert format_duration(172800) == "2d"
    assert format_duration(0) == "0s"


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("8g", 8 * 2**30),
        ("8GiB", 8 * 2**30),
        ("8 GB", 8 * 2**30),
        ("512m", 512 * 2**20),
        ("1.5k", 1536),
        ("1T", 2**40),
        ("100", 100),
        ("100b", 100),
        (1024, 1024),
    ],
)
def test_sizes(value: object, size: int) -> None:
    assert parse_size(value) == size


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "0",
            "g",
            "8x",
            "8gg",
            "8ib",
            "-8g",
            "8  g",
            "1..5g",
            "\uff18g",
            "9999999t",
            "9" * 400,
        ),
        *(0, -1, 10**30, float("nan"), float("inf"), True, None, [], {}, ["1g"], b"1g"),
    ],
)
def test_refuses_what_is_no_size(value: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_size(value)


@pytest.mark.parametrize(
    ("size", "text"),
    [(300, "300 B"), (1536, "1.5 KiB"), (8 * 2**30, "8 GiB"), (2**50, "1024 TiB"), (0, "0 B")],
)
def test_formats_sizes_for_people(size: int, text: str) -> None:
    assert format_size(size) == text


@given(JUNK)
def test_anything_else_is_a_value_error(value: object) -> None:
    for parse, largest in ((parse_duration, 3650 * 86400), (parse_size, 2**50)):
        with suppress(ValueError):
            assert 1 <= parse(value) <= largest
