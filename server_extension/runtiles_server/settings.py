"""What the launcher is told by its environment: names and places, nothing secret."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Mapping, Optional

from runtiles.contract.protocol import (
    DEFAULT_RUNTIME,
    ENV_LAUNCH_ID,
    ENV_LAUNCH_URL,
    ENV_STORAGE_DIR,
    ENV_TILE,
    ENV_TOKEN_FILE,
    ENV_WORKSPACE_DIR,
    RUNTIME_PORT,
)

#: Optional, in seconds: an admin sets them in `c.Spawner.environment` or in an image.
ENV_HOOK_TIMEOUT = "RUNTILES_HOOK_TIMEOUT"
ENV_CLONE_TIMEOUT = "RUNTILES_CLONE_TIMEOUT"
ENV_SERVICE_PATIENCE = "RUNTILES_SERVICE_PATIENCE"

_HOOK_TIMEOUT_S = 300.0
_CLONE_TIMEOUT_S = 1800.0
#: A service that restarts is back within this.
_SERVICE_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Settings:
    """`launch_url` is empty when nobody has a LaunchSpec for this server. Timeouts are seconds."""

    launch_url: str
    launch_id: str
    runtime: str
    tile: str
    token_file: Optional[Path]
    workspace: Optional[Path]
    storage: Optional[Path]
    root_dir: Optional[Path]
    hook_timeout: float = _HOOK_TIMEOUT_S
    clone_timeout: float = _CLONE_TIMEOUT_S
    service_patience: float = _SERVICE_PATIENCE_S

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Never fails: an unreadable number is the default."""
        return cls(
            launch_url=environ.get(ENV_LAUNCH_URL, ""),
            launch_id=environ.get(ENV_LAUNCH_ID, ""),
            runtime=environ.get("JUPYTERHUB_SERVER_NAME") or DEFAULT_RUNTIME,
            tile=environ.get(ENV_TILE, ""),
            token_file=_path(environ.get(ENV_TOKEN_FILE)),
            workspace=_path(environ.get(ENV_WORKSPACE_DIR)),
            storage=_path(environ.get(ENV_STORAGE_DIR)),
            root_dir=_path(environ.get("JUPYTERHUB_ROOT_DIR")),
            hook_timeout=_seconds(environ.get(ENV_HOOK_TIMEOUT), _HOOK_TIMEOUT_S),
            clone_timeout=_seconds(environ.get(ENV_CLONE_TIMEOUT), _CLONE_TIMEOUT_S),
            service_patience=_seconds(environ.get(ENV_SERVICE_PATIENCE), _SERVICE_PATIENCE_S),
        )


def hub_defaults(environ: Mapping[str, str]) -> Dict[str, str]:
    """What the single-user server cannot start without, where the spawner left it out."""
    if environ.get("JUPYTERHUB_SERVICE_URL"):
        return {}
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX") or "/"
    return {"JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:{RUNTIME_PORT}{prefix}"}


def _path(text: Optional[str]) -> Optional[Path]:
    return Path(os.path.expanduser(text)) if text else None  # noqa: PTH111 # no RuntimeError without a home


def _seconds(text: Optional[str], default: float) -> float:
    try:
        seconds = float(text or "")
    except ValueError:
        return default
    return seconds if seconds > 0 else default
