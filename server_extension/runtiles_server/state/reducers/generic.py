"""Any object, by its own `__reduce_ex__`, guarded when it is saved and when it is loaded."""

import contextlib
import copyreg
import pickle
import sys
import warnings
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional, Tuple

from ..placeholders import Lost, describe
from ..session import current, lost_by
from .references import by_reference, find

if TYPE_CHECKING:
    from ..pickler import Reducing

_GUARDS_AGAINST = (
    "__setstate__", "__getnewargs__", "__getnewargs_ex__", "__getattr__", "__copyreg__",
)  # fmt: skip
_AS_IN_OBJECT = ("__reduce_ex__", "__reduce__", "__new__", "__getattribute__", "__getstate__")


def is_plain(kind: type, sample: Any) -> bool:
    """Whether instances are nothing but a class and a `__dict__`: no code of theirs can interfere."""
    if kind in copyreg.dispatch_table or kind.__base__ is None:
        return False
    own = [each for each in kind.__mro__ if each is not object]
    changed = (
        any(getattr(kind, name, None) is not getattr(object, name, None) for name in _AS_IN_OBJECT)
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


def reduce_any(_: "Reducing", obj: Any) -> Any:
    """As pickle would, but with every step that runs foreign code on loading wrapped in a guard."""
    reduced = _ask(obj)
    if isinstance(reduced, str):
        return _named(obj, reduced)
    make, args, state, items, entries, setter = _checked(reduced)
    head = (guarded_new, (describe(type(obj)), make, args))
    if state is None and items is None and entries is None:
        return head
    packed = (state, _listed(items), _listed(entries), setter)
    return (*head, packed, None, None, guarded_set)


def _ask(obj: Any) -> Any:
    kind: Any = type(obj)
    registered = copyreg.dispatch_table.get(kind)
    if registered is not None:
        return registered(obj)
    if sys.version_info < (3, 11) and _would_ask(kind):
        return _default(kind, obj)
    if kind.__module__ != "itertools":
        return kind.__reduce_ex__(obj, 5)
    with warnings.catch_warnings():
        # They announce that they will lose this; until then it works.
        warnings.simplefilter("ignore", DeprecationWarning)
        return kind.__reduce_ex__(obj, 5)


def _would_ask(kind: type) -> bool:
    """Whether this Python's default would look for `__getstate__` with the class's `__getattr__`."""
    own = any(getattr(kind, name) is not getattr(object, name) for name in _AS_IN_OBJECT[:2])
    return not own and find(kind, "__getstate__") is None and find(kind, "__getattr__") is not None


def _default(kind: type, obj: Any) -> Any:
    """What `object.__reduce_ex__` gives, without asking the object for its state."""
    more = getattr(kind, "__getnewargs__", None)
    args = (kind, *(more(obj) if more is not None else ()))
    attributes = object.__getattribute__(obj, "__dict__") if find(kind, "__dict__") else None
    slots = {}
    for name in copyreg._slotnames(kind):  # type: ignore[attr-defined] # noqa: SLF001 - as pickle does
        with contextlib.suppress(AttributeError):
            slots[name] = object.__getattribute__(obj, name)
    state = (attributes, slots) if slots else attributes
    items = list.__iter__(obj) if isinstance(obj, list) else None
    entries = iter(dict.items(obj)) if isinstance(obj, dict) else None
    return copyreg.__newobj__, args, state, items, entries  # type: ignore[attr-defined]


def _named(obj: Any, name: str) -> Any:
    module = getattr(obj, "__module__", None) or pickle.whichmodule(obj, name)  # type: ignore[attr-defined]
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


def guarded_new(kind: str, make: Callable[..., Any], args: Tuple[Any, ...]) -> Any:
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
    except NameError:
        # Its code looks up something that comes later in the snapshot.
        current().later.append(partial(_set_late, obj, state, setter))
    except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
        lost_by(error, obj, obj)


def _set_late(obj: Any, state: Any, setter: Optional[Callable[..., Any]]) -> None:
    try:
        set_state(obj, state, setter)
    except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
        lost_by(error, obj, obj)


def _fill(obj: Any, items: Any, entries: Any) -> None:
    """With what a subclass holds, not with what its own methods would make of that."""
    if isinstance(obj, list):
        list.extend(obj, items or ())
    else:
        for item in items or ():
            obj.append(item)
    put = next((each.__setitem__ for each in (OrderedDict, dict) if isinstance(obj, each)), None)
    for key, value in entries or ():
        put(obj, key, value) if put is not None else obj.__setitem__(key, value)


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
