"""A kernel by the beginning of its id or by its notebook."""

import pytest

from runtiles.cli import kernels
from runtiles.cli.errors import BadUsage, CliError
from runtiles.cli.kernels import Kernel
from runtiles.cli.names import AmbiguousName, NoSuchName

KERNELS: list[Kernel] = [
    {"id": "aaaabbbb-1", "path": "train.ipynb"},
    {"id": "aaaabbbb-2", "path": "work/train.ipynb"},
    {"id": "cccc", "path": "work/plot.ipynb"},
    {"id": "dddd", "path": None},
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("aaaabbbb-1", "aaaabbbb-1"),
        ("c", "cccc"),
        ("d", "dddd"),
        ("train.ipynb", "aaaabbbb-1"),
        ("work/train.ipynb", "aaaabbbb-2"),
        ("plot.ipynb", "cccc"),
        ("pl", "cccc"),
        ("work/p", "cccc"),
    ],
)
def test_the_one_that_is_meant(typed: str, found: str) -> None:
    assert kernels.pick(typed, KERNELS)["id"] == found
    assert kernels.choose(typed, KERNELS, "lab", "--kernel")["id"] == found


@pytest.mark.parametrize("typed", ["aaaa", "work", "tr"])
def test_several(typed: str) -> None:
    with pytest.raises(AmbiguousName, match="several kernels"):
        kernels.pick(typed, KERNELS)


def test_none() -> None:
    with pytest.raises(NoSuchName, match=r"Did you mean 'train\.ipynb'") as error:
        kernels.pick("trian.ipynb", KERNELS)
    assert "dddd (kernel dddd)" in error.value.hint
    with pytest.raises(NoSuchName, match="no kernel 'x'"):
        kernels.pick("x", [])


def test_without_a_word_the_only_one() -> None:
    assert kernels.choose("", KERNELS[2:3], "lab", "--kernel")["id"] == "cccc"
    with pytest.raises(CliError, match="lab has no kernel"):
        kernels.choose("", [], "lab", "--kernel")
    with pytest.raises(BadUsage, match=r"several kernels: aaaabbbb \(train.ipynb\)") as error:
        kernels.choose("", KERNELS, "lab", "--to-kernel")
    assert "--to-kernel" in error.value.hint


def test_ids_are_as_long_as_they_must_be() -> None:
    assert kernels.short(["aaaabbbb-1", "aaaabbbb-2"]) == 10
    assert kernels.short(["aaaabbbb-1", "caaabbbb-2"]) == 8
    assert kernels.short([]) == 8
