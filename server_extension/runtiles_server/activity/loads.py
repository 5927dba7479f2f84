"""How much the runtime computes: its share of the processors, and its GPUs."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Callable, Optional, Sequence

_NVIDIA_SMI_TIMEOUT_S = 5.0
_CGROUP = Path("/sys/fs/cgroup")
_SELF = Path("/proc/self/cgroup")
#: What engines call the group of a container by, in version 1: its id.
_CONTAINER = re.compile(r"\b[0-9a-f]{64}\b")
#: Only a container's own group has it; without one the whole machine is counted, with all its users.
_OWN_GROUP = _CGROUP / "cgroup.type"
#: Version 2, then version 1.
_CPU_FILES = (
    (_CGROUP / "cpu.stat", "usage_usec", 1e-6),
    (_CGROUP / "cpuacct" / "cpuacct.usage", "", 1e-9),
    (_CGROUP / "cpu,cpuacct" / "cpuacct.usage", "", 1e-9),
)


class CpuMeter:
    """Percent of one core since the last question, without this process's own share: a server that answers
    its tabs is no work of the user's."""

    def __init__(
        self,
        used: Optional[Callable[[], Optional[float]]] = None,
        own: Callable[[], float] = time.process_time,
    ) -> None:
        self._used = used or container_seconds
        self._own = own
        self._last: Optional[Sequence[float]] = None

    def percent(self) -> Optional[float]:
        """None at the first question, and where nobody counts."""
        used = self._used()
        if used is None:
            return None
        now = (time.monotonic(), used, self._own())
        last, self._last = self._last, now
        if last is None or now[0] <= last[0]:
            return None
        spent = (now[1] - last[1]) - (now[2] - last[2])
        return max(0.0, 100.0 * spent / (now[0] - last[0]))


def container_seconds() -> Optional[float]:
    """Processor seconds of the whole container so far; None outside of one that is accounted for."""
    for path, key, unit in _CPU_FILES:
        if not (_OWN_GROUP.exists() if key else is_contained()):
            continue
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            continue
        number = _value(text, key)
        if number is not None:
            return number * unit
    return None


def is_contained(groups: Path = _SELF) -> bool:
    """Of version 1: is what counts the processor a container's own group, not the whole machine?"""
    try:
        lines = groups.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    counted = (each.split(":", 2) for each in lines)
    return any(
        len(each) == 3 and "cpuacct" in each[1].split(",") and bool(_CONTAINER.search(each[2]))
        for each in counted
    )


def _value(text: str, key: str) -> Optional[float]:
    for line in text.splitlines():
        words = line.split()
        if key and (len(words) != 2 or words[0] != key):
            continue
        if words and words[-1].isdigit():
            return float(words[-1])
    return None


class GpuMeter:
    """Percent of the busiest GPU of this runtime's own, by the driver's tool: of each two readings in a row
    the lower one, since a single spike is no work. A GPU that is not assigned to it is not looked at."""

    def __init__(self, gpus: Sequence[str], tool: Optional[str] = None) -> None:
        self._gpus = tuple(gpus)
        self._tool = tool or shutil.which("nvidia-smi")
        self._before = 0.0

    @property
    def there(self) -> bool:
        return bool(self._tool and self._gpus)

    def percent(self) -> Optional[float]:
        """None without a GPU, or where the driver does not say. Blocks: call it in a thread."""
        if not self._tool or not self._gpus:
            return None
        query = ["--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        command = [self._tool, "-i", ",".join(self._gpus), *query]
        try:
            output = subprocess.run(
                command, capture_output=True, timeout=_NVIDIA_SMI_TIMEOUT_S, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError):
            return None
        found = [float(w) for w in output.decode(errors="replace").split() if w.isdigit()]
        if not found:
            return None
        before, self._before = self._before, max(found)
        return min(before, self._before)
