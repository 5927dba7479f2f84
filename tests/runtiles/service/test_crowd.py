"""How many may be inside."""

import pytest

from runtiles.contract.errors import LimitReached
from runtiles.service.crowd import Crowd


def test_each_has_room_of_their_own_and_gets_it_back() -> None:
    crowd = Crowd(2, "doors")
    with crowd.inside("ann"):
        crowd.enter("ann")
        with pytest.raises(LimitReached, match="2 doors"):
            crowd.enter("ann")
        crowd.enter("bob")
    crowd.enter("ann")
    with pytest.raises(LimitReached):
        crowd.enter("ann")
    for name in ("ann", "ann", "bob"):
        crowd.leave(name)
    with crowd.inside("ann"):
        crowd.enter("ann")
