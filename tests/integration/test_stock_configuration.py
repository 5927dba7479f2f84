"""A configuration written for DockerSpawner behaves as it does upstream."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.integration.conftest import tile
from tests.integration.site import Person, Site, running_site

pytestmark = pytest.mark.engine

NETWORK = "runtiles-test-network"

CONFIG = f"""
c.DockerSpawner.volumes = {{"{{prefix}}-work-{{username}}": "/home/work"}}
c.DockerSpawner.read_only_volumes = {{"{{prefix}}-shared": "/shared"}}
c.DockerSpawner.network_name = "{NETWORK}"
c.DockerSpawner.mem_limit = "768M"
c.DockerSpawner.cpu_limit = 0.5
c.DockerSpawner.notebook_dir = "/home/work"
c.DockerSpawner.post_start_cmd = "touch /tmp/post-start-was-here"
c.DockerSpawner.name_template = "{{prefix}}-of-{{username}}-{{servername}}"
c.DockerSpawner.extra_create_kwargs = {{"labels": {{"site": "ours"}}, "hostname": "here"}}
c.DockerSpawner.extra_host_config = {{"cap_drop": ["ALL"], "shm_size": "128m"}}
c.DockerSpawner.environment = {{"SITE_COLOUR": "blue", "CALLED": lambda s: s.user.name}}
c.DockerSpawner.default_url = "/lab/tree/welcome"
"""


@pytest.fixture(scope="module")
def network(docker_client: docker.APIClient) -> Iterator[str]:
    if not docker_client.networks(names=[NETWORK]):
        docker_client.create_network(NETWORK, driver="bridge")
    yield NETWORK
    docker_client.remove_network(NETWORK)


@pytest.fixture(scope="module")
def stock_site(
    docker_client: docker.APIClient,
    own_image: str,
    network: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("stock")
    tiles = {"tiles": [tile("plain")]}
    with running_site(folder, docker_client, tiles, config=CONFIG) as running:
        yield running


def test_traits_templates_and_hooks_do_what_they_do_upstream(stock_site: Site) -> None:
    person: Person = stock_site.person()
    person.ready("plain", machine="cpu-large")
    prefix = stock_site.hub_id
    (container,) = stock_site.containers(person.name)
    found = stock_site.engine.inspect_container(container["Id"])
    host, config = found["HostConfig"], found["Config"]

    assert found["Name"] == f"/{prefix}-of-{person.name}-lab"
    assert f"{prefix}-work-{person.name}:/home/work:rw" in host["Binds"]
    assert f"{prefix}-shared:/shared:ro" in host["Binds"]
    # The stricter of the site's limit and the machine's.
    assert host["Memory"] == 768 * 2**20
    assert host["CpuQuota"] == 50_000
    assert host["CapDrop"] == ["ALL"]
    assert host["ShmSize"] == 128 * 2**20
    assert host["NetworkMode"] == NETWORK
    assert list(found["NetworkSettings"]["Networks"]) == [NETWORK]
    assert host["PortBindings"] in ({}, None)
    assert config["Hostname"] == "here"
    assert config["Labels"]["site"] == "ours"
    assert config["Labels"]["org.runtiles.tile"] == "plain"
    assert f"CALLED={person.name}" in config["Env"]
    assert "post-start-was-here" in stock_site.run_in(container["Id"], "ls /tmp")
    assert "blue" in person.python("import os; print(os.environ['SITE_COLOUR'])")
    assert "/home/work" in person.python("import os; print(os.getcwd())")
    body = {"type": "file", "format": "text", "content": "kept"}
    assert person.put("api/contents/mine.txt", body).status_code == 201
    person.stop()
    with person.api as api:
        assert api.post("/runtimes/lab/start").status_code < 300
    person.wait_for("running")
    assert "mine.txt" in person.files()
