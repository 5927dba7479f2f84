"""Values for the audit log, which is kept for ever: what looks like a credential is not in it. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from runtiles.values.environment import names_a_credential
from runtiles.values.secret_refs import is_reference

MASK = "•••"
#: `--token=…`, `PASSWORD=…` in a command or a script, and `user:password@` in an address. Each word is
#: looked at once, from its beginning: a long script must not keep the service busy.
_ASSIGNED = re.compile(
    r"(?i)(?<![\w-])(?=[\w-]*(?:token|password|passwd|secret|api[_-]?key))([\w-]+(?:\s*=\s*|:\s+))"
    r"(?!secret:)(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)"
)
_IN_ADDRESS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")


def masked(value: Any) -> Any:
    """JSON-able data with every value masked that looks like a credential."""
    if isinstance(value, str):
        return _IN_ADDRESS.sub(rf"\1{MASK}@", _ASSIGNED.sub(rf"\1{MASK}", value))
    if isinstance(value, list):
        return _arguments([masked(item) for item in value])
    if isinstance(value, Mapping):
        return {name: _variable(name, item) for name, item in value.items()}
    return value


def _variable(name: Any, value: Any) -> Any:
    hidden = isinstance(value, str) and not is_reference(value)
    if hidden and names_a_credential(str(name), value):
        return MASK
    return masked(value)


def _arguments(items: list[Any]) -> list[Any]:
    """`--token VALUE`: the name and the value are two arguments."""
    return [
        MASK if index and _names_one(items[index - 1]) else item for index, item in enumerate(items)
    ]


def _names_one(argument: Any) -> bool:
    name = argument.lstrip("-").replace("-", "_") if isinstance(argument, str) else ""
    return bool(name) and argument.startswith("-") and names_a_credential(name, "x")
