"""A service of another age is called that, and by its version."""

import pytest

from runtiles.cli.refusals import misunderstanding
from runtiles.contract.protocol import HEADER_PROTOCOL, HEADER_VERSION, PROTOCOL_VERSION

URL = "https://hub.example/services/runtiles/api"


@pytest.mark.parametrize("theirs", [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1])
def test_another_protocol_is_refused_with_the_version_to_install(theirs: int) -> None:
    found = misunderstanding({HEADER_PROTOCOL: str(theirs), HEADER_VERSION: "9.8.7"}, URL)
    assert found is not None
    assert "https://hub.example" in str(found)
    assert f"protocols {theirs} and {PROTOCOL_VERSION}" in str(found)
    assert "9.8.7" in found.hint


def test_the_same_protocol_and_whoever_says_none_are_understood() -> None:
    newer = {HEADER_PROTOCOL: str(PROTOCOL_VERSION), HEADER_VERSION: "99.0"}
    assert misunderstanding(newer, URL) is None
    assert misunderstanding({}, URL) is None
