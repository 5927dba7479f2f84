"""YAML in and out: the one file that imports it."""

from pathlib import Path
from typing import Any, Dict, Hashable

from .errors import BadUsage


def dump(value: Any) -> str:
    import yaml  # noqa: PLC0415 - few commands need it

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False)
    return text


def scalar(text: str) -> Any:
    """The value that a text stands for: a number, a list, true. Raises BadUsage."""
    return _load(text, f"{text!r}")


def read_mapping(path: Path) -> Dict[str, Any]:
    """A file's keys and values, YAML or JSON. Raises BadUsage, which names file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"{path} cannot be read: {_reason(error)}.") from None
    found = _load(text, str(path))
    if not isinstance(found, dict):
        raise BadUsage(f"{path} must hold keys and values, as in `machine: gpu-1`.")
    return found


def _load(text: str, where: str) -> Any:
    import yaml  # noqa: PLC0415 - few commands need it

    class Strict(yaml.SafeLoader):
        """Refuses a key that is there twice: one of the two would be lost in silence."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Dict[Hashable, Any]:
            seen = set()
            for key_node, _value in node.value:
                key = getattr(key_node, "value", None)
                if isinstance(key, str) and key in seen and key != "<<":
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} is there twice", key_node.start_mark
                    )
                seen.add(str(key))
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Strict)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise BadUsage(f"{where}{line}: {error.problem or 'is not YAML'}.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadUsage(f"{where}: is not YAML ({error}).") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
