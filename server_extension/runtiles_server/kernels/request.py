"""What a pause was asked to do. Pure."""

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from runtiles.contract.errors import InvalidRequest
from runtiles_server.kernels.places import checked_id

_PATIENCE_S = 600.0
_DRY_PATIENCE_S = 2.0
_LIMIT_S = 300.0
_FLAGS = ("dry_run", "hold", "interrupt", "wait")


@dataclass(frozen=True)
class PauseRequest:
    """`kernels` are ids, None for all. `patience`: seconds until a kernel begins; `limit`: until one that
    does not get on with its variables is interrupted. What `parent` has is not written again."""

    dry_run: bool = False
    kernels: Optional[Tuple[str, ...]] = None
    hold: bool = False
    interrupt: bool = False
    wait: bool = True
    snapshot: str = ""
    parent: str = ""
    patience: float = _PATIENCE_S
    limit: float = _LIMIT_S

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "PauseRequest":
        """Raises InvalidRequest. Null is as good as nothing."""
        given = {k: v for k, v in data.items() if v is not None}
        unknown = set(given) - set(cls.__dataclass_fields__)
        if unknown:
            raise InvalidRequest(dict.fromkeys(sorted(unknown), "is not known"))
        values: Dict[str, Any] = {name: _flag(given, name) for name in _FLAGS if name in given}
        for name in ("snapshot", "parent"):
            if name in given:
                values[name] = checked_id(given[name], name)
        if "kernels" in given:
            values["kernels"] = _ids(given["kernels"])
        default = _DRY_PATIENCE_S if values.get("dry_run") else _PATIENCE_S
        values["patience"] = seconds(given.get("patience", default), "patience")
        values["limit"] = seconds(given.get("limit", _LIMIT_S), "limit")
        return cls(**values)


def _flag(data: Mapping[str, Any], name: str) -> bool:
    if not isinstance(data[name], bool):
        raise InvalidRequest({name: "is neither true nor false"})
    return bool(data[name])


def _ids(value: Any) -> Tuple[str, ...]:
    if not isinstance(value, list):
        raise InvalidRequest({"kernels": "is no list"})
    return tuple(checked_id(each, "kernels") for each in value)


def seconds(value: Any, name: str) -> float:
    """A number that is not negative, also as text. Raises InvalidRequest."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < 1e9 or isinstance(value, bool):
        raise InvalidRequest({name: "is no number of seconds"})
    return number
