"""What is kept by its name, because whoever loads it has it too."""

import importlib
import pickle
import re
import struct
import sys
import types
import weakref
from functools import reduce
from importlib.machinery import BuiltinImporter, ExtensionFileLoader
from types import ModuleType
from typing import Any, Dict, Optional, Tuple

from ..session import lost_by

#: Never by name: their content is the session.
SESSION_MODULES = {"__main__", "__mp_main__"}


def find(kind: type, name: str) -> Any:
    """The attribute of a class, without running anybody's `__getattribute__`; None if there is none."""
    for each in type.__dict__["__mro__"].__get__(kind):
        attributes = type.__dict__["__dict__"].__get__(each)
        if name in attributes:
            return attributes[name]
    return None


def importable(module: str) -> bool:
    """Whether a new process can import it: it is here, and some finder found it."""
    if module in SESSION_MODULES or module in _by_value():
        return False
    found = sys.modules.get(module)
    return isinstance(found, ModuleType) and (
        getattr(found, "__spec__", None) is not None
        or module in sys.builtin_module_names
        or _comes_with_its_parent(module)
    )


def _comes_with_its_parent(module: str) -> bool:
    """Whether an extension in C makes it, as torch._C makes torch._C._nn: that has no finder's word."""
    parent, _, name = module.rpartition(".")
    above = sys.modules.get(parent)
    loader = getattr(getattr(above, "__spec__", None), "loader", None)
    inside = vars(above).get(name) if isinstance(above, ModuleType) else None
    made_in_c = isinstance(loader, ExtensionFileLoader) or loader is BuiltinImporter
    return made_in_c and inside is sys.modules[module]


def _by_value() -> Dict[str, Any]:
    """Modules that the user told cloudpickle to take along."""
    cloudpickle = sys.modules.get("cloudpickle")
    names = getattr(cloudpickle, "list_registry_pickle_by_value", None)
    return dict.fromkeys(names()) if names else {}


def attribute(module: str, path: str) -> Any:
    """The object of that name. Raises ImportError or AttributeError."""
    found = sys.modules.get(module) or importlib.import_module(module)
    return reduce(getattr, path.split("."), found)


def has(module: Optional[str], path: str, obj: Any) -> bool:
    """Whether that name leads to that very object."""
    if not module or "<locals>" in path or not importable(module):
        return False
    try:
        return attribute(module, path) is obj
    except Exception:  # noqa: BLE001 - a module's own __getattr__ may raise anything
        return False


def by_reference(module: str, path: str, obj: Any) -> Tuple[Any, Tuple[str, str]]:
    if not has(module, path, obj):
        raise pickle.PicklingError(f"it calls itself {module}.{path}, which is something else")
    return named, (module, path)


def named(module: str, path: str) -> Any:
    """The same, when it is loaded: whatever is missing here costs that one object."""
    try:
        return attribute(module, path)
    except BaseException as error:  # noqa: BLE001 - importing runs code
        return lost_by(error, ModuleType)


def _unnamed() -> Dict[str, type]:
    """Types of Python itself that are not called what they are called in their module."""
    found = {name: each for name, each in vars(types).items() if isinstance(each, type)}
    samples: Tuple[Any, ...] = (
        [],
        (),
        "a",
        "é",
        b"",
        bytearray(),
        {},
        {}.values(),
        {}.items(),
        set(),
        range(1),
        range(1 << 70),
    )
    for index, sample in enumerate(samples):
        found[f"iterator {index}"] = type(iter(sample))
    found.update({"reversed list": type(reversed([])), "reversed range": type(reversed(range(1)))})
    found.update({"weak reference": weakref.ref, "struct": struct.Struct, "pattern": re.Pattern})
    found.update({"keys": type({}.keys()), "values": type({}.values()), "items": type({}.items())})
    return found


UNNAMED = _unnamed()
_NAMES = {each: name for name, each in UNNAMED.items()}


def unnamed_type(cls: type) -> Optional[str]:
    return _NAMES.get(cls)


def type_called(name: str) -> Any:
    return UNNAMED[name]


def singletons(kind: type) -> Dict[int, Tuple[str, str]]:
    """The instances of a library's class that are themselves names in the module of that class.

    Such a one is compared with `is` (dataclasses.MISSING) or stands for something alive (os.environ).
    """
    module = type.__dict__["__module__"].__get__(kind)
    if not isinstance(module, str) or not importable(module):
        return {}
    names = vars(sys.modules[module])
    return {id(each): (module, name) for name, each in list(names.items()) if type(each) is kind}


def is_reference(value: Any) -> bool:
    """Whether the value is not in the snapshot at all, only its name."""
    if isinstance(value, ModuleType):
        return importable(value.__name__)
    if isinstance(value, type):
        return has(value.__module__, value.__qualname__, value)
    names: Tuple[Any, Any] = (
        getattr(value, "__module__", None),
        getattr(value, "__qualname__", None),
    )
    return callable(value) and all(isinstance(each, str) for each in names) and has(*names, value)
