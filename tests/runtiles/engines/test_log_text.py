"""Logs: frames, times and lines, cut anywhere."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.engines.log_text import Frame, Frames, StampedLines
from runtiles.values.loglines import LogLine

STAMP = b"2026-11-21T01:02:03.500000000Z "
AT = 1795222923.5


def frame(stream: int, payload: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(payload)) + payload


@given(st.lists(st.tuples(st.integers(1, 2), st.binary())), st.lists(st.integers(0, 200)))
def test_frames_come_apart_wherever_they_are_cut(
    frames: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    data = b"".join(frame(stream, payload) for stream, payload in frames)
    reader, out = Frames(), list[Frame]()
    for cut in cuts:
        out += reader.feed(data[:cut])
        data = data[cut:]
    out += reader.feed(data)
    assert out == frames


@pytest.mark.parametrize("terminal", [True, False])
@given(st.text(alphabet="aé\u20ac"), st.text(alphabet="bé"), st.lists(st.integers(0, 20)))
def test_lines_come_apart_wherever_they_are_cut(
    terminal: bool, one: str, two: str, cuts: list[int]
) -> None:
    parts = [STAMP + text.encode() + b"\n" for text in (one, two)]
    data = b"".join(parts if terminal else (frame(1, part) for part in parts))
    reader, out = StampedLines(terminal=terminal), list[LogLine]()
    for cut in cuts:
        out += reader.feed(data[:cut])
        data = data[cut:]
    out += reader.feed(data) + reader.end()
    assert out == [LogLine(AT, one), LogLine(AT, two)]


def test_a_long_line_that_the_engine_cut_is_one_line_again() -> None:
    reader = StampedLines()
    assert reader.feed(frame(1, STAMP + b"one ")) == []
    assert reader.feed(frame(2, STAMP + b"an error\n")) == [LogLine(AT, "an error")]
    later = STAMP.replace(b"03.5", b"04.5")
    assert reader.feed(frame(1, later + b"line\n")) == [LogLine(AT, "one line")]


def test_bytes_that_are_no_text_and_line_ends_of_terminals() -> None:
    reader = StampedLines(terminal=True)
    assert reader.feed(STAMP + b"a\xff\r\n" + STAMP + b"b") == [LogLine(AT, "a\ufffd")]
    assert reader.end() == [LogLine(AT, "b")]


def test_a_line_without_end_is_given_in_pieces() -> None:
    reader = StampedLines()
    data = frame(1, STAMP + b"x" * 10_000)
    given_out = sum(len(line.text) for _ in range(100) for line in reader.feed(data))
    assert given_out > 900_000


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        (b"2026-11-21T01:02:03Z ", 1795222923.0),
        (b"2026-11-21T03:02:03.25+02:00 ", 1795222923.25),
        (b"2026-11-20T20:32:03-04:30 ", 1795222923.0),
        (b"not a time ", 0.0),
    ],
)
def test_times_as_engines_write_them(stamp: bytes, seconds: float) -> None:
    (line,) = StampedLines().feed(frame(1, stamp + b"x\n"))
    assert line.at == seconds
    assert line.text == ("x" if seconds else "not a time x")
