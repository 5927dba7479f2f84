"""What a runtime tells a service that is there, was started anew, is older, or is away."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runtiles.contract.activity import Activity, Kernel
from runtiles_server.activity.reporting import Place, Post, Reporter

_PATIENCE_S = 60.0


@dataclass
class Service:
    """Answers each report with a beat, as long as it gives any, and knows the last one."""

    gives: bool = True
    status: int = 200
    beats: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    url: str = ""

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        self.bodies.append(body)
        if self.status != 200:
            return self.status, {"error": {"code": "unavailable"}}
        if "same" in body and self.gives:
            return (204, None) if body["same"] == f"b{self.beats}" else (409, {"error": {}})
        self.beats += 1
        told = {"reason": f"Report {self.beats}."}
        return 200, {**told, "beat": f"b{self.beats}"} if self.gives else told

    @property
    def said(self) -> str:
        """`w` for each whole report, `b` for each beat."""
        return "".join("b" if "same" in body else "w" for body in self.bodies)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            found.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = found.answer(body)
            text = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            if answer is not None:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}/activity?launch=l1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Runtime:
    """Nothing happens in it but what a test does."""

    began: float = field(default_factory=time.monotonic)
    busy: bool = False
    shown: bool = False
    fails: bool = False
    told: list[dict[str, Any] | None] = field(default_factory=list)

    async def report(self) -> Activity:
        if self.fails:
            raise RuntimeError("can't start new thread")
        up = 5000.0 + time.monotonic() - self.began
        kernel = Kernel("k", "a.ipynb", quiet_for=up, connections=1)
        if self.busy:
            kernel = replace(kernel, busy_for=up)
        return Activity(up_for=up, kernels=(kernel,), sessions=1, occupied_for=0.0)


@asynccontextmanager
async def reporting(service: Service, runtime: Runtime, **options: Any) -> AsyncIterator[Reporter]:
    reporter = Reporter(
        runtime.report,
        Post(Place(service.url, "key")),
        told=runtime.told.append,
        shown=lambda: runtime.shown,
        **{"interval": 0.05, "look": 0.02, **options},
    )
    task = asyncio.create_task(reporter.run())
    try:
        yield reporter
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_without_news_only_a_beat_is_sent(service: Service) -> None:
    runtime = Runtime()
    async with reporting(service, runtime):
        await until(lambda: len(service.bodies) >= 4)
    assert service.said.rstrip("b") == "w"
    assert service.bodies[1] == {"same": "b1"}
    assert runtime.told[:3] == [{"reason": "Report 1."}, None, None]
    assert service.connections == 1


async def test_a_look_that_fails_does_not_end_the_reports(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = Runtime(fails=True)
    async with reporting(service, runtime):
        await until(lambda: "can't start new thread" in caplog.text)
        await asyncio.sleep(0.2)
        assert caplog.text.count("could not be told") == 1
        runtime.fails = False
        await until(lambda: bool(service.bodies))


async def test_a_change_is_told_whole_and_at_once(service: Service) -> None:
    runtime = Runtime()
    async with reporting(service, runtime, interval=1000.0) as reporter:
        await until(lambda: service.said == "w")
        runtime.busy = True
        reporter.soon()
        await until(lambda: service.said == "ww")
    assert service.bodies[1]["kernels"][0]["busy_for"] is not None


async def test_a_service_that_was_started_anew_is_told_all(service: Service) -> None:
    runtime = Runtime()
    async with reporting(service, runtime):
        await until(lambda: service.said.startswith("wb"))
        # Its beats are others than those of the one before.
        service.bodies.clear()
        service.beats = 1000
        await until(lambda: len(service.bodies) >= 4)
    assert service.said.startswith("bwb")
    assert {"reason": "Report 1001."} in runtime.told


async def test_an_older_service_gets_whole_reports(service: Service) -> None:
    service.gives = False
    async with reporting(service, Runtime()):
        await until(lambda: len(service.bodies) >= 3)
    assert set(service.said) == {"w"}


async def test_a_service_that_was_put_back_to_an_older_one_does_too(service: Service) -> None:
    """It takes a beat for an empty report, so the whole one has to follow at once."""
    async with reporting(service, Runtime()):
        await until(lambda: service.said.startswith("wb"))
        service.bodies.clear()
        service.gives = False
        await until(lambda: len(service.bodies) >= 4)
    assert service.said.startswith("bww")


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500, 503])
async def test_a_service_that_refuses_is_asked_again(service: Service, status: int) -> None:
    runtime = Runtime()
    async with reporting(service, runtime):
        await until(lambda: service.said.startswith("wb"))
        service.status = status
        service.bodies.clear()
        await until(lambda: len(service.bodies) >= 6)
        service.status = 200
        service.bodies.clear()
        await until(lambda: "b" in service.said)
    assert runtime.told[-1] is None


async def test_who_looks_is_told_in_whole(service: Service) -> None:
    runtime = Runtime(shown=True)
    async with reporting(service, runtime, interval=1000.0) as reporter:
        await until(lambda: service.said == "w")
        reporter.anyway()
        await until(lambda: service.said == "ww")
    service.bodies.clear()
    async with reporting(service, runtime):
        await until(lambda: len(service.bodies) >= 3)
    assert set(service.said) == {"w"}


async def test_a_whole_report_is_sent_from_time_to_time(service: Service) -> None:
    async with reporting(service, Runtime(), whole=0.2):
        await until(lambda: service.said.count("w") >= 3)
    assert "b" in service.said
