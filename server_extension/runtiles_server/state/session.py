"""What the functions that rebuild objects know about the load they are part of."""

import builtins
import sys
import types
from contextlib import contextmanager
from functools import wraps
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Set, Tuple, TypeVar

from .placeholders import Lost, describe, explain, is_placeholder

_ABSENT: Any = object()


class Later:
    """Steps that can only be taken when everything is there, each for the variable it belongs to."""

    def __init__(self, load: "Loading") -> None:
        self._load = load
        self._steps: List[Tuple[str, Callable[[], Any]]] = []

    def append(self, step: Callable[[], Any]) -> None:
        self._steps.append((self._load.variable, step))

    def run(self) -> None:
        steps, self._steps = self._steps, []
        for self._load.variable, step in steps:
            step()
        self._load.variable = ""


class Loading:
    """One load: the live namespace, and what went wrong so far."""

    def __init__(self, namespace: Dict[str, Any], local_modules: Optional[Dict[str, str]] = None):
        self.namespace = namespace
        self.local_modules = local_modules or {}
        self.variable = ""
        self.whole = True
        #: While it is set, what is lost is made again by other means.
        self.silent = False
        self.lost: List[Tuple[str, Lost, Any]] = []
        self.notes: List[str] = []
        self.later = Later(self)
        self._before: Dict[str, Any] = {}
        self.bound: Dict[str, Any] = {}

    def bind(self, name: str, value: Any) -> None:
        """At once: what comes next in the snapshot may run code that looks the name up."""
        if name not in self.bound:
            self._before[name] = self.namespace.get(name, _ABSENT)
        self.bound[name] = self.namespace[name] = value

    def unbind(self, names: Iterable[str]) -> None:
        """As it was before."""
        for name in list(names):
            before = self._before.pop(name)
            del self.bound[name]
            if before is _ABSENT:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = before

    def lose(self, kind: str, reason: str, at: Any = None) -> Lost:
        """`at` is the object that is there, if it is not the placeholder."""
        lost = Lost(kind, reason)
        if not self.silent:
            self.lost.append((self.variable, lost, lost if at is None else at))
        return lost

    def lost_whole(self, values: Dict[str, Any]) -> Set[str]:
        """Names whose value is a placeholder, or what could not be filled."""
        found = {name for name, value in values.items() if is_placeholder(value)}
        whole = (name for name, _, at in self.lost if name in values and values[name] is at)
        return found.union(whole)


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


class Signal:
    """Around what may be lost without a word: it is there to be used if it can be."""

    def __init__(self, silent: bool) -> None:
        self.silent = silent

    def __reduce__(self) -> Any:
        return signalled, (self.silent,)


def signalled(silent: bool) -> None:
    current().silent = silent


def lost_by(error: BaseException, what: Any, at: Any = None) -> Lost:
    """The placeholder for what could not be rebuilt. An interrupt by the user is not swallowed.

    `what` is the object, its type or the name of that.
    """
    if isinstance(error, KeyboardInterrupt):
        raise error
    if not isinstance(what, str):
        what = describe(what) if isinstance(what, type) else describe(type(what))
    return current().lose(what, explain(error), at)


F = TypeVar("F", bound=Callable[..., Any])


def making(function: F) -> F:
    """For a function that makes an object: what raises in it costs that object only."""

    @wraps(function)
    def guarded(*args: Any) -> Any:
        lost = next((each for each in args if isinstance(each, Lost)), None)
        try:
            return function(*args) if lost is None else lost
        except BaseException as error:  # noqa: BLE001 - even SystemExit
            return lost_by(error, function.__name__.partition("_")[2])

    return guarded  # type: ignore[return-value]


def filling(function: F) -> F:
    """For a function that gives an object its state: nothing is done to a lost one."""

    @wraps(function)
    def guarded(obj: Any, state: Any) -> None:
        if not isinstance(obj, Lost):
            try:
                function(obj, state)
            except BaseException as error:  # noqa: BLE001 - even SystemExit
                lost_by(error, obj, obj)

    return guarded  # type: ignore[return-value]


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
