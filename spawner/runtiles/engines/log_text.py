"""Lines out of a container's log as the engine sends it with time stamps. Pure."""

import re
import struct
from calendar import timegm
from functools import lru_cache
from typing import NamedTuple

from runtiles.values.loglines import LogLine

_HEADER = struct.Struct(">BxxxL")
#: A longer line is given in pieces, so that a program without line ends cannot fill the memory.
LONGEST = 64 * 1024
#: As engines write it: `2026-11-21T01:02:03.123456789Z `, or with an offset.
_STAMP = re.compile(
    rb"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d)) "
)


class Frame(NamedTuple):
    """One message of the program: a line, or a part of a long one. `stream`: 1 stdout, 2 stderr."""

    stream: int
    data: bytes


class Frames:
    """Takes off the headers with which the engine marks stdout and stderr in one stream."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The messages that are complete. The engine cuts them at 16 KiB."""
        data, place, found = self._rest + data, 0, []
        while len(data) - place >= _HEADER.size:
            stream, length = _HEADER.unpack_from(data, place)
            end = place + _HEADER.size + length
            if end > len(data):
                break
            found.append(Frame(stream, data[place + _HEADER.size : end]))
            place = end
        self._rest = data[place:]
        return found


class _Terminal:
    """The log of a container with a terminal has no headers: a line is a message."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [Frame(1, line + b"\n") for line in lines]

    def end(self) -> list[Frame]:
        rest, self._rest = self._rest, b""
        return [Frame(1, rest)] if rest else []


class StampedLines:
    """Whole lines of text with their times; bytes that are no UTF-8 become replacement marks."""

    def __init__(self, *, terminal: bool = False) -> None:
        self._terminal = _Terminal() if terminal else None
        self._frames = self._terminal or Frames()
        #: By stream: the time and the beginning of a line that has not ended.
        self._open: dict[int, tuple[float, bytes]] = {}
        self._last = 0.0

    def feed(self, data: bytes) -> list[LogLine]:
        return [line for frame in self._frames.feed(data) for line in self._lines(frame)]

    def end(self) -> list[LogLine]:
        """The last lines, if they have no end."""
        frames = self._terminal.end() if self._terminal else []
        found = [line for frame in frames for line in self._lines(frame)]
        begun = sorted(self._open.values())
        self._open.clear()
        return found + [_line(at, data) for at, data in begun]

    def _lines(self, frame: Frame) -> list[LogLine]:
        at, data = self._stamp(frame.data)
        if frame.stream in self._open:
            at, begun = self._open.pop(frame.stream)
            data = begun + data
        *whole, rest = data.split(b"\n")
        if len(rest) > LONGEST:
            whole.append(rest)
            rest = b""
        if rest:
            self._open[frame.stream] = (at, rest)
        return [_line(at, line) for line in whole]

    def _stamp(self, data: bytes) -> tuple[float, bytes]:
        """A message without a stamp (an engine that gives none) is as old as the one before it."""
        match = _STAMP.match(data)
        if match is None:
            return self._last, data
        self._last = _seconds(match)
        return self._last, data[match.end() :]


def _line(at: float, data: bytes) -> LogLine:
    return LogLine(at, data.decode(errors="replace").rstrip("\r"))


def _seconds(match: re.Match[bytes]) -> float:
    year, month, day, hour, minute, second, part, sign, hours, minutes = match.groups()
    at = _day(year, month, day) + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        away = int(hours) * 3600 + int(minutes) * 60
        at += away if sign == b"-" else -away
    return at + float(part or 0)


@lru_cache(maxsize=8)
def _day(year: bytes, month: bytes, day: bytes) -> int:
    return timegm((int(year), int(month), int(day), 0, 0, 0))
