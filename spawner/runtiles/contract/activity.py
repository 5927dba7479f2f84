"""What a runtime tells of itself, from which others decide whether it is idle.

All times are ages in seconds on the runtime's own monotonic clock: a wall clock that jumps, or that differs
between two machines, changes nothing.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type, TypeVar

#: Seconds between two reports when nothing changes; a change is told at once.
REPORT_INTERVAL = 30.0
_MOST = 1000
#: Seconds: what is older is as old as this, which every calendar can still subtract.
_OLDEST = 10 * 366 * 86400.0
_MOST_COUNTED = 2**53
_LONGEST_TEXT = 500
_T = TypeVar("_T")


@dataclass(frozen=True)
class Kernel:
    """`busy_for` is None for one that waits for work; `quiet_for` since its last message, busy or not.

    `path` is the notebook's, empty for a kernel without one. `connections` are open websockets.
    """

    id: str
    path: str = ""
    busy_for: Optional[float] = None
    quiet_for: float = 0.0
    connections: int = 0


@dataclass(frozen=True)
class Terminal:
    """`running` is the program in the foreground, empty at the shell's prompt."""

    name: str
    running: str = ""
    running_for: Optional[float] = None
    quiet_for: float = 0.0


@dataclass(frozen=True)
class Load:
    """The use of something now, in percent of one core or of the busiest GPU, and how long ago it was last
    above the site's threshold: None for never."""

    percent: float = 0.0
    above_for: Optional[float] = None
    quiet_for: Optional[float] = None


@dataclass(frozen=True)
class Activity:
    """`up_for` is the age of the runtime: what never happened cannot be older.

    `input_for`: since a person last typed or clicked in a tab that they look at, None for never.
    `occupied_for`: since there was last a kernel, terminal or session (0 while there is one).
    `connected_for`: since a kernel last had a connection (0 while one has). `active_for`: since a kernel
    was last busy, or anything was last heard of a kernel or terminal; `worked_for`: since a program last
    ran in a terminal, or a load was last above its threshold; both also of what is gone by now, and None
    of an older runtime. `syncing` names what is under way to storage or to another kernel, empty for
    nothing. `sequence` rises with each report of one runtime.
    """

    sequence: int = 0
    up_for: float = 0.0
    kernels: Tuple[Kernel, ...] = ()
    terminals: Tuple[Terminal, ...] = ()
    sessions: int = 0
    occupied_for: Optional[float] = None
    connected_for: Optional[float] = None
    input_for: Optional[float] = None
    active_for: Optional[float] = None
    worked_for: Optional[float] = None
    gpu: Optional[Load] = None
    cpu: Optional[Load] = None
    syncing: str = ""

    def to_dict(self) -> Dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Activity":
        """Unknown keys are left out (a newer runtime). Raises ValueError for what cannot be one."""
        _require(isinstance(data, Mapping), "an activity report is a JSON object")
        values = _known(cls, data)
        values["kernels"] = _several(Kernel, data.get("kernels"))
        values["terminals"] = _several(Terminal, data.get("terminals"))
        for name in ("gpu", "cpu"):
            values[name] = _one(Load, data[name]) if data.get(name) is not None else None
        return cls(**values)


def _several(cls: Type[_T], data: Any) -> Tuple[_T, ...]:
    if data is None:
        return ()
    listed = isinstance(data, (list, tuple)) and len(data) <= _MOST
    _require(listed, f"a list of at most {_MOST} is expected")
    found: List[_T] = [_one(cls, each) for each in data]
    return tuple(found)


def _one(cls: Type[_T], data: Any) -> _T:
    _require(isinstance(data, Mapping), "a JSON object is expected")
    try:
        return cls(**_known(cls, data))
    except TypeError as error:
        raise ValueError(str(error)) from None


def _known(cls: Type[Any], data: Mapping[str, Any]) -> Dict[str, Any]:
    kinds = _KINDS[cls]
    return {k: _checked(k, v, kinds[k]) for k, v in data.items() if k in kinds}


def _checked(name: str, value: Any, kind: Any) -> Any:
    if kind is str:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text")
        return printable(value[:_LONGEST_TEXT])
    if value is None and kind is not int and kind is not float:
        return None
    if type(value) not in (int, float):
        raise ValueError(f"{name} must be a number")
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a number that is not negative")
    return int(min(value, _MOST_COUNTED)) if kind is int else float(min(value, _OLDEST))


def printable(text: str) -> str:
    """As pages, notices and logs may say it: no control characters, and no half of a character."""
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


#: The fields that hold a plain value, and of which kind. Made once: some hundred reports a second ask.
_PLAIN = (str, int, float, Optional[float])
_KINDS: Dict[Any, Dict[str, Any]] = {
    cls: {f.name: f.type for f in fields(cls) if f.type in _PLAIN}
    for cls in (Kernel, Terminal, Load, Activity)
}
