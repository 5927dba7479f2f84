"""What this runtime is and how its start went: the launcher writes it, the server reads it."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Dict, Mapping, Sequence, Tuple

ENV_STATE_FILE = "RUNTILES_STATE_FILE"


@dataclass(frozen=True)
class RuntimeState:
    """Nothing secret. `root` is the server's root folder, `opens` a path that it opens first, or "".

    `workspace` has state, url, ref, commit, path; `notices` phase, code, message, hint each. `snapshot` is
    the id of what is to be restored. `storage` and `keys_file` are places, for the server alone.
    """

    runtime: str = ""
    tile: str = ""
    launch_id: str = ""
    root: str = ""
    opens: str = ""
    workspace: Mapping[str, str] = field(default_factory=dict)
    notices: Tuple[Mapping[str, str], ...] = ()
    snapshot: str = ""
    storage: str = ""
    keys_file: str = ""

    def shown(self) -> Dict[str, Any]:
        """What everybody may see who may see the runtime."""
        return {k: v for k, v in asdict(self).items() if k not in ("storage", "keys_file")}

    def to_dict(self) -> Dict[str, Any]:
        return asdict(self)


def write(state: RuntimeState, path: Path) -> None:
    """Whole or not at all: a server may read it at any time."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(state.to_dict()), encoding="utf-8")
    part.replace(path)


def read(environ: Mapping[str, str] = os.environ) -> RuntimeState:
    """The state of the runtime that this process belongs to; an empty one where there is none."""
    try:
        data = json.loads(Path(environ[ENV_STATE_FILE]).read_text(encoding="utf-8"))
        data["notices"] = tuple(data["notices"])
        return RuntimeState(**data)
    except (KeyError, OSError, ValueError, TypeError):
        return RuntimeState()


def add_notices(state: RuntimeState, notices: Sequence[Mapping[str, str]]) -> None:
    """Of a later process of the same runtime. Without a file to keep them in they stay in the log."""
    path = os.environ.get(ENV_STATE_FILE)
    if path and notices:
        with contextlib.suppress(OSError):
            write(replace(state, notices=(*state.notices, *notices)), Path(path))
