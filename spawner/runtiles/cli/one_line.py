"""Something that goes on, in one line: written over on a terminal, a new line in a pipe."""

import shutil
import sys
from typing import Optional, TextIO

from .output import is_terminal
from .terminal import clean

_ERASE = "\r\x1b[K"


class OneLine:
    """On standard error. `end` it before anything else is said."""

    def __init__(self, stream: Optional[TextIO] = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._over = is_terminal(self._stream)
        self._shown = ""

    def show(self, text: str) -> None:
        text = clean(text).replace("\n", " ")
        if text == self._shown:
            return
        self._shown = text
        if self._over:
            # A line that wraps could not be written over.
            room = shutil.get_terminal_size().columns - 1
            self._stream.write(_ERASE + text[:room])
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        """Takes the line away from a terminal."""
        if self._over and self._shown:
            self._stream.write(_ERASE)
            self._stream.flush()
        self._shown = ""
