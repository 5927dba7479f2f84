"""Where in a variable an object sits, as a person would write it."""

import types
from collections import deque
from typing import Any, Deque, Dict, Iterator, Set, Tuple

from .reducers.references import find

_MOST = 200_000


def paths(name: str, root: Any, wanted: Set[int]) -> Dict[int, str]:
    """Maps the id of each wanted object to the shortest way to it; not found is left out.

    Looks at no more than 200,000 objects and runs no code of theirs.
    """
    found: Dict[int, str] = {}
    seen: Set[int] = set()
    waiting: Deque[Tuple[str, Any]] = deque([(name, root)])
    while waiting and len(found) < len(wanted) and len(seen) < _MOST:
        path, each = waiting.popleft()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if id(each) in wanted:
            found[id(each)] = path
        waiting.extend((path + step, child) for step, child in _children(each))
    return found


def _children(each: Any) -> Iterator[Tuple[str, Any]]:
    kind = type(each)
    if kind in (str, bytes, int, float, bool, type(None), types.ModuleType):
        return
    if issubclass(kind, dict):
        for key, value in dict.items(each):
            yield f"[{_short(key)}]", value
            yield ".<key>", key
    elif issubclass(kind, (list, tuple, deque)):
        for index, value in enumerate(kind.__iter__(each) if kind is deque else _plain(each)):
            yield f"[{index}]", value
    elif issubclass(kind, (set, frozenset)):
        for value in set(each) if kind in (set, frozenset) else ():
            yield ".<item>", value
    elif kind.__name__ == "ndarray" and each.dtype.kind == "O":
        for index, value in enumerate(each.ravel().tolist()):
            yield f"[{index}]", value
    yield from _parts(kind, each)


def _plain(each: Any) -> Iterator[Any]:
    return list.__iter__(each) if isinstance(each, list) else tuple.__iter__(each)


def _parts(kind: type, each: Any) -> Iterator[Tuple[str, Any]]:
    if kind is types.FunctionType:
        for name, cell in zip(each.__code__.co_freevars, each.__closure__ or ()):
            yield f".<{name}>", cell
        yield from ((f".{key}", value) for key, value in vars(each).items())
        yield ".__defaults__", each.__defaults__
    elif kind is types.CellType:
        if repr(each).endswith("empty>"):
            return
        yield "", each.cell_contents
    elif issubclass(kind, type):
        yield from (
            (f".{key}", value) for key, value in type.__getattribute__(each, "__dict__").items()
        )
    elif isinstance(find(kind, "__dict__"), types.GetSetDescriptorType):
        attributes = object.__getattribute__(each, "__dict__")
        yield from ((f".{key}", value) for key, value in dict(attributes).items())


def _short(key: Any) -> str:
    plain = type(key) in (str, int, float, bool, bytes, type(None))
    return repr(key)[:60] if plain else "…"
