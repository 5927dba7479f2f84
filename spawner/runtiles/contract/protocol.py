"""Names that both sides spell the same way: version, environment, paths, labels, scopes."""

from typing import Final

#: Raised whenever a launcher and a hub of different ages could misunderstand each other.
#: An image whose launcher speaks another version gets a fresh derived layer instead of a crash.
PROTOCOL_VERSION: Final = 1

# -- environment of the launcher: nothing secret, `docker inspect` shows it ------------------------
ENV_PROTOCOL: Final = "RUNTILES_PROTOCOL"
ENV_LAUNCH_ID: Final = "RUNTILES_LAUNCH_ID"
ENV_TILE: Final = "RUNTILES_TILE"
ENV_LAUNCH_URL: Final = "RUNTILES_LAUNCH_URL"
"""Where the launcher fetches its LaunchSpec, with its own server token."""
ENV_WORKSPACE_DIR: Final = "RUNTILES_WORKSPACE_DIR"
ENV_STORAGE_DIR: Final = "RUNTILES_STORAGE_DIR"
ENV_TOKEN_FILE: Final = "RUNTILES_TOKEN_FILE"
ENV_CPU_THRESHOLD: Final = "RUNTILES_CPU_THRESHOLD"
ENV_GPU_THRESHOLD: Final = "RUNTILES_GPU_THRESHOLD"
"""Percent of one core, of the busiest GPU: more counts as work. An admin's to set, also in a tile."""
ENV_GPUS: Final = "RUNTILES_GPUS"
"""Ids of the GPUs that were assigned to the runtime, with commas between; not set without any."""
#: Set by the launcher, for what runs in the runtime: which of its variables had secrets for values.
ENV_SECRET_NAMES: Final = "RUNTILES_SECRET_NAMES"

# -- paths inside a container ---------------------------------------------------------------------
STORAGE_DIR: Final = "/storage"
"""The user's persistent volume, the same one in each of the user's runtimes."""
WORKSPACES_DIR: Final = "workspaces"
"""Below the storage: one folder per runtime, so that deleting a container never deletes work."""
TOKEN_FILE: Final = "/run/runtiles/token"
LAYER_DIR: Final = "/opt/runtiles"
"""Where a derived layer (and our own images) keep the launcher's virtual environment."""
LAYER_PYTHON: Final = "/opt/runtiles/bin/python"
RUNTIME_PORT: Final = 8888

# -- labels of images and containers --------------------------------------------------------------
LABEL_PREFIX: Final = "org.runtiles."
LABEL_PROTOCOL: Final = "org.runtiles.protocol"
"""On an image: it carries a launcher that speaks this version."""
LABEL_PYTHON: Final = "org.runtiles.python"
"""On an image: the Python that has the launcher."""
LABEL_LAYER_OF: Final = "org.runtiles.layer-of"
LABEL_HUB: Final = "org.runtiles.hub"
LABEL_USER: Final = "org.runtiles.user"
LABEL_SERVER: Final = "org.runtiles.server"
LABEL_LAUNCH: Final = "org.runtiles.launch"
LABEL_TILE: Final = "org.runtiles.tile"
LABEL_MACHINE: Final = "org.runtiles.machine"
LABEL_GPUS: Final = "org.runtiles.gpus"
LABEL_HELPER: Final = "org.runtiles.helper"
"""On a container that reads or writes a user's storage and is no runtime: its hub. It has no other."""

# -- the service ----------------------------------------------------------------------------------
SERVICE_NAME: Final = "runtiles"
HEADER_PROTOCOL: Final = "Runtiles-Protocol"
HEADER_VERSION: Final = "Runtiles-Version"
"""On every answer of the service, for clients that are older or newer than it."""
SERVICE_SCOPE: Final = "access:services!service=runtiles"
DEFAULT_RUNTIME: Final = "default"
"""How the Hub's unnamed server is called wherever a name is needed."""
