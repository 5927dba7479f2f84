"""The user's classes, by value, without running what ran when they were defined."""

import abc
import types
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Tuple

from ..placeholders import Lost
from ..session import filling, lost_by
from .generated import is_named_tuple, reduce_named_tuple, write, written
from .generic import reduce_any
from .references import has, type_called, unnamed_type

if TYPE_CHECKING:
    from ..pickler import Reducing

try:
    from _abc import _abc_init, _get_dump
except ImportError:  # pragma: no cover - another implementation of Python
    _abc_init = _get_dump = None

#: Must be there when the class is created.
_FIRST = ("__slots__", "__orig_bases__", "__class__")
#: Of the flags of a type.
_MADE_AT_RUN_TIME = 1 << 9
_MADE_BY_TYPE = {"__dict__", "__weakref__", "_abc_impl", "__module__", "__qualname__", *_FIRST}
_DESCRIPTORS = (types.GetSetDescriptorType, types.MemberDescriptorType)


def reduce_class(pickler: "Reducing", cls: Any) -> Any:
    module = type.__dict__["__module__"].__get__(cls)
    name = type.__dict__["__qualname__"].__get__(cls)
    if has(module, name, cls) or cls in (type(None), type(...), type(NotImplemented)):
        return NotImplemented
    unnamed = unnamed_type(cls)
    if unnamed is not None:
        return type_called, (unnamed,)
    if not cls.__flags__ & _MADE_AT_RUN_TIME:
        raise TypeError("a type that is written in C has no name to find it by")
    if is_named_tuple(cls):
        return reduce_named_tuple(pickler, cls)
    content = dict(type.__dict__["__dict__"].__get__(cls))
    first = {key: content[key] for key in _FIRST if key in content}
    first.update(__module__=module, __qualname__=name)
    state = {key: value for key, value in content.items() if not _made_by_type(cls, key, value)}
    registered = _registered(cls)
    bases = type.__dict__["__bases__"].__get__(cls)
    args = (type(cls), type.__dict__["__name__"].__get__(cls), bases, first)
    packed = (state, registered, written(cls, state))
    return make_class, args, packed, None, None, fill_class


def _made_by_type(cls: type, key: str, value: Any) -> bool:
    return key in _MADE_BY_TYPE or (
        isinstance(value, _DESCRIPTORS) and getattr(value, "__objclass__", None) is cls
    )


def _registered(cls: type) -> List[type]:
    """The classes that were registered with an abstract one."""
    if _get_dump is None or "_abc_impl" not in vars(cls):
        return []
    return [each for each in (ref() for ref in _get_dump(cls)[0]) if each is not None]


def make_class(meta: Any, name: str, bases: Tuple[Any, ...], first: Dict[str, Any]) -> Any:
    """Empty as yet. Neither a metaclass's nor a base's code runs: it ran, and its effect is saved."""
    try:
        with _no_hooks(bases):
            cls = _create(meta, name, bases, first)
        if _abc_init is not None and isinstance(cls, abc.ABCMeta):
            _abc_init(cls)
        return cls
    except BaseException as error:  # noqa: BLE001 - costs this class only
        return lost_by(error, type)


def _create(meta: Any, name: str, bases: Tuple[Any, ...], first: Dict[str, Any]) -> Any:
    try:
        return type.__new__(meta, name, bases, dict(first))
    except TypeError:
        # A metaclass written in C must make its classes itself.
        return types.new_class(name, bases, {"metaclass": meta}, lambda space: space.update(first))


@contextmanager
def _no_hooks(bases: Tuple[Any, ...]) -> Iterator[None]:
    silent = classmethod(lambda *_, **__: None)
    hooked = [
        (each, vars(each)["__init_subclass__"])
        for each in {each for base in bases for each in base.__mro__ if each is not object}
        if "__init_subclass__" in vars(each)
    ]
    changed = []
    try:
        for each, hook in hooked:
            if _put(each, "__init_subclass__", silent):
                changed.append((each, hook))
        yield
    finally:
        for each, hook in changed:
            _put(each, "__init_subclass__", hook)


def _put(cls: type, name: str, value: Any) -> bool:
    try:
        type.__setattr__(cls, name, value)
    except TypeError:
        return False
    return True


@filling
def fill_class(cls: Any, packed: Tuple[Dict[str, Any], List[type], Any]) -> None:
    state, registered, methods = packed
    for name, value in state.items():
        try:
            type.__setattr__(cls, name, value)
        except BaseException as error:  # noqa: BLE001 - one attribute of one class
            lost_by(error, cls)
    if methods is not None:
        write(cls, methods)
    for each in registered:
        abc.ABCMeta.register(cls, each)


def reduce_member(pickler: "Reducing", member: Any) -> Any:
    """A member of an enumeration: the class holds it and it holds the class."""
    cls = type(member)
    if has(cls.__module__, cls.__qualname__, cls):
        return reduce_any(pickler, member)
    mixed = cls._member_type_
    state = dict(vars(member))
    return make_member, (cls, mixed, _raw(mixed, member)), state, None, None, fill_member


def _raw(mixed: Any, member: Any) -> Tuple[Any, ...]:
    if mixed is object or not hasattr(mixed, "__getnewargs__"):
        return ()
    return tuple(mixed.__getnewargs__(member))


def make_member(cls: Any, mixed: Any, raw: Tuple[Any, ...]) -> Any:
    if isinstance(cls, Lost):
        return cls
    try:
        return mixed.__new__(cls, *raw) if raw else object.__new__(cls)
    except BaseException as error:  # noqa: BLE001 - costs this member only
        return lost_by(error, cls)


@filling
def fill_member(member: Any, state: Dict[str, Any]) -> None:
    vars(member).update(state)
