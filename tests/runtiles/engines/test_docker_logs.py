"""Logs of a terminal, of a driver that keeps none, and of a program that never stops talking."""

from collections.abc import Callable
from typing import Any

import docker
import pytest
from typing_extensions import Self

from runtiles.contract.protocol import LABEL_HUB
from runtiles.engines import docker_logs
from runtiles.engines.docker import DockerEngine
from runtiles.engines.docker_stream import EngineStream
from runtiles.values.loglines import LogLine

pytestmark = pytest.mark.engine

#: Runs a shell command, to its end unless told otherwise, and gives the container's id.
Run = Callable[..., str]


@pytest.fixture
def run(docker_client: docker.APIClient, debian: str, hub_name: str) -> Run:
    def start(
        command: str, log_config: Any = None, *, to_its_end: bool = True, **options: Any
    ) -> str:
        host = docker_client.create_host_config(network_mode="none", log_config=log_config)
        container = docker_client.create_container(
            debian,
            ["sh", "-c", command],
            labels={LABEL_HUB: hub_name},
            host_config=host,
            **options,
        )
        docker_client.start(container)
        if to_its_end:
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


class Early(EngineStream):
    """An engine that ends its first answer at once, as it may when a container is just starting."""

    asked = 0

    async def read(self, timeout: float | None = None) -> bytes | None:
        if Early.asked == 1:
            return b""
        return await super().read(timeout)

    async def __aenter__(self) -> Self:
        Early.asked += 1
        await super().__aenter__()
        return self


async def test_an_answer_that_ends_too_early_is_asked_for_again(
    docker_engine: DockerEngine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_logs, "EngineStream", Early)
    container = run("for i in 1 2 3; do echo line $i; sleep 0.3; done", to_its_end=False)
    lines = [line async for line in docker_engine.follow(container)]
    assert lines == ["line 1", "line 2", "line 3"]
    assert Early.asked >= 2


def test_a_reader_that_begins_anew_reads_nothing_twice_and_misses_nothing() -> None:
    lines = [LogLine(at, text) for at, text in [(1.0, "a"), (2.0, "b"), (2.0, "b"), (2.0, "c")]]
    for cut in range(len(lines) + 1):
        place = docker_logs._Place(None)
        place.begin_anew()
        found = list(place.new(lines[:cut]))
        place.begin_anew()
        later = [line for line in lines if place.at is None or line.at >= place.at]
        found += place.new(later)
        assert found == lines
