"""Whole names, beginnings of names, and what was meant."""

import pytest

from runtiles.cli.names import AmbiguousName, NoSuchName, pick

NAMES = ["lab", "lab-2", "training", "trial"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lab", "lab"), ("lab-", "lab-2"), ("tri", "trial"), ("training", "training")],
)
def test_the_same_name_or_the_only_one_that_begins_so(typed: str, meant: str) -> None:
    assert pick(typed, NAMES, "runtime") == meant


def test_one_that_fits_several() -> None:
    with pytest.raises(AmbiguousName, match="'tr' fits several runtimes: training, trial"):
        pick("tr", NAMES, "runtime")
    many = [f"r{number}" for number in range(20)]
    with pytest.raises(AmbiguousName, match="and 12 more"):
        pick("r", many, "runtime")


def test_one_that_fits_none() -> None:
    with pytest.raises(NoSuchName, match="Did you mean 'training'") as error:
        pick("trianing", NAMES, "runtime")
    assert error.value.hint == "Known runtimes: lab, lab-2, training, trial."
    with pytest.raises(NoSuchName) as error:
        pick("", [], "runtime")
    assert error.value.hint == "There are no runtimes."
