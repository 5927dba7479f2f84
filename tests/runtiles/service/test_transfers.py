"""Variables between two real runtimes (processes), by the real service."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.hub import RunningHub, free_ports
from tests.integration.site import Person, Site
from tests.integration.transfers import Kernel, transfer, transferred

_CONFIG = """
from runtiles import hub_config
c.JupyterHub.spawner_class = "runtiles.spawners.process.ProcessRuntimeSpawner"
c.ProcessRuntimeSpawner.process_dir = {folder!r} + "/processes"
c.RuntimeSpawner.store_url = "sqlite:///{folder}/runtiles.sqlite"
c.RuntimeSpawner.secret_key_file = "{folder}/key"
c.RuntimeSpawner.catalogue_paths = ["{folder}/tiles.json"]
c.RuntimeSpawner.hub_id = "test"
c.RuntimeSpawner.service_url = "http://127.0.0.1:{port}/services/runtiles"
hub_config.configure(
    c,
    store_url=c.RuntimeSpawner.store_url,
    key_file="{folder}/key",
    catalogue_paths=["{folder}/tiles.json"],
    engine="process",
    engine_options={{"root": {folder!r} + "/processes/running"}},
    hub_id="test",
    url="http://127.0.0.1:{port}",
    runtimes_act={act},
)
"""
_TILES = {
    "tiles": [{"slug": "plain", "title": "Plain", "description": "For tests.", "image": "python"}]
}


def site(folder: Path, *, act: bool = True) -> Iterator[Site]:
    (folder / "tiles.json").write_text(json.dumps(_TILES))
    hub = RunningHub(folder)
    hub.config = _CONFIG.format(folder=str(folder), port=free_ports(1)[0], act=act)
    engine: Any = None
    try:
        hub.start()
        hub.wait_for("/services/runtiles/api")
        yield Site(hub, "test", engine, "127.0.0.1")
    finally:
        hub.close()
        print(hub.log[-20_000:])  # noqa: T201 - pytest shows it for a test that failed


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from site(tmp_path_factory.mktemp("acting"))


def two(person: Person) -> tuple[Kernel, Kernel]:
    for name in ("one", "two"):
        person.ready("plain", name)
    source, target = Kernel.start(person, "one"), Kernel.start(person, "two")
    source.run("factor = 3\ndef scaled(x): return x * factor\ngen = (i for i in 'ab')")
    return source, target


def act(kernel: Kernel, path: str, body: Any) -> Any:
    """What JupyterLab in this runtime asks of its own server."""
    person = kernel.person
    return httpx.post(
        f"{person.site.hub.origin}/user/{person.name}/{kernel.runtime}/runtiles/api/{path}",
        headers={"Authorization": f"token {person.token}"},
        json=body,
        timeout=60,
    )


def test_between_two_runtimes(acting: Site) -> None:
    person = acting.person()
    source, target = two(person)
    dry = transferred(source, target, names=["scaled"], dry_run=True)
    assert [each["name"] for each in dry["variables"]] == ["scaled", "factor"]
    result = transferred(source, target, names=["scaled"])
    assert result["way"] == "storage"
    assert target.run("print(scaled(2))") == "6"
    same = Kernel.start(person, "one")
    assert transferred(source, same)["way"] == "kernel"
    assert same.run("print(scaled(2))") == "6"
    # From JupyterLab, by the runtime's own server.
    body = {
        "from": {"kernel": source.id},
        "to": {"runtime": "two", "kernel": target.id},
        "names": ["factor"],
        "rename": {"factor": "other"},
    }
    answer = act(source, "transfer", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["variables"][0]["as"] == "other"
    assert target.run("print(other)") == "3"


def test_who_may_not_and_what_is_not_there(acting: Site) -> None:
    owner, other = acting.person(), acting.person()
    source, target = two(owner)
    body = {"from": {"kernel": source.id}, "to": {"runtime": "two", "kernel": target.id}}
    with other.api as api:
        stranger = api.post("/runtimes/one/transfer", params={"user": owner.name}, json=body)
    assert stranger.status_code in (403, 404)
    nobody = transfer(source, Kernel(owner, "two", "no-kernel"), names=["factor"])
    assert nobody.status_code == 404
    nowhere = transfer(source, Kernel(owner, "three", target.id), names=["factor"])
    assert nowhere.status_code == 404
    with owner.api as api:
        bad = api.post("/runtimes/one/transfer", json={"from": {}, "to": {"kernel": "x"}})
    assert bad.status_code == 400
    owner.stop("two")
    assert transfer(source, target).status_code == 409
    folder = acting.hub.folder / "processes" / "storage"
    assert list(folder.rglob("transfers/*")) == []


def test_a_site_that_lets_no_runtime_act_says_so(tmp_path: Path) -> None:
    for narrow in site(tmp_path, act=False):
        source, target = two(narrow.person())
        body = {"from": {"kernel": source.id}, "to": {"runtime": "two", "kernel": target.id}}
        answer = act(source, "transfer", body)
        assert answer.status_code == 403, answer.text
        assert "does not let a runtime act" in answer.json()["error"]["message"]
        # By the person's own hand it works.
        assert transferred(source, target)["way"] == "storage"
