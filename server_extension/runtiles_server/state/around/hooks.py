"""What the user hung into IPython: functions that it calls at each cell, on each text, for each output."""

from typing import Any, Dict

_TRANSFORMERS = ("input_transformers_cleanup", "input_transformers_post")


def capture(shell: Any) -> Dict[str, Any]:
    """Only functions of the session: others come back with the library that put them there."""
    return {
        "events": {
            name: [each for each in functions if _is_users(shell, each)]
            for name, functions in shell.events.callbacks.items()
        },
        "transformers": {
            name: [each for each in getattr(shell, name, ()) if _is_users(shell, each)]
            for name in _TRANSFORMERS
        },
        "formatters": {
            kind: {
                each: function
                for each, function in formatter.type_printers.items()
                if _is_users(shell, function)
            }
            for kind, formatter in shell.display_formatter.formatters.items()
        },
    }


def _is_users(shell: Any, function: Any) -> bool:
    inner = getattr(function, "__func__", function)
    return getattr(inner, "__globals__", None) is shell.user_ns


def restore(shell: Any, found: Dict[str, Any]) -> None:
    for name, functions in found.get("events", {}).items():
        for each in functions:
            shell.events.register(name, each)
    for name, functions in found.get("transformers", {}).items():
        getattr(shell, name).extend(functions)
    for kind, printers in found.get("formatters", {}).items():
        for each, function in printers.items():
            shell.display_formatter.formatters[kind].for_type(each, function)
