"""What a command says: answers to standard output and remarks to standard error, so that a pipe gets
the answer alone.
"""

import json
import re
import sys
from typing import Any, Mapping, TextIO

from .terminal import clean

_C1 = re.compile(r"[\x7f-\x9f]")


def pairs(found: Mapping[str, str]) -> None:
    """Names and values under each other; what is empty is left out."""
    shown = {name: text for name, text in found.items() if text}
    width = max((len(name) for name in shown), default=0)
    for name, text in shown.items():
        lines = clean(text).splitlines() or [""]
        say(f"{name:<{width}}  {lines[0]}")
        for line in lines[1:]:
            say(f"{'':<{width}}  {line}")


def show_json(value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=not _speaks_unicode(sys.stdout))
    # JSON leaves these as they are, and some terminals take them for the beginning of a command.
    write(_C1.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def say(text: str) -> None:
    write(f"{text}\n")


def note(text: str) -> None:
    """To standard error: for the person, not for a pipe."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
