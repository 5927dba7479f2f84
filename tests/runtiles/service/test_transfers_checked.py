"""What the source of a transfer says becomes part of what its target is asked: not every text may."""

from typing import Any

import pytest

from runtiles.service.runtimes.gateway import RuntimeRefused
from runtiles.service.runtimes.transfers import checked

GIVEN = {"id": "ab" * 16, "ticket": "t-_1", "urls": ["http://10.0.0.1:8888/user/ada/"]}


def test_what_is_right_is_taken() -> None:
    assert checked(GIVEN) == (GIVEN["id"], GIVEN["ticket"], GIVEN["urls"])
    assert len(checked({**GIVEN, "urls": ["http://a"] * 1000})[2]) < 10


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "../kernels/one/restart#"},
        {"id": "ab" * 16 + "\n"},
        {"id": None},
        {"ticket": "a\r\nb"},
        {"ticket": {}},
        {"urls": "http://a"},
        {"urls": [{}]},
    ],
)
def test_what_is_not_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(RuntimeRefused):
        checked({**GIVEN, **odd})
