"""Logs: frames and lines, cut anywhere."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from runtiles.engines.log_text import Frames, Lines


def frame(stream: int, payload: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(payload)) + payload


@given(st.lists(st.tuples(st.integers(1, 2), st.binary())), st.lists(st.integers(0, 200)))
def test_frames_come_apart_wherever_they_are_cut(
    frames: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    data = b"".join(frame(stream, payload) for stream, payload in frames)
    reader, out = Frames(), b""
    for cut in cuts:
        out += reader.feed(data[:cut])
        data = data[cut:]
    out += reader.feed(data)
    assert out == b"".join(payload for _, payload in frames)


def test_a_terminal_has_no_frames() -> None:
    assert Frames(plain=True).feed(b"\x01\x00") == b"\x01\x00"


@given(st.text(alphabet="aé\u20ac\n"), st.lists(st.integers(0, 20)))
def test_lines_come_apart_wherever_they_are_cut(text: str, cuts: list[int]) -> None:
    data, reader, out = text.encode(), Lines(), []
    for cut in cuts:
        out += reader.feed(data[:cut])
        data = data[cut:]
    out += reader.feed(data) + reader.end()
    expected = text.split("\n")
    assert out == (expected if expected[-1] else expected[:-1])


def test_bytes_that_are_no_text_and_line_ends_of_terminals() -> None:
    reader = Lines()
    assert reader.feed(b"a\xff\r\nb") == ["a\ufffd"]
    assert reader.end() == ["b"]


def test_a_line_without_end_is_given_in_pieces() -> None:
    reader = Lines()
    given_out = sum(len(line) for _ in range(100) for line in reader.feed(b"x" * 10_000))
    assert given_out > 900_000
