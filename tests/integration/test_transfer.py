"""Variables from one container to another: over the user's volume, or from server to server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.integration.conftest import tile
from tests.integration.site import Person, Site, running_site
from tests.integration.transfers import Kernel, transfer, transferred

pytestmark = pytest.mark.engine

CODE = """
import collections
Point = collections.namedtuple("Point", "x y")
data = bytearray(b"x" * 20_000_000)
both = [data, data]
factor = 3
def scaled(x): return x * factor
gen = (i for i in range(3))
"""
CHECK = "print(len(data), both[0] is data, scaled(2))"
RIGHT = "20000000 True 6"


def two(person: Person) -> tuple[Kernel, Kernel]:
    for name in ("one", "two"):
        person.ready("plain", name)
    source, target = Kernel.start(person, "one"), Kernel.start(person, "two")
    source.run(CODE)
    return source, target


def nothing_left(person: Person) -> None:
    for container in person.site.containers(person.name):
        find = "find /tmp /run /home /storage -path '*transfers/*' 2>/dev/null; true"
        found = person.site.run_in(container["Id"], find)
        assert found.strip() == ""


def test_over_the_volume_and_for_nobody_else(person: Person) -> None:
    source, target = two(person)
    wanted: dict[str, Any] = {"names": ["data", "both", "scaled", "gen", "nothing"]}
    dry = transferred(source, target, dry_run=True, **wanted)
    assert {each["name"]: each["status"] for each in dry["variables"]} == {
        "data": "copied", "both": "copied", "scaled": "copied", "gen": "skipped",
        "factor": "copied", "nothing": "failed",
    }  # fmt: skip
    assert target.run("print('data' in globals())") == "False"
    result = transferred(source, target, **wanted)
    assert result["way"] == "storage"
    assert [each["variable"] for each in result["losses"]] == ["gen"]
    assert target.run(CHECK) == RIGHT
    target.run("data[0] = 0; factor = 'mine'")
    assert source.run("print(data[0], factor)") == "120 3"
    again = transferred(source, target, names=["factor"])
    assert again["variables"][0]["status"] == "kept"
    renamed = transferred(source, target, names=["factor"], rename={"factor": "theirs"})
    assert renamed["variables"][0]["as"] == "theirs"
    assert target.run("print(factor, theirs)") == "mine 3"
    nothing_left(person)
    with person.site.person().api as api:
        answer = api.post(
            "/runtimes/one/transfer",
            params={"user": person.name},
            json={"from": {"kernel": source.id}, "to": {"kernel": target.id, "runtime": "two"}},
        )
    assert answer.status_code in (403, 404)
    person.stop("two")
    refused = transfer(source, target, names=["factor"])
    assert refused.status_code == 409
    assert "stopped" in refused.json()["error"]["message"]


@pytest.fixture(scope="module")
def bare_site(
    docker_client: docker.APIClient,
    own_image: str,
    ca_bundle: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Its users have no storage."""
    config = '\nc.DockerRuntimeSpawner.storage_volume = ""\n'
    folder, tiles = tmp_path_factory.mktemp("bare"), {"tiles": [tile("plain")]}
    with running_site(folder, docker_client, tiles, extra_ca=ca_bundle, config=config) as site:
        yield site


def test_from_server_to_server_for_two_people_at_once(bare_site: Site) -> None:
    people = [bare_site.person() for _ in range(2)]
    pairs = [two(each) for each in people]
    pairs[1][0].run("factor = 4")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda pair: transferred(*pair), pairs))
    assert [each["way"] for each in results] == ["http", "http"]
    assert pairs[0][1].run(CHECK) == RIGHT
    assert pairs[1][1].run("print(scaled(2))") == "8"
    for each in people:
        nothing_left(each)
