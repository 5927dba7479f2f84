"""What may be asked of a transfer."""

import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles_server.transfer.wanted import Wanted


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "a.b", "class", "__builtins__", "__name__", "a\n"]
)
def test_no_variable_gets_a_name_that_none_can_have(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Wanted.read({"rename": {"x": name}})
    assert "rename" in caught.value.details["fields"]


@pytest.mark.parametrize("name", ["y", "_y", "__y", "größe", "print"])
def test_any_other_is_fine(name: str) -> None:
    assert Wanted.read({"rename": {"x": name}}).rename == {"x": name}
