"""Kinds of Python itself that pickle refuses, or takes apart with a loss."""

import collections
import functools
import itertools
import struct
import threading
import types
import typing
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, Tuple

from ..session import filling, lost_by, making
from .generic import reduce_any
from .references import has

if TYPE_CHECKING:
    from ..pickler import Reducing

Handler = Callable[["Reducing", Any], Any]


def rebuild(make: Any, *args: Any) -> Any:
    """Guarded: what cannot be made costs itself."""
    try:
        return make(*args)
    except BaseException as error:  # noqa: BLE001 - costs this object only
        return lost_by(error, make)


def reduce_property(_: "Reducing", obj: Any) -> Any:
    return rebuild, (type(obj), obj.fget, obj.fset, obj.fdel, obj.__doc__)


def reduce_wrapped_method(_: "Reducing", obj: Any) -> Any:
    return rebuild, (type(obj), obj.__func__)


def reduce_mapping_proxy(_: "Reducing", obj: Any) -> Any:
    return types.MappingProxyType, (dict(obj),)


def reduce_dict_view(_: "Reducing", obj: Any) -> Any:
    name = type(obj).__name__.rpartition("_")[2]
    if hasattr(obj, "mapping"):
        whole = obj.mapping.copy()
    elif name == "items":
        whole = dict(obj)
    else:
        whole = dict.fromkeys(obj) if name == "keys" else dict(enumerate(obj))
    return view_of, (whole, name)


def view_of(whole: Any, name: str) -> Any:
    return getattr(whole, name)()


def reduce_cache(pickler: "Reducing", obj: Any) -> Any:
    function = obj.__wrapped__
    if has(getattr(obj, "__module__", None), getattr(obj, "__qualname__", ""), obj):
        return NotImplemented
    # Python 3.8 does not tell whether it is typed.
    parameters = getattr(obj, "cache_parameters", lambda: {"maxsize": obj.cache_info().maxsize})()
    pickler.note("its cache starts empty")
    attributes = {key: value for key, value in vars(obj).items() if key != "cache_parameters"}
    size, typed = parameters.get("maxsize", 128), parameters.get("typed", False)
    return make_cache, (function, size, typed), attributes, None, None, fill_cache


@making
def make_cache(function: Any, size: Any, typed: bool) -> Any:
    # The function gets its name later; the wrapper takes it over in its own state.
    return functools.lru_cache(maxsize=size, typed=typed)(function)


@filling
def fill_cache(cache: Any, attributes: Dict[str, Any]) -> None:
    vars(cache).update(attributes)


def reduce_exception(pickler: "Reducing", error: Any) -> Any:
    """Past the class's own `__init__`, whose arguments nobody knows."""
    if error.__traceback__ is not None:
        pickler.note("its traceback is not carried")
    native = _native(type(error)).__reduce__(error)
    state = (native[2:] or (None,))[0]
    more = (error.__cause__, error.__context__, error.__suppress_context__)
    return make_exception, (type(error), native[1]), (state, more), None, None, fill_exception


def _native(kind: type) -> Any:
    """The kind of error of Python itself that this one is."""
    return next(each for each in kind.__mro__ if each.__module__ == "builtins")


@making
def make_exception(kind: Any, args: Tuple[Any, ...]) -> Any:
    native = _native(kind)
    error = native.__new__(kind, *args)
    native.__init__(error, *args)
    return error


@filling
def fill_exception(error: Any, packed: Tuple[Any, Tuple[Any, Any, bool]]) -> None:
    state, (cause, context, suppress) = packed
    for name, value in (state or {}).items():
        try:
            object.__setattr__(error, name, value)
        except BaseException as problem:  # noqa: BLE001 - one attribute
            lost_by(problem, error)
    error.__cause__ = cause if isinstance(cause, BaseException) else None
    error.__context__ = context if isinstance(context, BaseException) else None
    error.__suppress_context__ = suppress


def reduce_weak(_: "Reducing", ref: Any) -> Any:
    target = ref()
    return (weakref.ref, (target,)) if target is not None else (dead_reference, ())


class _Gone:
    """Dies at once."""


def dead_reference() -> Any:
    return weakref.ref(_Gone())


def reduce_weak_values(_: "Reducing", obj: Any) -> Any:
    return type(obj), (), None, None, iter(list(obj.items()))


def reduce_weak_set(_: "Reducing", obj: Any) -> Any:
    return type(obj), (list(obj),)


def reduce_super(_: "Reducing", obj: Any) -> Any:
    return rebuild, (super, obj.__thisclass__, obj.__self__)


def reduce_type_variable(_: "Reducing", var: Any) -> Any:
    if has(var.__module__, var.__name__, var):
        return var.__name__
    flags = {"covariant": var.__covariant__, "contravariant": var.__contravariant__}
    args = (var.__name__, var.__constraints__, var.__bound__, flags, var.__module__)
    return make_type_variable, args


def make_type_variable(name: str, limits: Any, bound: Any, flags: Any, module: str) -> Any:
    var: Any = rebuild(lambda: typing.TypeVar(name, *limits, bound=bound, **flags))
    rebuild(setattr, var, "__module__", module)
    return var


def reduce_new_type(_: "Reducing", obj: Any) -> Any:
    if has(obj.__module__, obj.__qualname__, obj):
        return obj.__qualname__
    return rebuild, (typing.NewType, obj.__name__, obj.__supertype__)


def reduce_struct(_: "Reducing", obj: Any) -> Any:
    return struct.Struct, (obj.format,)


def reduce_local(pickler: "Reducing", obj: Any) -> Any:
    pickler.note("of a thread-local object only this thread's values are carried")
    return type(obj), (), dict(obj.__dict__)


def reduce_count(_: "Reducing", obj: Any) -> Any:
    """`itertools.count` tells where it is in no other way than by its text."""
    text = repr(obj)[len("count(") : -1].split(",")
    if all(part.strip().lstrip("-").isdigit() for part in text):
        return itertools.count, tuple(int(part) for part in text)
    return reduce_any(_, obj)


def _new_type() -> Dict[type, Handler]:
    return {typing.NewType: reduce_new_type} if isinstance(typing.NewType, type) else {}


EXACT: Dict[type, Handler] = {
    property: reduce_property,
    staticmethod: reduce_wrapped_method,
    classmethod: reduce_wrapped_method,
    types.MappingProxyType: reduce_mapping_proxy,
    type({}.keys()): reduce_dict_view,
    type({}.values()): reduce_dict_view,
    type({}.items()): reduce_dict_view,
    type(collections.OrderedDict().keys()): reduce_dict_view,
    type(collections.OrderedDict().values()): reduce_dict_view,
    type(collections.OrderedDict().items()): reduce_dict_view,
    type(functools.lru_cache(maxsize=1)(repr)): reduce_cache,
    weakref.ref: reduce_weak,
    weakref.WeakValueDictionary: reduce_weak_values,
    weakref.WeakKeyDictionary: reduce_weak_values,
    weakref.WeakSet: reduce_weak_set,
    super: reduce_super,
    typing.TypeVar: reduce_type_variable,
    struct.Struct: reduce_struct,
    threading.local: reduce_local,
    itertools.count: reduce_count,
    **_new_type(),
}
