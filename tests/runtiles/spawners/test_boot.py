"""From started to answering: against real sockets, with the container's part played by generators."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from runtiles.contract.errors import ContainerExited, LaunchFailed, PhaseTimeout
from runtiles.contract.events import LaunchEvent, decode_line, encode_line
from runtiles.spawners.boot import Boot


class Api(RequestHandler):
    status = 200

    def get(self) -> None:
        self.set_status(self.status)


class NotYet(Api):
    status = 503


def take(heard: list[LaunchEvent]) -> object:
    def line(phase: str, text: str) -> LaunchEvent:
        event = decode_line(text) or LaunchEvent(phase, "log", text)
        heard.append(event)
        return event

    return line


async def says(*lines: str, then: asyncio.Event | None = None) -> AsyncGenerator[str, None]:
    for line in lines:
        yield line
    await (then or asyncio.Event()).wait()


async def never() -> LaunchFailed:
    await asyncio.Event().wait()
    raise AssertionError


def silent(phase: str) -> LaunchFailed:
    return PhaseTimeout(phase)


async def test_returns_as_soon_as_the_server_answers() -> None:
    socket, port = bind_unused_port()
    heard: list[LaunchEvent] = []
    boot = Boot(take(heard), silence=30)  # type: ignore[arg-type]
    running = asyncio.create_task(
        boot.run(says("hello"), never, silent, f"http://127.0.0.1:{port}/api")
    )
    await asyncio.sleep(0.1)
    assert not running.done()
    server = HTTPServer(Application([("/api", Api)]))
    server.add_socket(socket)
    await asyncio.wait_for(running, 5)
    assert [event.message for event in heard] == ["hello"]
    server.stop()


async def test_a_server_error_is_not_an_answer() -> None:
    socket, port = bind_unused_port()
    server = HTTPServer(Application([("/api", NotYet)]))
    server.add_socket(socket)
    boot = Boot(take([]), silence=0.3)  # type: ignore[arg-type]
    with pytest.raises(PhaseTimeout):
        await boot.run(says(), never, silent, f"http://127.0.0.1:{port}/api")
    server.stop()


async def test_the_end_of_the_container_ends_the_wait_with_its_last_words_heard() -> None:
    socket, port = bind_unused_port()
    heard: list[LaunchEvent] = []
    gone = asyncio.Event()
    gone.set()
    failed = LaunchEvent("workspace", "failed", "no such repository")

    async def ended() -> LaunchFailed:
        return ContainerExited("exit code 1")

    boot = Boot(take(heard), silence=30)  # type: ignore[arg-type]
    lines = says("one", encode_line(failed), then=gone)
    with pytest.raises(ContainerExited):
        await boot.run(lines, ended, silent, f"http://127.0.0.1:{port}/api")
    assert boot.failure is not None
    assert boot.failure.message == "no such repository"
    assert boot.phase == "workspace"
    socket.close()


async def test_silence_names_the_phase_it_happened_in() -> None:
    socket, port = bind_unused_port()
    boot = Boot(take([]), silence=0.3)  # type: ignore[arg-type]
    lines = says(encode_line(LaunchEvent("hook", "phase", "Running the startup hook.")))
    with pytest.raises(PhaseTimeout, match="hook"):
        await boot.run(lines, never, silent, f"http://127.0.0.1:{port}/api")
    socket.close()


async def test_output_is_a_sign_of_life() -> None:
    socket, port = bind_unused_port()

    async def chatty() -> AsyncGenerator[str, None]:
        while True:
            yield "still cloning"
            await asyncio.sleep(0.05)

    boot = Boot(take([]), silence=0.3)  # type: ignore[arg-type]
    running = asyncio.create_task(boot.run(chatty(), never, silent, f"http://127.0.0.1:{port}/api"))
    done, _ = await asyncio.wait({running}, timeout=1.0)
    assert not done
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    socket.close()


async def test_cancelling_leaves_no_task_behind() -> None:
    boot = Boot(take([]), silence=30)  # type: ignore[arg-type]
    before = asyncio.all_tasks()
    running = asyncio.create_task(boot.run(says(), never, silent, "http://127.0.0.1:9/api"))
    await asyncio.sleep(0.1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert asyncio.all_tasks() == before
