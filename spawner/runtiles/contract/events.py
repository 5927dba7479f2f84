"""What a launch reports, and how a container says it: one JSON object behind a mark on a line of stdout.

Standard output is the one channel that every engine keeps, replays and follows, also when the
service is down; a line without the mark is an ordinary log line.
"""

import json
import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Mapping, Optional

#: The phases of a launch, in order. A launch may leave some out. The image comes before the queue:
#: a GPU must not lie idle while gigabytes are pulled.
PHASES = (
    "pulling",
    "preparing",
    "queued",
    "creating",
    "starting",
    "workspace",
    "hook",
    "restoring",
    "server",
    "ready",
)

#: phase = a phase began; progress = it moved; log = a line of output; notice = the person should read
#: this, the launch goes on; failed and ready end the launch.
KINDS = ("phase", "progress", "log", "notice", "failed", "ready")

_MARK = "##runtiles## "
#: Of a message, in characters.
MAX_MESSAGE = 2000
_MAX_NUMBER = 2**63


@dataclass(frozen=True)
class LaunchEvent:
    """One step of a launch. `done` and `total` are bytes; `percent` is of this phase, 0 to 100.

    `details` is JSON-able; on `failed` it has code, hint, log (text), exit_code, oom_killed.
    """

    phase: str
    kind: str
    message: str = ""
    done: Optional[int] = None
    total: Optional[int] = None
    percent: Optional[float] = None
    details: Mapping[str, Any] = field(default_factory=dict)
    time: float = field(default_factory=time.time)

    def to_dict(self) -> Dict[str, Any]:
        """Only what is set, so that a stream of events stays small."""
        return {k: v for k, v in asdict(self).items() if v not in (None, {}, "")}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "LaunchEvent":
        """Raises ValueError for an unknown phase or kind; unknown keys are ignored (a newer sender)."""
        phase, kind = str(data.get("phase")), str(data.get("kind"))
        if phase not in PHASES or kind not in KINDS:
            raise ValueError(f"not a launch event: phase {phase!r}, kind {kind!r}")
        return cls(
            phase=phase,
            kind=kind,
            message=str(data.get("message", ""))[:MAX_MESSAGE],
            done=_number(data.get("done"), int),
            total=_number(data.get("total"), int),
            percent=_number(data.get("percent"), float),
            details=dict(data["details"]) if isinstance(data.get("details"), dict) else {},
            time=_number(data.get("time"), float) or time.time(),
        )


def encode_line(event: LaunchEvent) -> str:
    """The event as one line for stdout, without the line end."""
    return _MARK + json.dumps(event.to_dict(), separators=(",", ":"))


def decode_line(line: str) -> Optional[LaunchEvent]:
    """The event on this line, or None when it is an ordinary (or a malformed) line."""
    if not line.startswith(_MARK):
        return None
    try:
        data = json.loads(line[len(_MARK) :], parse_constant=_refuse)
        return LaunchEvent.from_dict(data) if isinstance(data, dict) else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        # Anybody's program may print such a line: whatever it holds, it is only a line.
        return None


def without_events(text: str) -> str:
    """The lines that programs printed, without the launcher's events among them; line ends kept."""
    return "".join(line for line in text.splitlines(keepends=True) if decode_line(line) is None)


def _number(value: Any, kind: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Infinity and NaN are no JSON: what is passed on must be read by every client.
    return kind(value) if math.isfinite(value) and abs(value) < _MAX_NUMBER else None


def _refuse(constant: str) -> None:
    raise ValueError(f"not JSON: {constant}")
