"""What a runtime says is written by whoever runs programs in it: how much of it is taken. Pure."""

import json
import re
from typing import Any

#: The lists of a hundred thousand variables are some megabytes.
MOST_BYTES = 32 * 1024 * 1024
#: Of an error: it is stored, and shown wherever the runtime is.
MOST_ERROR = 256 * 1024
_MOST_THINGS = 2_000_000
_MOST_TEXT = 2000
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def parsed(body: bytes) -> Any:
    """The JSON. Raises ValueError, also for what would take many times its size of memory."""
    if len(body) > MOST_BYTES or body.count(b"[") + body.count(b"{") > _MOST_THINGS:
        raise ValueError("it is too large")
    try:
        return json.loads(body, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is too deep") from None


def line(value: Any) -> str:
    """One line of a log or a page, whatever it was; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:_MOST_TEXT]).strip()


def code(value: Any, otherwise: str) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else otherwise


def _no_number(text: str) -> None:
    raise ValueError(text)
