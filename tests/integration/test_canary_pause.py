"""No credential is readable in a snapshot, nor anywhere else while a runtime is paused and resumed; nor are
the keys around snapshots."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import httpx
import pytest

from runtiles.store import KeyFile, Store
from tests.integration.conftest import tile
from tests.integration.evidence import (
    Evidence,
    look_at_api,
    look_at_container,
    look_at_files,
    look_at_hub_api,
    look_at_pages,
    watched_processes,
)
from tests.integration.site import Person, Site, running_site
from tests.integration.test_canary import word
from tests.integration.transfers import Kernel

pytestmark = pytest.mark.engine

_USER = "canary-pause"
#: A second runtime of the same storage, which is looked into while the first one is away.
_BESIDE = "beside"
_TALKATIVE = """
c.JupyterHub.log_level = "DEBUG"
c.JupyterHub.services[-1]["environment"]["RUNTILES_LOG_LEVEL"] = "DEBUG"
"""
_HOLDS = """
import os
from os import environ
os.environ["URL"] = "ann:" + os.environ["MINE"] + "@host"
os.environ["MINE"] = "new-" + os.environ["MINE"]
{control} = ["{control}"]
"""


@dataclass
class Search:
    evidence: Evidence
    mine: str = field(default_factory=lambda: word("mine"))
    #: No secret: a variable, its name and its value.
    control: str = field(default_factory=lambda: word("control"))
    keys: dict[str, str] = field(default_factory=dict)
    resumed: str = ""

    def plant_keys(self, site: Site, person: Person) -> None:
        """What signs the person's snapshots, and what opened each launch to the service."""
        folder = site.hub.folder
        store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(f"{folder}/key"))
        self.keys["snapshots"] = store.state_keys.snapshot_key(person.name)
        for launch in store.launches.runtimes(person.name):
            self.keys[launch.id] = store.state_keys.control_key(person.name, launch.id)
        store.close()
        for key in self.keys.values():
            self.evidence.add(key)


@pytest.fixture(scope="module")
def canary_site(
    docker_client: docker.APIClient,
    own_image: str,
    ca_bundle: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("canary")
    tiles = {"tiles": [tile("plain")]}
    with running_site(
        folder, docker_client, tiles, extra_ca=ca_bundle, config=_TALKATIVE
    ) as running:
        yield running


@pytest.fixture(scope="module")
def search(canary_site: Site) -> Search:
    site, found = canary_site, Search(Evidence([]))
    evidence, person = found.evidence, site.person(_USER)
    for each in (found.mine, found.control):
        evidence.add(each)
    with (
        watched_processes(evidence, site.hub.folder),
        person.api as api,
        site.hub.browser(person.name) as browser,
    ):
        api.put("/secrets/mine", json={"value": found.mine}).raise_for_status()
        person.ready("plain", _BESIDE)
        person.ready("plain", "lab", environment={"MINE": "secret:mine"})
        kernel = Kernel.start(person, "lab")
        kernel.run(_HOLDS.format(control=found.control))
        found.plant_keys(site, person)
        pause = api.post("/runtimes/lab/pause", json={"accept_loss": True}, timeout=120)
        assert pause.status_code == 200, pause.text
        person.wait_for("paused", "lab", 120)
        look_everywhere(site, person, found, browser)
        (snapshot,) = api.get("/snapshots").json()
        exported = api.get(f"/snapshots/{snapshot['id']}/export", timeout=60)
        evidence.look("exported snapshot", gzip.decompress(exported.content))
        evidence.look("one snapshot", api.get(f"/snapshots/{snapshot['id']}").content)
        api.post("/runtimes/lab/resume", json={}).raise_for_status()
        person.wait_for("running", "lab", 120)
        found.plant_keys(site, person)
        look_everywhere(site, person, found, browser)
        found.resumed = kernel.run(f"print({found.control}, environ['MINE'], environ.get('URL'))")
    site.hub.stop()
    look_at_files(evidence, "state", site.hub.folder)
    return found


def look_everywhere(site: Site, person: Person, found: Search, browser: httpx.Client) -> None:
    evidence = found.evidence
    look_at_files(evidence, "state", site.hub.folder)
    for container in site.containers(person.name):
        look_at_container(evidence, site.engine, container["Id"])
    for who in (person, site.person("admin")):
        with who.api as api:
            look_at_api(evidence, who.name, api, ["lab"], person.name)
    look_at_hub_api(evidence, site.hub.ask, person.name)
    home = "/services/runtiles/"
    look_at_pages(evidence, browser, ["/hub/home", "/hub/spawn", home, f"{home}snapshots"])


def test_the_kernel_came_back_with_its_variables_and_the_new_launchs_secret(search: Search) -> None:
    assert search.resumed == f"['{search.control}'] {search.mine} None"
    assert len(search.keys) == 4


def test_no_secret_and_no_key_is_anywhere(search: Search) -> None:
    words = {"mine": search.mine, **search.keys}
    found = search.evidence.where(words.values())
    assert {name: found[value] for name, value in words.items() if value in found} == {}


def test_the_same_search_finds_what_is_there(search: Search) -> None:
    seen = search.evidence.seen[search.control]
    assert {"exported snapshot", "one snapshot"} <= seen
    assert any(place.startswith("storage: objects-") for place in seen)
