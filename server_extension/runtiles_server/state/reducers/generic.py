"""Any object, by its own `__reduce_ex__`, guarded when it is saved and when it is loaded."""

import copyreg
import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, Optional, Tuple

from ..placeholders import Lost
from ..session import lost_by
from .references import by_reference, find

if TYPE_CHECKING:
    from ..pickler import Reducing

_GUARDS_AGAINST = (
    "__setstate__", "__getnewargs__", "__getnewargs_ex__", "__getattr__", "__copyreg__",
)  # fmt: skip
_OBJECT_GETSTATE = getattr(object, "__getstate__", None)


def is_plain(kind: type, sample: Any) -> bool:
    """Whether instances are nothing but a class and a `__dict__`: no code of theirs can interfere."""
    if kind in copyreg.dispatch_table or kind.__base__ is None:
        return False
    own = [each for each in kind.__mro__ if each is not object]
    changed = (
        kind.__reduce_ex__ is not object.__reduce_ex__
        or kind.__reduce__ is not object.__reduce__
        or kind.__new__ is not object.__new__
        or kind.__getattribute__ is not object.__getattribute__
        or getattr(kind, "__getstate__", None) is not _OBJECT_GETSTATE
        or any(name in vars(each) for each in own for name in _GUARDS_AGAINST)
        or any(vars(each).get("__slots__") for each in own)
        or any("__class__" in vars(each) or "__dict__" in _shadows(each) for each in own)
    )
    if changed:
        return False
    try:
        return object.__reduce_ex__(sample, 5)[0] is copyreg.__newobj__  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - then it is not plain
        return False


def _shadows(kind: type) -> Tuple[str, ...]:
    found = vars(kind).get("__dict__")
    return () if found is None or type(found).__name__ == "getset_descriptor" else ("__dict__",)


def reduce_any(pickler: "Reducing", obj: Any) -> Any:
    """As pickle would, but with every step that runs foreign code on loading wrapped in a guard."""
    reduced = _ask(obj)
    if isinstance(reduced, str):
        return _named(obj, reduced)
    make, args, state, items, entries, setter = _checked(reduced)
    head = (guarded_new, (type(obj), make, args))
    if state is None and items is None and entries is None:
        return head
    packed = (state, _listed(items), _listed(entries), setter)
    return (*head, packed, None, None, guarded_set)


def _ask(obj: Any) -> Any:
    kind = type(obj)
    with warnings.catch_warnings():
        # The iterators of itertools announce that they will lose this; until then it works.
        warnings.simplefilter("ignore", DeprecationWarning)
        registered = copyreg.dispatch_table.get(kind)
        return registered(obj) if registered else kind.__reduce_ex__(obj, 5)


def _named(obj: Any, name: str) -> Any:
    module = getattr(obj, "__module__", None) or pickle.whichmodule(obj, name)
    return by_reference(module, name, obj)


def _checked(reduced: Any) -> Tuple[Callable[..., Any], Tuple[Any, ...], Any, Any, Any, Any]:
    if not isinstance(reduced, tuple) or not 2 <= len(reduced) <= 6:
        raise pickle.PicklingError("its __reduce__ gives neither a name nor a tuple of two to six")
    make, args, state, items, entries, setter = (*reduced, None, None, None, None)[:6]
    if not callable(make) or not isinstance(args, tuple):
        raise pickle.PicklingError("its __reduce__ does not begin with a callable and a tuple")
    return make, args, state, items, entries, setter


def _listed(items: Any) -> Any:
    return None if items is None else list(items)


def guarded_new(kind: type, make: Callable[..., Any], args: Tuple[Any, ...]) -> Any:
    try:
        return make(*args)
    except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
        return lost_by(error, kind)


def guarded_set(obj: Any, packed: Tuple[Any, Any, Any, Optional[Callable[..., Any]]]) -> None:
    """Gives `obj` its state. When that fails it stays as far as it came, and the loss is reported."""
    state, items, entries, setter = packed
    if isinstance(obj, Lost):
        return
    try:
        _fill(obj, items, entries)
        if state is not None:
            set_state(obj, state, setter)
    except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
        lost_by(error, obj)


def _fill(obj: Any, items: Any, entries: Any) -> None:
    if items:
        obj.extend(items) if hasattr(obj, "extend") else [obj.append(item) for item in items]
    for key, value in entries or ():
        obj[key] = value


def set_state(obj: Any, state: Any, setter: Optional[Callable[..., Any]]) -> None:
    """As pickle does, but looks for `__setstate__` on the class: `__getattr__` is not asked."""
    own = find(type(obj), "__setstate__")
    if setter is not None:
        setter(obj, state)
    elif own is not None:
        own.__get__(obj, type(obj))(state)
    else:
        slots = None
        if isinstance(state, tuple) and len(state) == 2:
            state, slots = state
        if state:
            obj.__dict__.update({_interned(key): value for key, value in state.items()})
        for key, value in (slots or {}).items():
            # Past a frozen class's own __setattr__.
            object.__setattr__(obj, key, value)


def _interned(key: Any) -> Any:
    return sys.intern(key) if type(key) is str else key
