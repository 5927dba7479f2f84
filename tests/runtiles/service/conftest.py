"""A real Hub that runs the real service, as hub_config says, and people who use it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtiles.store import KeyFile, Store
from tests.fixtures.hub import (
    FETCH,
    NAVIGATE,
    NO_TLS,
    RunningHub,
    free_ports,
    running_hub,
    wait_until,
)
from tests.runtiles.service.answers import checked
from tests.runtiles.service.tiles import TILES

_CONFIG = """
from runtiles import hub_config
from tests.runtiles.service.spawner import StoreSpawner
c.JupyterHub.spawner_class = StoreSpawner
c.JupyterHub.named_server_limit_per_user = 3
hub_config.configure(
    c,
    store_url={store_url!r},
    key_file={key_file!r},
    catalogue_paths=[{folder!r} + "/tiles.yaml"],
    policy={{"default_tile": "quick", "max_runtimes": 2, "max_snapshots_size": "50m"}},
    engine="process",
    engine_options={{"root": {folder!r} + "/running"}},
    hub_id="test",
    url="http://127.0.0.1:{port}",
)
"""


@dataclass(frozen=True)
class ServiceHub:
    """`store` is the very store that Hub and service share; `port` is the service's own, which the
    proxy stands in front of."""

    hub: RunningHub
    folder: Path
    store: Store
    port: int

    def client(self, token: str) -> httpx.Client:
        """Somebody with this token, at the service's API; each answer is checked against the document
        that describes it. Close it."""
        return httpx.Client(
            base_url=f"{self.hub.origin}/services/runtiles/api",
            headers={"Authorization": f"token {token}"},
            verify=NO_TLS,
            timeout=60,
            event_hooks={"response": [checked]},
        )


@dataclass(frozen=True)
class Person:
    """A user of their own for each test, with a token that has all their rights."""

    service: ServiceHub
    name: str
    token: str
    api: httpx.Client

    def launch(self, **options: Any) -> dict[str, Any]:
        answer = self.api.post("/runtimes", json=options)
        assert answer.status_code == 201, answer.text
        launched: dict[str, Any] = answer.json()
        return launched

    def state(self, name: str) -> str:
        return str(self.api.get(f"/runtimes/{name}").json().get("state"))

    def wait_for(self, name: str, state: str) -> None:
        wait_until(lambda: self.state(name) == state, 60, f"{name} to be {state}")

    def open_gate(self) -> None:
        """Let this person's gated launches go on."""
        (self.service.folder / "gates" / self.name).touch()

    def server_token(self, server: str = "") -> str:
        """The token that the Hub made for this server."""
        return (self.service.folder / "tokens" / f"{self.name}-{server}").read_text()

    def limited(self, *scopes: str) -> httpx.Client:
        """The same person with a token that has only these scopes."""
        return self.service.client(self.service.hub.user(self.name, scopes))


def script_headers(browser: httpx.Client) -> dict[str, str]:
    """Logs the browser in at the service; the headers of a script on one of its pages."""
    page = browser.get("/services/runtiles/", headers=NAVIGATE)
    (proof,) = re.findall(r'<meta name="xsrf" content="([^"]+)">', page.text)
    return {**FETCH, "X-XSRFToken": proof}


@contextmanager
def running_service(folder: Path, store_url: str = "") -> Iterator[ServiceHub]:
    """A Hub of one's own, for tests that restart or kill it; its store is a file, if none is named."""
    for name in ("gates", "tokens"):
        (folder / name).mkdir()
    (folder / "tiles.yaml").write_text(TILES)
    key_file = folder / "key"
    store_url = store_url or f"sqlite:///{folder}/runtiles.sqlite"
    paths = {"store_url": store_url, "key_file": str(key_file), "folder": str(folder)}
    (port,) = free_ports(1)
    config = _CONFIG.format(**paths, port=port)
    environment = {"SERVICE_TEST_DIR": str(folder), "SERVICE_TEST_STORE": store_url}
    store = Store(store_url, KeyFile(key_file))
    with running_hub(folder, config, environment) as hub:
        hub.wait_for("/services/runtiles/api")
        yield ServiceHub(hub, folder, store, port)
    store.close()


@contextmanager
def person(service: ServiceHub, name: str, scopes: Sequence[str] = ()) -> Iterator[Person]:
    token = service.hub.user(name, scopes)
    with service.client(token) as api:
        yield Person(service, name, token, api)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running
