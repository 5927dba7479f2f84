"""What others wrote cannot steer the terminal of who reads it."""

import pytest

from runtiles.cli.terminal import clean, only_colours


@pytest.mark.parametrize(
    "hidden",
    [
        "\x1b[2J",
        "\x1b[1;1H",
        "\x1b]0;title\x07",
        "\x1b]52;c;cm0gLXJm\x1b\\",
        "\x1b]8;;http://elsewhere\x1b\\",
        "\x1bc",
        "\x1b(0",
        "\x07",
        "\x08",
        "\x9b2J",
        "\x1b",
    ],
)
def test_commands_to_the_terminal_are_taken_out(hidden: str) -> None:
    assert clean(f"a{hidden}b").replace("b", "") == "a"
    assert only_colours(f"a{hidden}b").replace("b", "") == "a"


def test_colours_are_left_to_what_programs_print() -> None:
    assert only_colours("\x1b[31mred\x1b[0m\n\tx") == "\x1b[31mred\x1b[0m\n\tx"
    assert clean("\x1b[31mred\x1b[0m") == "red"
    assert clean("schön 漢字 \n") == "schön 漢字 \n"
