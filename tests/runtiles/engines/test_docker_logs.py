"""Logs of a terminal, of a driver that keeps none, and of a program that never stops talking."""

from collections.abc import Callable
from typing import Any

import docker
import pytest

from runtiles.contract.protocol import LABEL_HUB
from runtiles.engines.docker import DockerEngine

pytestmark = pytest.mark.engine

#: Runs a shell command to its end and gives the container's id.
Run = Callable[..., str]


@pytest.fixture
def run(docker_client: docker.APIClient, debian: str, hub_name: str) -> Run:
    def start(command: str, log_config: Any = None, **options: Any) -> str:
        host = docker_client.create_host_config(network_mode="none", log_config=log_config)
        container = docker_client.create_container(
            debian,
            ["sh", "-c", command],
            labels={LABEL_HUB: hub_name},
            host_config=host,
            **options,
        )
        docker_client.start(container)
        docker_client.wait(container)
        return str(container["Id"])

    return start


async def test_a_terminal(docker_engine: DockerEngine, run: Run) -> None:
    container_id = run("echo one; echo two >&2", tty=True)
    assert (await docker_engine.logs(container_id)).split() == ["one", "two"]
    assert [line async for line in docker_engine.follow(container_id)] == ["one", "two"]


async def test_both_streams_in_order(docker_engine: DockerEngine, run: Run) -> None:
    container_id = run("echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three")
    assert (await docker_engine.logs(container_id)).split() == ["one", "two", "three"]
    assert [line async for line in docker_engine.follow(container_id)] == ["one", "two", "three"]


async def test_a_driver_that_keeps_nothing_says_so(docker_engine: DockerEngine, run: Run) -> None:
    container_id = run("echo lost", docker.types.LogConfig(type="none"))
    assert "cannot be read" in await docker_engine.logs(container_id)
    (line,) = [line async for line in docker_engine.follow(container_id)]
    assert "cannot be read" in line


async def test_only_the_last_part_of_an_endless_log_is_read(
    docker_engine: DockerEngine, run: Run
) -> None:
    container_id = run(f"yes {'x' * 1000} | head -c 9000000; echo; echo the end")
    text = await docker_engine.logs(container_id)
    assert 4_000_000 < len(text) < 6_000_000
    assert text.endswith("the end\n")
