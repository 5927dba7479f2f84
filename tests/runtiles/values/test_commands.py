"""Commands and container users."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.values.commands import parse_command, parse_container_user

#: The two command lines of the document that the users asked us to follow.
NOTEBOOK = (
    "jupyter notebook --allow-root --ip=0.0.0.0 --no-browser --NotebookApp.trust_xheaders=True"
    " --NotebookApp.disable_check_xsrf=False --NotebookApp.allow_remote_access=True"
    " --NotebookApp.allow_origin='*'"
)


def test_quotes_are_those_of_a_shell() -> None:
    argv = parse_command(NOTEBOOK)
    assert argv[:3] == ("jupyter", "notebook", "--allow-root")
    assert argv[-1] == "--NotebookApp.allow_origin=*"


@pytest.mark.parametrize("command", ["a; rm -rf / && $(b) | c > d", ["a", ";", "$(b)"]])
def test_nothing_is_substituted(command: str | list[str]) -> None:
    argv = parse_command(command)
    assert ";" in " ".join(argv)
    assert "$(b)" in argv


@pytest.mark.parametrize(
    ("value", "argv"),
    [("", ()), ("  ", ()), ([], ()), (["a", ""], ("a", "")), (("a", "b c"), ("a", "b c"))],
)
def test_commands(value: object, argv: tuple[str, ...]) -> None:
    assert parse_command(value) == argv


@pytest.mark.parametrize(
    "value",
    [
        *("a 'b", 'a "b', "a\\", "'' a", "a '\n'", "a\0b", "a \x1b", "x" * 20_000, "a " * 300),
        *(
            None,
            5,
            True,
            {},
            {"a": "b"},
            ["a", 5],
            ["a", None],
            [["a"]],
            ["", "a"],
            ["a\0"],
            [b"a"],
        ),
    ],
)
def test_refused_commands(value: object) -> None:
    with pytest.raises(ValueError, match=r"must|has a|the first"):
        parse_command(value)


@given(st.lists(st.text(alphabet="ab '\"\\$é", min_size=1, max_size=8), min_size=1, max_size=8))
def test_a_quoted_command_reads_back(argv: list[str]) -> None:
    assert parse_command(shlex.join(argv)) == tuple(argv)
    assert parse_command(argv) == tuple(argv)


@pytest.mark.parametrize(
    ("value", "user"),
    [
        *(("root", "root"), ("jovyan:users", "jovyan:users"), ("1000", "1000"), (1000, "1000")),
        *(("1000:100", "1000:100"), ("0:0", "0:0"), (" a ", "a"), ("Ada.L-1_x", "Ada.L-1_x")),
    ],
)
def test_container_users(value: object, user: str) -> None:
    assert parse_container_user(value) == user


@pytest.mark.parametrize(
    "value",
    [
        *("", "-1", "a b", "a:", ":a", "a:b:c", "a;b", "é", "a\n:b", "4294967295", "1:4294967295"),
        *("99999999999", "a" * 33, "x" * 200, None, True, [], {}, 1.5, -1),
    ],
)
def test_refused_users(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be|end at"):
        parse_container_user(value)
