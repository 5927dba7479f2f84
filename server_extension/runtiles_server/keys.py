"""The two keys of a launch: never in the environment, in no argv, in no answer.

Code of the same user in the same container can read them. That gives it nothing that it does not have:
its own runtime, and its own snapshots.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict

from runtiles.contract.spec import LaunchSpec


@dataclass(frozen=True)
class Keys:
    """In hexadecimal, empty where the launch has none. `snapshot` signs, `control` opens our interface."""

    snapshot: str = field(default="", repr=False)
    control: str = field(default="", repr=False)

    @property
    def signing(self) -> bytes:
        """Empty without a key, or with one that is none."""
        try:
            return bytes.fromhex(self.snapshot)
        except ValueError:
            return b""

    @classmethod
    def read(cls, path: str) -> "Keys":
        """No keys where there is no such file."""
        try:
            data: Dict[str, str] = json.loads(Path(path).read_text(encoding="ascii"))
            return cls(str(data["snapshot"]), str(data["control"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()


def text_of(spec: LaunchSpec) -> str:
    """What the file holds; empty when there is nothing to keep."""
    if not (spec.snapshot_key or spec.control_key):
        return ""
    return json.dumps({"snapshot": spec.snapshot_key, "control": spec.control_key})
