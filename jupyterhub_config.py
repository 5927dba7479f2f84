"""Runtiles on one host: what `make run` starts, and where a site's own configuration begins.

Copy it, take the demo's login away at the end, and put in your own authenticator
(docs/howto/install.md). Every setting is explained in docs/reference/configuration.md.
"""

import os
import secrets
from pathlib import Path
from typing import Any

import docker
from docker.utils import kwargs_from_env

from runtiles import hub_config, pages
from runtiles.engines.docker_network import host_address

c = get_config()  # type: ignore[name-defined]

ROOT = Path(__file__).resolve().parent
STATE = Path(os.environ.get("RUNTILES_STATE_DIR") or ROOT / "build" / "state").resolve()
PORT = int(os.environ.get("RUNTILES_PORT") or 8000)
SPAWNER = os.environ.get("RUNTILES_SPAWNER") or "runtiles"
CONTAINERS = SPAWNER == "runtiles"
DEMO = bool(os.environ.get("RUNTILES_DEMO"))

STATE.mkdir(mode=0o700, parents=True, exist_ok=True)


def kept(name: str) -> str:
    """A random word of this site, made once: it tells its containers from another Hub's."""
    file = STATE / name
    if not file.exists():
        file.write_text(secrets.token_hex(6))
    return file.read_text().strip()


def reachable_host() -> str:
    """This host's address as runtimes see it: the gateway of the engine's default network."""
    if not CONTAINERS:
        return "127.0.0.1"
    client = docker.APIClient(**kwargs_from_env())
    try:
        return host_address(client)
    finally:
        client.close()


# -- the Hub: pages on 127.0.0.1, its API where runtimes reach it -------------------------------------
host = reachable_host()
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://{host}:{PORT + 81}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
# Only what a runtime reports about itself counts as activity: the proxy would count an open tab.
c.JupyterHub.last_activity_interval = 0

# -- runtimes ----------------------------------------------------------------------------------------
c.JupyterHub.spawner_class = SPAWNER
common: dict[str, Any] = {
    "hub_id": kept("hub-id"),
    "store_url": f"sqlite:///{STATE / 'runtiles.sqlite'}",
    # Your own tiles: a list of YAML files.
    "catalogue_paths": [],
    "policy": {
        # Where nothing computes and nobody works for two hours, the GPU goes back and the variables stay.
        "default_idle": {"timeout": "2h", "type": "work", "action": "pause"},
        # What users may ask for beyond the tiles. The demo's one user may run any image.
        "allow_custom_images": DEMO,
    },
}
key_file = str(STATE / "runtiles.key")
service_url = f"http://{host}:{PORT + 181}"

c.RuntimeSpawner.update(common)
c.RuntimeSpawner.secret_key_file = key_file
c.RuntimeSpawner.service_url = f"{service_url}/services/runtiles"
c.DockerRuntimeSpawner.engine_state_dir = str(STATE)
c.ProcessRuntimeSpawner.process_dir = str(STATE / "processes")

hub_config.configure(
    c,
    **common,
    key_file=key_file,
    url=service_url,
    engine="docker" if CONTAINERS else "process",
    engine_options={"hub": common["hub_id"]}
    if CONTAINERS
    else {"root": str(STATE / "processes" / "running")},
)

# -- pages -------------------------------------------------------------------------------------------
c.JupyterHub.template_paths = pages.template_paths()
c.JupyterHub.template_vars = pages.template_vars()

# -- the demo: one user, one password, this machine only ----------------------------------------------
if DEMO:
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = (STATE / "demo-password").read_text().strip()
    c.Authenticator.allowed_users = {"demo"}
    # So that the admin panel is there to look at. A site names its admins: c.Authenticator.admin_users.
    c.JupyterHub.load_roles = [
        *c.JupyterHub.load_roles,
        {
            "name": "demo-admin",
            "users": ["demo"],
            "scopes": ["servers", "read:users", "list:users", "groups"],
        },
    ]
    # Layers for foreign images are built as `make image` builds: with the host's network, index and
    # certificates. A site with images of its users' own leaves the network to the engine.
    c.DockerRuntimeSpawner.layer_network = "host"
    c.DockerRuntimeSpawner.layer_index_url = os.environ.get("PIP_INDEX_URL", "")
    certificates = ROOT / "docker" / "certificates" / "extra-ca.crt"
    if certificates.exists():
        c.DockerRuntimeSpawner.layer_extra_ca = str(certificates)
else:
    # Runtimes go on when the Hub restarts; the demo ends them with itself.
    c.JupyterHub.cleanup_servers = False
