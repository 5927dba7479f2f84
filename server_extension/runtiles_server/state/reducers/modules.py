"""Modules: by name; the user's own files with their text; those made at run time by value."""

import importlib
import importlib.util
import sys
import sysconfig
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Optional

from ..session import current, filling
from .references import SESSION_MODULES, importable

if TYPE_CHECKING:
    from ..pickler import Reducing

_LONGEST = 1 << 20
_BY_PYTHON = ("__builtins__", "__loader__", "__spec__", "__cached__")


def reduce_module(pickler: "Reducing", module: Any) -> Any:
    name = types.ModuleType.__getattribute__(module, "__name__")
    if name in SESSION_MODULES or vars(module) is pickler.namespace:
        return session_module, ()
    if importable(name):
        pickler.uses_module(name)
        return import_module, (name,)
    state = {key: value for key, value in vars(module).items() if key not in _BY_PYTHON}
    args = (name, sys.modules.get(name) is module)
    return make_module, args, state, None, None, fill_module


def session_module() -> Any:
    """The module whose dictionary is the live namespace, if there is one."""
    main = sys.modules.get("__main__")
    return main if main is not None else types.ModuleType("__main__")


def import_module(name: str) -> Any:
    """The module, from here or from the text in the snapshot; a placeholder where neither works."""
    try:
        return importlib.import_module(name)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        carried = from_text(name) if isinstance(error, ImportError) else None
        return carried or current().lose(f"module {name}", str(error) or type(error).__name__)


def from_text(name: str) -> Optional[types.ModuleType]:
    """Runs the text of a module of the user's that the snapshot carries, as importing it would."""
    text = current().local_modules.get(name)
    if text is None:
        return None
    spec = importlib.util.spec_from_loader(name, loader=None)
    if spec is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        exec(compile(text, f"<{name} of the snapshot>", "exec"), vars(module))  # noqa: S102 - the user's own
    except Exception as error:  # noqa: BLE001 - any
        sys.modules.pop(name, None)
        current().notes.append(f"The carried module {name} does not run: {error}")
        return None
    current().notes.append(f"The module {name} is not here; its text came from the snapshot.")
    return module


def local_text(name: str) -> Optional[str]:
    """The text of a module that is a file of the user's, not of an installed distribution."""
    path = getattr(sys.modules.get(name), "__file__", None)
    if not path or not path.endswith(".py") or not _is_users(Path(path)):
        return None
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return text if len(text) <= _LONGEST else None


def _is_users(path: Path) -> bool:
    if {"site-packages", "dist-packages"} & set(path.parts):
        return False
    installed = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    return not any(Path(each) in path.parents for each in installed if each)


def make_module(name: str, registered: bool) -> types.ModuleType:
    module = types.ModuleType(name)
    if registered:
        sys.modules.setdefault(name, module)
    return module


@filling
def fill_module(module: Any, state: Dict[str, Any]) -> None:
    vars(module).update(state)
