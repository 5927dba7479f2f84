"""Of IPython: what was typed and answered, the counter, extensions, the user's magics."""

import re
import sys
from typing import Any, Dict, Iterable, List, Optional

from ..placeholders import explain
from . import hooks

_HISTORY = re.compile(r"_i{0,3}$|__$|___$|_i?\d+$|_ii$|_dh$|_oh$|_ih$|In$|Out$")
#: What IPython gives every session, and what the session's module has of its own.
_GIVEN = {"exit", "quit", "get_ipython", "open", "display"}
_MODULE = {
    "__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtin__", "__builtins__",
    "__file__", "__cached__", "__annotations__",
}  # fmt: skip


def running() -> Any:
    """The shell of this process, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if hasattr(ipython, "get_ipython") else None  # type: ignore[union-attr]


def live_namespace() -> Dict[str, Any]:
    """Where a cell's names go."""
    shell = running()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def user_names(namespace: Dict[str, Any]) -> List[str]:
    """The variables that are the user's, underscores or not."""
    shell = running()
    if shell is None or namespace is not shell.user_ns:
        return [name for name in namespace if isinstance(name, str) and name not in _MODULE]
    hidden = shell.user_ns_hidden
    missing = object()
    return [
        name
        for name, value in namespace.items()
        if isinstance(name, str)
        and name not in _MODULE
        and not _HISTORY.match(name)
        and not (name in _GIVEN or hidden.get(name, missing) is value)
    ]


def own_names() -> List[str]:
    """Of the running session, for somebody outside."""
    return user_names(live_namespace())


def taken(names: Iterable[str]) -> List[str]:
    """Those that something in the running session is called."""
    space = live_namespace()
    return [name for name in names if name in space]


def shell_state() -> Optional[Dict[str, Any]]:
    shell = running()
    if shell is None:
        return None
    names = {
        name: value for name, value in shell.user_ns.items() if re.match(r"_i*$|__$|___$", name)
    }
    return {
        "counter": shell.execution_count,
        "In": list(shell.user_ns.get("In", [])),
        "Out": dict(shell.user_ns.get("Out", {})),
        "directories": [str(each) for each in shell.user_ns.get("_dh", [])],
        "names": names,
        "extensions": sorted(shell.extension_manager.loaded),
        "magics": _user_magics(shell),
        "raw": list(shell.history_manager.input_hist_raw),
        "hooks": hooks.capture(shell),
    }


def _user_magics(shell: Any) -> Dict[str, Dict[str, Any]]:
    """Those that are functions of the session; the others come with their extensions."""
    return {
        kind: {
            name: magic
            for name, magic in magics.items()
            if getattr(magic, "__globals__", None) is shell.user_ns
        }
        for kind, magics in shell.magics_manager.magics.items()
    }


def set_shell_state(state: Dict[str, Any]) -> List[str]:
    shell = running()
    if shell is None:
        return []
    space, history = shell.user_ns, shell.history_manager
    typed, answered = state["In"], state["Out"]
    history.input_hist_parsed[:] = typed
    history.input_hist_raw[:] = state.get("raw", typed)
    space["Out"].clear()
    space["Out"].update(answered)
    space.update(state["names"])
    shell.displayhook._, shell.displayhook.__, shell.displayhook.___ = (
        state["names"].get(name, "") for name in ("_", "__", "___")
    )
    for number, text in enumerate(typed):
        space[f"_i{number}"] = text
    space.update({f"_{number}": value for number, value in answered.items()})
    shell.execution_count = state["counter"]
    space["_dh"][:] = [type(space["_dh"][0])(each) for each in state["directories"]] or space["_dh"]
    hooks.restore(shell, state.get("hooks", {}))
    return [*_load_extensions(shell, state["extensions"]), *_set_magics(shell, state["magics"])]


def _load_extensions(shell: Any, names: List[str]) -> List[str]:
    notes = []
    for name in names:
        if name in shell.extension_manager.loaded:
            continue
        try:
            shell.extension_manager.load_extension(name)
        except Exception as error:  # noqa: BLE001 - an extension may raise anything
            notes.append(f"The extension {name} could not be loaded: {explain(error)}")
    return notes


def _set_magics(shell: Any, magics: Dict[str, Dict[str, Any]]) -> List[str]:
    for kind, functions in magics.items():
        for name, function in functions.items():
            shell.register_magic_function(function, kind, name)
    return []
