"""Before any field is looked at: is this JSON of a sane size? Anything may come in here."""

import math
from collections.abc import Mapping
from typing import Any

from runtiles.values.text import is_text, shown

#: Deeper than any field goes.
MAX_DEPTH = 6
MAX_CHARACTERS = 300_000
MAX_ENTRIES = 2_000
#: More keys than this on the top level are not worth a message each.
MAX_FIELDS = 50


def refused(options: Any) -> dict[str, str]:
    """The top-level fields (or `options` as a whole) that are no sane JSON, each with a message."""
    if not isinstance(options, Mapping):
        return {"options": f"must be an object, not {shown(options)}"}
    if len(options) > MAX_FIELDS:
        return {"options": f"must not have more than {MAX_FIELDS} keys"}
    found: dict[str, str] = {}
    for key, value in options.items():
        if not isinstance(key, str) or not is_text(key):
            return {"options": "every key must be text"}
        text = _Walk().problem(value)
        if text:
            found[key[:100]] = text
    return found


def without_blanks(value: Any) -> Any:
    """Without what is null, blank or an empty object: all of these say "not asked for".

    The values of an environment stay: an empty variable is not an unset one.
    """
    if isinstance(value, Mapping):
        kept = {k: v if k == "environment" else without_blanks(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if not _blank(v)}
    return value


class _Walk:
    """Counts on the way, so that neither depth nor width of the input costs much."""

    def __init__(self) -> None:
        self._entries = 0
        self._characters = 0

    def problem(self, value: Any, depth: int = 1) -> str:
        self._entries += 1
        if depth > MAX_DEPTH:
            return "is nested too deeply"
        if isinstance(value, str):
            self._characters += len(value)
            if not is_text(value):
                return "must be valid Unicode text without NUL"
        elif isinstance(value, Mapping):
            return self._first_problem([*value.keys(), *value.values()], depth)
        elif isinstance(value, (list, tuple)):
            return self._first_problem(value, depth)
        elif isinstance(value, float) and not math.isfinite(value):
            return "must be a finite number"
        elif isinstance(value, int) and abs(value) >= 2**63:
            return "must be a smaller number"
        elif value is not None and not isinstance(value, (bool, int, float)):
            return f"must be JSON, not {shown(value)}"
        return "" if self._characters <= MAX_CHARACTERS else "is too long"

    def _first_problem(self, values: Any, depth: int) -> str:
        if len(values) + self._entries > MAX_ENTRIES:
            return f"has more than {MAX_ENTRIES} entries"
        problems = (self.problem(value, depth + 1) for value in values)
        return next((text for text in problems if text), "")


def _blank(value: Any) -> bool:
    return value is None or value in ({}, []) or (isinstance(value, str) and not value.strip())
