"""Classes whose methods Python's library wrote: no source is known, so another Python writes them again."""

import collections
import dataclasses
import sys
import types
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from ..session import Signal, filling, making

if TYPE_CHECKING:
    from ..pickler import Reducing

_OF_NAMED_TUPLES = {
    "__new__", "_make", "_replace", "__replace__", "__repr__", "_asdict", "__getnewargs__",
    "__match_args__", "_fields", "_field_defaults", "_fields_defaults", "_field_types", "__slots__",
    "__dict__", "__module__", "__qualname__", "__weakref__",
}  # fmt: skip
_METHODS = {
    "__init__", "__repr__", "__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__",
    "__setattr__", "__delattr__",
}  # fmt: skip
_ABOUT = {"__replace__", "__match_args__", "__dataclass_fields__", "__dataclass_params__"}
_OPTIONS = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")
_OF_FIELDS = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")


def is_named_tuple(cls: Any) -> bool:
    own = type.__dict__["__dict__"].__get__(cls)
    bases = type.__dict__["__bases__"].__get__(cls)
    return bases == (tuple,) and isinstance(own.get("_fields"), tuple) and "_make" in own


def reduce_named_tuple(_: "Reducing", cls: Any) -> Any:
    fields = cls._fields
    args = (cls.__name__, fields, cls.__module__, cls.__qualname__)
    state = {
        name: value
        for name, value in vars(cls).items()
        if name not in fields and (name not in _OF_NAMED_TUPLES or _is_users(value))
    }
    packed = (state, cls.__new__.__defaults__, dict(getattr(cls, "_field_defaults", {})))
    return make_named_tuple, args, packed, None, None, fill_named_tuple


def _is_users(value: Any) -> bool:
    """A method that the user's class body has in the place of a written one."""
    home = getattr(getattr(value, "__func__", value), "__globals__", {}).get("__name__", "")
    return bool(home) and home != "collections" and not home.startswith("namedtuple_")


@making
def make_named_tuple(name: str, fields: Tuple[str, ...], module: str, qualified: str) -> Any:
    # Renaming leaves good names alone, and gives `_1` again what was renamed to that.
    cls: Any = collections.namedtuple(name, fields, rename=True, module=module)  # type: ignore[misc] # noqa: PYI024
    cls.__qualname__ = qualified
    return cls


@filling
def fill_named_tuple(cls: Any, packed: Tuple[Any, Any, Any]) -> None:
    state, defaults, by_name = packed
    cls.__new__.__defaults__ = defaults
    cls._field_defaults = by_name
    for name, value in state.items():
        setattr(cls, name, value)


def written(cls: Any, state: Dict[str, Any]) -> Any:
    """What a dataclass was made from, and what was made from that: taken out of `state`."""
    fields, options = state.get("__dataclass_fields__"), state.get("__dataclass_params__")
    if not fields or options is None:
        return None
    names = [name for name, value in state.items() if name in _ABOUT or _is_written(name, value)]
    made = {name: state.pop(name) for name in names}
    chosen = {name: getattr(options, name) for name in _OPTIONS}
    own = vars(cls).get("__annotations__", {})
    specs = [_spec(each) for name, each in fields.items() if name in own and _is_field(each)]
    return sys.version_info[:2], Signal(True), made, Signal(False), specs, chosen


def _is_written(name: str, value: Any) -> bool:
    if name == "__hash__" and value is None:
        return True
    inner = getattr(value, "__wrapped__", value)
    code = inner.__code__ if isinstance(inner, types.FunctionType) else None
    return name in _METHODS and code is not None and code.co_filename == "<string>"


def _is_field(field: Any) -> bool:
    return field._field_type is dataclasses._FIELD  # type: ignore[attr-defined] # noqa: SLF001


def _spec(field: Any) -> Tuple[str, Dict[str, Any]]:
    values = {name: getattr(field, name) for name in _OF_FIELDS if hasattr(field, name)}
    return field.name, {**values, "metadata": dict(field.metadata)}


def write(cls: Any, parts: Any) -> None:
    """In the version that it comes from: as it was. In another one: by that one's library."""
    version, _, made, _, specs, options = parts
    if version == sys.version_info[:2]:
        for name, value in made.items():
            type.__setattr__(cls, name, value)
        return
    slots = _put_fields(cls, specs)
    dataclasses.dataclass(**options)(cls)
    for name, value in slots.items():
        type.__setattr__(cls, name, value)


def _put_fields(cls: Any, specs: List[Tuple[str, Dict[str, Any]]]) -> Dict[str, Any]:
    """Gives the slots that they stand in the way of."""
    slots = {}
    for name, values in specs:
        if isinstance(vars(cls).get(name), types.MemberDescriptorType):
            slots[name] = vars(cls)[name]
        if sys.version_info < (3, 10):  # noqa: UP036 - a kernel may be older than the Hub
            values.pop("kw_only", None)
        type.__setattr__(cls, name, dataclasses.field(**values))
    return slots
