"""How far an end may be moved."""

import pytest

from runtiles.service.idle.caps import may_extend


@pytest.mark.parametrize(
    ("expires", "latest", "expected"),
    [
        (None, None, None),
        (None, 500.0, None),
        (100.0, None, {"max_seconds": None}),
        (100.0, 500.0, {"max_seconds": 400}),
        (100.0, 100.4, None),
        (600.0, 500.0, None),
    ],
)
def test_what_is_left_of_the_cap(
    expires: float | None, latest: float | None, expected: object
) -> None:
    assert may_extend(expires, latest) == expected
