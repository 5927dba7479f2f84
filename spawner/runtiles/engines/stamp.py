"""Copies its standard input to its output and puts the time before each line. A program of its own.

It outlives the Hub and ends with the last process that writes to it. Started by its path, with Python's
standard library alone, because it begins whenever a runtime does.
"""

import os
import time
from collections.abc import Iterator

_BLOCK = 64 * 1024
_LEAST_STEP_S = 1e-6


class Stamper:
    """Times rise from line to line, so that a reader can say after which one it goes on."""

    def __init__(self) -> None:
        self._rest = b""
        self._last = 0.0

    def feed(self, data: bytes) -> bytes:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _BLOCK:
            lines.append(self._rest)
            self._rest = b""
        return b"".join(self._stamped(lines))

    def end(self) -> bytes:
        return b"".join(self._stamped([self._rest] if self._rest else []))

    def _stamped(self, lines: list[bytes]) -> Iterator[bytes]:
        for line in lines:
            self._last = max(time.time(), self._last + _LEAST_STEP_S)
            yield b"%.6f %s\n" % (self._last, line)


def main() -> None:
    stamper = Stamper()
    while data := os.read(0, _BLOCK):
        _write(stamper.feed(data))
    _write(stamper.end())


def _write(data: bytes) -> None:
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError:
        # A full disk costs the log, not the runtime: what cannot be written is read all the same.
        return


if __name__ == "__main__":
    main()
