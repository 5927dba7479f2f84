"""Does a container engine answer, and what can be done where none does?"""

import os
import subprocess
from pathlib import Path

_SOCKET = Path("/var/run/docker.sock")


def environment() -> dict[str, str]:
    """For the command `docker`: the engine that the spawner talks to, whatever context is chosen."""
    return {"DOCKER_HOST": f"unix://{_SOCKET}", **os.environ}


def version() -> str | None:
    """The engine's version, or None where none answers or the command `docker` is missing."""
    try:
        asked = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def advice() -> str:
    """One sentence for a person whose engine does not answer."""
    if _SOCKET.exists() and not os.access(_SOCKET, os.W_OK):
        return (
            "This user may not use the engine here (sudo usermod -aG docker $USER, log in again)."
        )
    return "`make engine` installs and starts one on Debian and Ubuntu."
