"""Text that people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.values.secret_refs import check_reference, is_reference
from runtiles.values.text import did_you_mean, one_line, paragraph, shown


def test_what_is_shown_is_short_and_escaped() -> None:
    assert shown("a") == "'a'"
    assert shown("a\n\x1b[31m") == r"'a\n\x1b[31m'"
    assert shown({"password": "hunter2"}) == "dict"
    assert len(shown("x" * 1_000_000)) <= 60


@given(st.text() | st.none() | st.lists(st.text()) | st.integers() | st.floats())
def test_anything_can_be_shown(value: object) -> None:
    assert len(shown(value)) <= 60
    assert shown(value).isprintable()


def test_suggests_the_likeliest_name() -> None:
    assert did_you_mean("imgae", ["image", "idle"]) == " Did you mean 'image'?"
    assert did_you_mean("zzz", ["image", "idle"]) == ""
    assert did_you_mean("i" * 1_000_000, ["image"]) == ""


def test_one_line() -> None:
    assert one_line("  a b é  ", limit=20) == "a b é"
    for bad in ("a\nb", "a\0b", "a\u2028b", "a\u202eb", "x" * 21, None, 5, ["a"]):
        with pytest.raises(ValueError, match="must be"):
            one_line(bad, limit=20)


def test_paragraph() -> None:
    assert paragraph("a\r\n\tb 👩‍🔬", limit=20) == "a\n\tb 👩‍🔬"
    for bad in ("a\0b", "a\x1bb", "a\rb", "\ud800", "x" * 21, None, 5):
        with pytest.raises(ValueError, match="must"):
            paragraph(bad, limit=20)


def test_references() -> None:
    assert check_reference("secret:my.token-1_x") == "secret:my.token-1_x"
    assert is_reference("secret:")
    assert not is_reference("Secret:x")
    assert not is_reference(None)
    with pytest.raises(ValueError, match="use secret:NAME, or launch through") as refused:
        check_reference("hunter2")
    assert "hunter2" not in str(refused.value)
    for bad in ("secret:", "secret:a b", "secret:a/b", "secret:a\n", "secret:" + "a" * 129):
        with pytest.raises(ValueError, match="name after 'secret:'"):
            check_reference(bad)
