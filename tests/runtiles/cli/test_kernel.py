"""What comes over a kernel's websocket, and which runtime and duration are meant."""

import json

import pytest

from runtiles.cli.commands.url import seconds
from runtiles.cli.errors import BadUsage
from runtiles.cli.kernel import Address, decode


def test_a_message_with_binary_parts_is_one_all_the_same() -> None:
    message = {"header": {"msg_type": "stream"}, "content": {}}
    text = json.dumps(message).encode()
    assert decode(text.decode()) == message
    assert decode(text) == message
    part = b"\0\1\2\3"
    starts = [12, 12 + len(text)]
    frame = b"".join(number.to_bytes(4, "big") for number in (2, *starts)) + text + part
    assert decode(frame) == message
    alone = b"".join(number.to_bytes(4, "big") for number in (1, 8)) + text
    assert decode(alone) == message


@pytest.mark.parametrize("data", ["", b"", b"\0\0"])
def test_an_empty_frame_is_no_message(data: object) -> None:
    assert decode(data) is None


def test_an_address_keeps_its_token_to_itself() -> None:
    address = Address("https://hub.example.org/user/ada/lab/", "sesame")
    assert "sesame" not in repr(address)
    assert not address.on_this_machine
    assert Address("http://127.0.0.1:8888/user/ada/", "").on_this_machine


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("90s", 90), ("30m", 1800), (" 8H ", 28800), ("1d", 86400), ("1 h", 3600)],
)
def test_durations(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "h", "1.5h", "-1h", "1w", "1h30m", "soon"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(BadUsage):
        seconds(text)
