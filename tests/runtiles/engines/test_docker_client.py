"""The door: threads, streams that can be left, and what errors become."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import docker
import docker.errors
import pytest
import requests

from runtiles.contract.errors import (
    Conflict,
    EngineUnavailable,
    LaunchFailed,
    NotFound,
    RuntilesError,
)
from runtiles.engines.docker_client import DockerDoor, api_error, translate
from runtiles.engines.docker_stream import EngineStream, JsonLines, RefusedError
from tests.fixtures.hub import wait_until

MB = 1024 * 1024


@pytest.fixture
async def door(docker_client: docker.APIClient) -> AsyncIterator[DockerDoor]:
    door = DockerDoor()
    yield door
    door.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (409, Conflict),
        (500, EngineUnavailable),
        (503, EngineUnavailable),
        (400, LaunchFailed),
    ],
)
def test_answers_of_the_engine(status: int, kind: type[RuntilesError]) -> None:
    error = api_error(status, "the reason")
    assert type(error) is kind
    assert "the reason." in error.message


def test_other_errors_mean_that_it_does_not_answer() -> None:
    denied = docker.errors.DockerException("x")
    denied.__cause__ = requests.exceptions.ConnectionError("aborted", PermissionError(13, "no"))
    for error, hint in (
        (denied, "group `docker`"),
        (requests.exceptions.ConnectionError(FileNotFoundError(2, "no")), "Nothing listens"),
        (requests.exceptions.ReadTimeout("slow"), "try again"),
        (requests.exceptions.SSLError("bad"), "TLS"),
        (docker.errors.InvalidVersion("1.20"), "Docker 20.10"),
    ):
        translated = translate(error)
        assert isinstance(translated, EngineUnavailable)
        assert hint in translated.hint
    ours = NotFound("x")
    assert translate(ours) is ours


def test_json_lines_are_cut_anywhere() -> None:
    lines = JsonLines()
    assert lines.feed(b'{"a": 1}\r\n{"b"') == [{"a": 1}]
    assert lines.feed(b': 2}\r\nno json\r\n[1]\n{"c": 3}\n') == [{"b": 2}, {"c": 3}]


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_no_engine_at_all(tmp_path: Path, failed_connections: None) -> None:
    door = DockerDoor({"base_url": f"unix://{tmp_path}/nothing.sock"})
    with pytest.raises(EngineUnavailable, match="does not answer") as raised:
        await door.call(lambda client: client.version())
    assert "Nothing listens" in raised.value.hint
    with pytest.raises(EngineUnavailable):
        await door.raw("inspect_container", "x")
    with pytest.raises(EngineUnavailable):
        async with EngineStream(door, "GET", "/events"):
            pass
    door.close()


@pytest.mark.engine
class TestWithAnEngine:
    async def test_control_calls_run_side_by_side(self, door: DockerDoor) -> None:
        go_on = threading.Event()
        waits = (door.call_slow(lambda _: go_on.wait(60)) for _ in range(40))
        slow = [asyncio.ensure_future(each) for each in waits]
        await asyncio.gather(*(door.call(lambda client: client.version()) for _ in range(20)))
        assert not any(each.done() for each in slow)
        go_on.set()
        assert all(await asyncio.gather(*slow))

    async def test_raw_keeps_the_errors_of_docker_py(self, door: DockerDoor) -> None:
        assert (await door.raw("version"))["ApiVersion"]
        with pytest.raises(docker.errors.NotFound):
            await door.raw("inspect_container", "there-is-none")
        with pytest.raises(NotFound):
            await door.call(lambda client: client.inspect_container("there-is-none"))

    async def test_a_stream_that_says_nothing_can_be_left(self, door: DockerDoor) -> None:
        before = threading.active_count()
        for _ in range(20):
            stream = EngineStream(door, "GET", "/events", params={"filters": '{"label":["x=y"]}'})
            async with stream:
                assert await stream.read(0.01) is None
                reading = asyncio.ensure_future(stream.read())
                await asyncio.sleep(0)
                reading.cancel()
        assert threading.active_count() <= before + 2, "one thread after the other, reused"

    async def test_headers_that_came_before_anybody_waited_are_no_end(
        self, door: DockerDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stream = EngineStream(door, "GET", "/version")
        start = door.start_thread

        def held_up(work: Callable[[], None]) -> "asyncio.Future[None]":
            """A loop that gets no time until the engine has answered."""
            reading = start(work)
            wait_until(lambda: stream._response is not None, 60, "the headers")
            return reading

        goes_on = threading.Event()
        pass_on = stream._pass_on

        def late(response: requests.Response) -> None:
            goes_on.wait(30)
            pass_on(response)

        monkeypatch.setattr(door, "start_thread", held_up)
        monkeypatch.setattr(stream, "_pass_on", late)
        async with stream:
            asyncio.get_running_loop().call_later(0.1, goes_on.set)
            assert b"ApiVersion" in (await stream.read() or b"")

    async def test_a_refused_stream(self, door: DockerDoor) -> None:
        with pytest.raises(RefusedError) as raised:
            async with EngineStream(door, "GET", "/containers/there-is-none/logs"):
                pass
        assert raised.value.status in (400, 404)

    async def test_a_slow_reader_holds_the_engine_up_and_loses_nothing(
        self, door: DockerDoor, docker_client: docker.APIClient, debian: str
    ) -> None:
        container = docker_client.create_container(
            debian, ["sh", "-c", f"yes {'x' * 150} | head -c 20000000"]
        )
        try:
            docker_client.start(container)
            docker_client.wait(container)
            path, both = f"/containers/{container['Id']}/logs", {"stdout": "1", "stderr": "1"}
            async with EngineStream(door, "GET", path, params=both) as stream:
                await asyncio.sleep(0.3)
                total = 0
                assert stream.unread < 1.5 * MB
                while data := await stream.read():
                    total += len(data)
            assert total >= 20_000_000
        finally:
            docker_client.remove_container(container, force=True, v=True)
