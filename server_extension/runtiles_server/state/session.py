"""What the functions that rebuild objects know about the load they are part of."""

import builtins
import sys
import types
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional

from .placeholders import Lost, describe, explain


class Loading:
    """One load: the live namespace, and what went wrong so far."""

    def __init__(self, namespace: Dict[str, Any], local_modules: Optional[Dict[str, str]] = None):
        self.namespace = namespace
        self.local_modules = local_modules or {}
        self.lost: List[Lost] = []
        self.notes: List[str] = []

    def lose(self, kind: str, reason: str) -> Lost:
        lost = Lost(kind, reason)
        self.lost.append(lost)
        return lost


_current: List[Loading] = []


@contextmanager
def loading(load: Loading) -> Iterator[Loading]:
    _current.append(load)
    try:
        yield load
    finally:
        _current.pop()


def current() -> Loading:
    return _current[-1]


def lost_by(error: BaseException, what: Any) -> Lost:
    """The placeholder for what could not be rebuilt. An interrupt by the user is not swallowed."""
    if isinstance(error, KeyboardInterrupt):
        raise error
    kind = describe(what) if isinstance(what, type) else describe(type(what))
    return current().lose(kind, explain(error))


def known(name: str) -> Any:
    """One of the dictionaries that every session has and that are never copied."""
    if name == "namespace":
        return current().namespace
    if name == "builtins":
        return vars(builtins)
    return sys.modules.get("__main__") or types.ModuleType("__main__")


class Known:
    """Is saved as the name of one of them."""

    def __init__(self, name: str) -> None:
        self.name = name
