"""What somebody asks to be copied, read from a request."""

import keyword
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from runtiles.contract.errors import InvalidRequest

PATIENCE_S = 30.0
_MOST_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Wanted:
    """`names` None: every variable. `patience`: seconds to wait for each kernel that is busy."""

    names: Optional[List[str]] = None
    rename: Dict[str, str] = field(default_factory=dict)
    overwrite: bool = False
    dry_run: bool = False
    patience: float = PATIENCE_S

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Wanted":
        """Raises InvalidRequest with an entry per bad field."""
        bad: Dict[str, str] = {}
        names, rename = body.get("names"), body.get("rename") or {}
        if names is not None and not (_texts(names) and names):
            bad["names"] = "is no list of names of variables"
        if not isinstance(rename, dict) or not _texts([*rename, *rename.values()]):
            bad["rename"] = "is no object of names"
        elif not all(map(_fits, rename.values())):
            bad["rename"] = "has a name that no variable can have"
        for key in ("overwrite", "dry_run"):
            if not isinstance(body.get(key, False), bool):
                bad[key] = "is neither true nor false"
        patience = body.get("patience", PATIENCE_S)
        if isinstance(patience, bool) or not isinstance(patience, (int, float)):
            bad["patience"] = "is no number of seconds"
        elif not 0 <= patience <= _MOST_PATIENCE_S:
            bad["patience"] = f"is not between 0 and {_MOST_PATIENCE_S:.0f} seconds"
        if bad:
            raise InvalidRequest(bad)
        chosen = None if names is None else list(dict.fromkeys(names))
        flags = (body.get("overwrite", False), body.get("dry_run", False))
        return cls(chosen, dict(rename), *flags, float(patience))


def kernel_of(body: Mapping[str, Any], key: str = "") -> str:
    """The id below `key`, or at the top. Raises InvalidRequest."""
    place = body.get(key) if key else body
    kernel = place.get("kernel") if isinstance(place, dict) else None
    if not isinstance(kernel, str) or not kernel:
        raise InvalidRequest({f"{key}.kernel" if key else "kernel": "is missing"})
    return kernel


def _fits(name: str) -> bool:
    """Not Python's own (`__builtins__`): code in the kernel relies on them."""
    own = name.startswith("__") and name.endswith("__")
    return name.isidentifier() and not keyword.iskeyword(name) and not own


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) for each in values)
