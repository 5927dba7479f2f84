"""From the engine's statistics to cores and bytes, and images removed on a real engine."""

import asyncio
import io
import os

import docker
import pytest

from runtiles.contract.errors import Conflict
from runtiles.engines.docker import DockerEngine
from runtiles.engines.docker_usage import Reading, cpu_seconds, usage
from tests.fixtures.images import random_image

STATS = {
    "cpu_stats": {"cpu_usage": {"total_usage": 7_000_000_000}},
    "memory_stats": {"usage": 1000, "limit": 4000, "stats": {"total_inactive_file": 300}},
}


def test_cores_are_cpu_time_over_the_time_that_passed() -> None:
    found = usage(STATS, Reading(5.0, 100.0), Reading(cpu_seconds(STATS), 101.0))
    assert found.cpu == pytest.approx(2.0)
    assert (found.memory, found.memory_limit) == (700, 4000)


def test_both_versions_of_control_groups_name_their_cache() -> None:
    second = {"memory_stats": {"usage": 1000, "stats": {"inactive_file": 100}}}
    found = usage(second, Reading(0.0, 0.0), Reading(0.0, 1.0))
    assert (found.memory, found.memory_limit) == (900, None)


def test_a_container_that_counts_anew_never_gives_a_negative_number() -> None:
    found = usage(STATS, Reading(50.0, 100.0), Reading(7.0, 101.0))
    assert found.cpu == 0.0
    assert usage(STATS, Reading(5.0, 100.0), Reading(7.0, 100.0)).cpu == 0.0


@pytest.mark.engine
async def test_an_image_goes_with_all_its_names(
    docker_client: docker.APIClient, docker_engine: DockerEngine
) -> None:
    name = random_image(docker_client, f"gone-{os.urandom(4).hex()}", 1, 1000)
    docker_client.tag(name, name.partition(":")[0], "2")
    docker_client.tag(name, "runtiles-test/elsewhere", os.urandom(4).hex())
    image_id = docker_client.inspect_image(name)["Id"]
    (found,) = [i for i in await docker_engine.images() if i.id == image_id]
    assert len(found.references) == 3
    await docker_engine.remove_image(image_id)
    assert image_id not in {image.id for image in await docker_engine.images()}


@pytest.mark.engine
async def test_an_image_that_another_is_made_from_keeps_its_names(
    docker_client: docker.APIClient, docker_engine: DockerEngine
) -> None:
    name = random_image(docker_client, f"parent-{os.urandom(4).hex()}", 1, 1000)
    docker_client.tag(name, name.partition(":")[0], "2")
    text = f"FROM {name}\nENV A=b\n".encode()
    child = f"{name.partition(':')[0]}-child:1"
    await asyncio.to_thread(
        lambda: list(docker_client.build(fileobj=io.BytesIO(text), tag=child, rm=True))
    )
    parent_id = docker_client.inspect_image(name)["Id"]
    with pytest.raises(Conflict):
        await docker_engine.remove_image(parent_id)
    assert len(docker_client.inspect_image(parent_id)["RepoTags"]) == 2
    await docker_engine.remove_image(docker_client.inspect_image(child)["Id"])
    await docker_engine.remove_image(parent_id)
