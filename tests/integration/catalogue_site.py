"""A real Hub with the process spawner and the service, on one store: no engine is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from runtiles.store import Store
from tests.fixtures.hub import NO_TLS, RunningHub, free_ports, running_hub

TILES = """
tiles:
  - {slug: plain, title: Plain tile, image: 'runtiles/plain:1', category: recommended}
  - {slug: other, title: Other tile, image: 'runtiles/other:1'}
machines:
  - {slug: small, title: Small machine, cpus: 1, memory: 1g, default: true}
  - {slug: large, title: Large machine, cpus: 2, memory: 2g}
"""

_CONFIG = """
from runtiles import hub_config, pages
c.JupyterHub.spawner_class = "runtiles-process"
c.JupyterHub.template_paths = pages.template_paths()
c.JupyterHub.template_vars = pages.template_vars()
common = dict(
    store_url="sqlite:///{folder}/runtiles.sqlite",
    catalogue_paths=["{folder}/tiles.yaml"],
    builtin_tiles=False,
    hub_id="catalogue",
    policy={{"default_tile": "plain"}},
)
c.RuntimeSpawner.update(common)
c.RuntimeSpawner.secret_key_file = "{folder}/key"
c.RuntimeSpawner.service_url = "http://127.0.0.1:{port}/services/runtiles"
c.ProcessRuntimeSpawner.process_dir = "{folder}/processes"
hub_config.configure(
    c,
    **common,
    key_file="{folder}/key",
    url="http://127.0.0.1:{port}",
    engine="process",
    engine_options={{"root": "{folder}/processes/running"}},
)
"""


@dataclass(frozen=True)
class CatalogueSite:
    """`store` is the very store that Hub and service share."""

    hub: RunningHub
    store: Store

    def api(self, token: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.hub.origin}/services/runtiles/api",
            headers={"Authorization": f"token {token}"},
            verify=NO_TLS,
            timeout=60,
        )

    def user(self, name: str, *scopes: str) -> httpx.Client:
        return self.api(self.hub.user(name, scopes))

    def put(self, path: str, **keys: Any) -> dict[str, Any]:
        """What an admin saves in the panel."""
        with self.user("admin") as admin:
            answer = admin.put(f"/admin/{path}", json=keys)
        assert answer.status_code == 200, answer.text
        saved: dict[str, Any] = answer.json()
        return saved


@contextmanager
def catalogue_site(folder: Path, config: str = "") -> Iterator[CatalogueSite]:
    """`config`: more Python for the Hub's configuration."""
    (folder / "tiles.yaml").write_text(TILES)
    ours = _CONFIG.format(folder=folder, port=free_ports(1)[0])
    with running_hub(folder, config + ours) as hub:
        hub.wait_for("/services/runtiles/api")
        store = Store(f"sqlite:///{folder}/runtiles.sqlite")
        yield CatalogueSite(hub, store)
        store.close()
