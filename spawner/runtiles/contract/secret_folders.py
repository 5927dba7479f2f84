"""Where a runtime keeps secrets that are given to it as files: the launcher makes the folder, and an
engine without containers takes away what a killed launcher left of it."""

import re
from typing import Mapping, Tuple


def places(environ: Mapping[str, str], uid: int) -> Tuple[str, ...]:
    """Folders that usually live in memory, the best first. Whether one does is for the launcher to see."""
    own = environ.get("XDG_RUNTIME_DIR", "")
    return tuple(place for place in ("/dev/shm", own, f"/run/user/{uid}") if place)  # noqa: S108


def prefix(launch_id: str) -> str:
    """How the name of a launch's folder begins."""
    return f"runtiles-{re.sub('[^A-Za-z0-9]', '', launch_id)}-"
