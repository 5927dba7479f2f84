"""The words about what keeps a runtime alive."""

import pytest

from runtiles.service.idle.explain import at_hour, sentence
from runtiles.service.idle.policy import Signal, Verdict

#: 2 March 2026, 15:00 UTC.
NOW = 1772463600.0
BUSY = Signal("kernel_busy", lasting=2530.0, about="train.ipynb")
QUIET = Signal("kernel_message", ago=130.0, about="train.ipynb")


@pytest.mark.parametrize(
    ("after", "hour"),
    [
        (0, "15:00 UTC"),
        (9600, "17:40 UTC"),
        (11 * 3600, "02:00 UTC"),
        (12 * 3600, "3 Mar 03:00 UTC"),
        (90 * 86400, "31 May 15:00 UTC"),
    ],
)
def test_an_hour_has_its_day_where_that_is_not_plain(after: float, hour: str) -> None:
    assert at_hour(NOW + after, NOW) == hour


@pytest.mark.parametrize(
    ("verdict", "at", "words"),
    [
        (
            Verdict(alive=(BUSY,)),
            "17:40 UTC",
            "Alive because the kernel train.ipynb has been busy for 42m;"
            " would pause at 17:40 UTC otherwise.",
        ),
        (Verdict(alive=(BUSY,)), "", "Alive because the kernel train.ipynb has been busy for 42m."),
        (
            Verdict(last=QUIET, idle_for=130.0, acts_in=60.0),
            "17:40 UTC",
            "Idle: the kernel train.ipynb was last heard 2m ago. It will pause at 17:40 UTC.",
        ),
        (
            Verdict(last=QUIET, idle_for=130.0),
            "",
            "Idle: the kernel train.ipynb was last heard 2m ago. Nothing is done about it.",
        ),
        (
            Verdict(last=QUIET, idle_for=130.0, acts_in=-5.0),
            "",
            "Idle: the kernel train.ipynb was last heard 2m ago.",
        ),
    ],
    ids=["busy", "no-policy", "idle", "idle-no-policy", "due"],
)
def test_the_sentence(verdict: Verdict, at: str, words: str) -> None:
    assert sentence(verdict, "pause", at) == words
