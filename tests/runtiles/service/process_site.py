"""A real Hub and service whose runtimes are processes: the real launcher, server and kernels, no engine."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fixtures.hub import free_ports, running_hub
from tests.integration.site import Site

_CONFIG = """
from runtiles import hub_config
c.JupyterHub.spawner_class = "runtiles.spawners.process.ProcessRuntimeSpawner"
c.ProcessRuntimeSpawner.process_dir = {folder!r} + "/processes"
c.RuntimeSpawner.store_url = "sqlite:///{folder}/runtiles.sqlite"
c.RuntimeSpawner.secret_key_file = "{folder}/key"
c.RuntimeSpawner.catalogue_paths = ["{folder}/tiles.json"]
c.RuntimeSpawner.hub_id = "{hub_id}"
c.RuntimeSpawner.service_url = "http://127.0.0.1:{port}/services/runtiles"
c.RuntimeSpawner.policy = {policy!r}
hub_config.configure(
    c,
    store_url=c.RuntimeSpawner.store_url,
    key_file="{folder}/key",
    catalogue_paths=["{folder}/tiles.json"],
    policy={policy!r},
    engine="process",
    engine_options={{"root": {folder!r} + "/processes/running"}},
    hub_id="{hub_id}",
    url="http://127.0.0.1:{port}",
    runtimes_act={act},
    **{service!r},
)
"""
_TILES = {
    "tiles": [{"slug": "plain", "title": "Plain", "description": "For tests.", "image": "python"}]
}


@contextmanager
def process_site(
    folder: Path,
    *,
    act: bool = True,
    policy: Mapping[str, Any] | None = None,
    service: Mapping[str, Any] | None = None,
    config: str = "",
) -> Iterator[Site]:
    """`service`: more options of the service; `config`: more of the Hub's own configuration."""
    (folder / "tiles.json").write_text(json.dumps(_TILES))
    hub_id = secrets.token_hex(4)
    names = {"folder": str(folder), "port": free_ports(1)[0], "hub_id": hub_id}
    more = {"policy": dict(policy or {}), "service": dict(service or {})}
    text = _CONFIG.format(**names, act=act, **more) + config
    engine: Any = None
    with running_hub(folder, text) as hub:
        hub.wait_for("/services/runtiles/api")
        yield Site(hub, hub_id, engine, "127.0.0.1")


def storage(site: Site, user: str) -> Path:
    """The user's files."""
    (found,) = (site.hub.folder / "processes" / "storage").glob(f"*{user}*")
    return found
