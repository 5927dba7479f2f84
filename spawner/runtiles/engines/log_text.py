"""Text out of a container's log as the engine sends it. Pure."""

import codecs
import struct

_HEADER = struct.Struct(">BxxxL")
#: A longer line is given in pieces, so that a program without line ends cannot fill the memory.
_LONGEST = 64 * 1024


class Frames:
    """Takes off the headers with which the engine marks stdout and stderr in one stream.

    A container with a terminal has none: `plain` passes everything through.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._rest = b""
        self._left = 0

    def feed(self, data: bytes) -> bytes:
        """What the program wrote, as far as it is there."""
        if self._plain:
            return data
        data, self._rest, parts = self._rest + data, b"", []
        while data:
            if self._left:
                part, data = data[: self._left], data[self._left :]
                self._left -= len(part)
                parts.append(part)
            elif len(data) < _HEADER.size:
                self._rest, data = data, b""
            else:
                self._left = _HEADER.unpack_from(data)[1]
                data = data[_HEADER.size :]
        return b"".join(parts)


class Lines:
    """Whole lines of text, without line ends; bytes that are no UTF-8 become replacement marks."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""

    def feed(self, data: bytes) -> list[str]:
        *lines, self._rest = (self._rest + self._decode(data)).split("\n")
        if len(self._rest) > _LONGEST:
            lines.append(self._rest)
            self._rest = ""
        return [line.rstrip("\r") for line in lines]

    def end(self) -> list[str]:
        """The last line, if it has no end."""
        rest = self._rest + self._decode(b"", True)
        return [rest.rstrip("\r")] if rest else []
