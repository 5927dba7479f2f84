"""Names as people type them: whole, or any beginning that fits one only. Pure."""

import difflib
from typing import Iterable, List

from .errors import CliError

_LISTED = 8


class NoSuchName(CliError):
    code = "not_found"


class AmbiguousName(CliError):
    code = "ambiguous"


def pick(typed: str, known: Iterable[str], kind: str) -> str:
    """The one that is meant: the same name, else the only one that begins so.

    Raises NoSuchName with the likeliest meant one, AmbiguousName with those that fit.
    """
    names = sorted(set(known))
    if typed in names:
        return typed
    fitting = [name for name in names if typed and name.startswith(typed)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise AmbiguousName(
            f"{typed!r} fits several {plural(kind)}: {listed(fitting)}.", hint="Type more of it."
        )
    raise NoSuchName(f"There is no {kind} {typed!r}.{meant(typed, names)}", hint=_hint(kind, names))


def meant(typed: str, known: Iterable[str]) -> str:
    """A question for the end of a message, or nothing."""
    close = difflib.get_close_matches(typed, list(known), 1, 0.6) if len(typed) <= 100 else []
    return f" Did you mean {close[0]!r}?" if close else ""


def listed(names: List[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def plural(kind: str) -> str:
    return f"{kind}s"


def counted(number: int, kind: str) -> str:
    """`1 kernel`, `2 kernels`."""
    return f"{number:,} {kind if number == 1 else plural(kind)}"


def _hint(kind: str, names: List[str]) -> str:
    return f"Known {plural(kind)}: {listed(names)}." if names else f"There are no {plural(kind)}."
