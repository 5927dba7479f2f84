"""What a command asks a person, and what it does where there is nobody to ask."""

import getpass
import sys
from pathlib import Path
from typing import Optional

import typer

from .errors import BadUsage


def confirmed(question: str, yes: bool) -> bool:
    """True for `--yes`. Raises BadUsage where nobody can answer; False for no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise BadUsage(f"{question} Nobody is here to ask.", hint="Add --yes.")
    return bool(typer.confirm(question, err=True))


def hidden(question: str, *, file: Optional[Path] = None, from_stdin: bool = False) -> str:
    """Something that must never be an argument: typed without echo, read from a file or a pipe.

    Of a pipe one line end is dropped at the end, which `echo` adds; a file is taken as it is.
    Raises BadUsage.
    """
    if file is not None and str(file) != "-":
        return _read(file)
    if from_stdin or file is not None or not sys.stdin.isatty():
        text = sys.stdin.read()
        return text[:-1] if text.endswith("\n") else text
    try:
        # Turns the echo off before it asks: nothing that is typed at once is seen.
        return getpass.getpass(f"{question}: ", sys.stderr)
    except EOFError:
        raise BadUsage("Nothing was typed.") from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise BadUsage(f"{file} cannot be read: {reason}.") from None
