"""What reports are answered with, over real HTTP, with a real store: whole ones, beats, and wrong ones."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tornado.netutil import bind_sockets
from tornado.web import Application

from runtiles.catalogue import LiveCatalogue
from runtiles.contract.activity import Activity, Kernel
from runtiles.policy import SitePolicy
from runtiles.service.base import MAX_BODY, UnknownHandler
from runtiles.service.idle.board import Board
from runtiles.service.idle.desk import Desk
from runtiles.service.idle.handlers import ROUTES
from runtiles.service.idle.intake import Intake
from runtiles.service.idle.population import Population
from runtiles.service.idle.server import ReportServer
from runtiles.service.idle.watched import Clock
from runtiles.service.idle.watcher import Watcher
from runtiles.service.runtimes.changes_tail import ChangesTail
from runtiles.store import KeyFile, Store
from tests.runtiles.service.answers import checked

PREFIX = "/services/runtiles/"
ANN = ("ann", "lab")
POLICY = SitePolicy.model_validate({"default_idle": {"timeout": "30m", "type": "activity"}})
QUIET = Kernel("k", "a.ipynb", quiet_for=60.0, connections=1)
REPORT = Activity(sequence=1, up_for=5000.0, kernels=(QUIET,), sessions=1).to_dict()


@dataclass
class Site:
    """A service's part for idleness; `seconds` is how late it is there."""

    store: Store
    port: int = 0
    seconds: float = 0.0
    taken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def clock(self) -> Clock:
        return Clock(1000.0 + self.seconds, 1_800_000_000.0 + self.seconds)

    def restart(self) -> None:
        """A service that knows nothing but what is in the database."""
        self.watcher = Watcher(Board(), clock=self.clock)
        self.population = Population(
            self.store, LiveCatalogue(), POLICY, self.watcher, ChangesTail(self.store.changes)
        )
        self.desk = Desk(self.population, self.watcher)
        self.intake = Intake(self.store, self.watcher, self.desk)

    def server(self) -> ReportServer:
        context = SimpleNamespace(idle=self)
        routes: list[Any] = [(f"{PREFIX}api{path}", handler) for path, handler in ROUTES]
        app = Application(
            routes,
            context=context,
            default_handler_class=UnknownHandler,
            log_function=lambda handler: self.taken.append(str(handler.request.method)),
        )
        return ReportServer(app, self.intake, PREFIX, xheaders=True)

    @property
    def key(self) -> str:
        return self.store.state_keys.control_key("ann", "l1")

    def activity(self) -> Activity | None:
        watched = self.watcher.board.get(ANN)
        return watched.report if watched else None

    def is_stale(self) -> bool:
        verdict = self.watcher.board.verdict(ANN, self.clock())
        assert verdict is not None
        return verdict.stale


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(folder / "key"))
    store.launches.record("ann", "lab", "l1", options={}, spec={}, state="running")
    found = Site(store)
    try:
        async with serving(found):
            yield found
    finally:
        store.close()


@asynccontextmanager
async def serving(found: Site) -> AsyncIterator[None]:
    await found.population.load()
    server, sockets = found.server(), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    found.port = sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()


async def post(
    found: Site, body: Any, *, key: str | None = None, launch: str = "l1", **more: Any
) -> httpx.Response:
    url = f"http://127.0.0.1:{found.port}{PREFIX}api/launch-spec/lab/activity?launch={launch}"
    headers = {"Authorization": f"Runtiles {found.key if key is None else key}"}
    content = {"content": body} if isinstance(body, bytes) else {"json": body}

    async def check(response: httpx.Response) -> None:
        await response.aread()
        checked(response)

    async with httpx.AsyncClient(event_hooks={"response": [check]}) as client:
        return await client.post(url, headers={**headers, **more}, **content)


async def beaten(found: Site, report: Mapping[str, Any] = REPORT) -> str:
    """What stands for a whole report that was sent now."""
    answer = await post(found, report)
    assert answer.status_code == 200, answer.text
    beat = answer.json()["beat"]
    assert isinstance(beat, str)
    return beat


async def test_a_whole_report_is_answered_with_what_is_known(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        told = (await post(found, REPORT)).json()
        assert found.activity() == Activity.from_dict(REPORT)
        assert told["policy"] == {"timeout": 1800, "type": "activity", "action": "pause"}
        assert told["ends"]["seconds"] == 1740
        assert told["reason"].startswith("Idle: the kernel a.ipynb was last heard")


async def test_reports_do_not_reach_the_application(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        # The first has to wait for the database, which knows the key.
        await beaten(found)
        beat = await beaten(found)
        slow = await post(found, {"same": beat}, Accept="*/*")
        assert slow.headers["Cache-Control"] == "no-store"
        assert (await post(found, {"same": "x"})).status_code == 409
        assert found.taken == []


async def test_a_connection_goes_back_to_the_application_with_what_it_has_begun(
    tmp_path: Path,
) -> None:
    """Reports, another request that comes in two parts, and reports again."""
    async with site(tmp_path) as found:
        beat = await beaten(found)
        reader, writer = await asyncio.open_connection("127.0.0.1", found.port)
        right = request(found, {"same": beat})
        other = f"GET {PREFIX}api/runtimes/x/nothing HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        writer.write(right + other[:20])
        assert await status(reader) == 204
        writer.write(other[20:] + right)
        assert [await status(reader), await status(reader)] == [404, 204]
        assert found.taken == ["GET"]
        writer.close()


async def test_who_says_nothing_keeps_no_server_from_its_end(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        beat = await beaten(found)
        silent = await asyncio.open_connection("127.0.0.1", found.port)
        reporting = await asyncio.open_connection("127.0.0.1", found.port)
        reporting[1].write(request(found, {"same": beat}))
        assert await status(reporting[0]) == 204
    # Both are told of the end.
    for reader, writer in (silent, reporting):
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()


async def test_a_beat_says_that_nothing_changed_but_ages(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        beat = await beaten(found)
        for found.seconds in (50.0, 100.0, 150.0):
            answer = await post(found, {"same": beat})
            assert (answer.status_code, answer.content) == (204, b"")
        shown = found.desk.shown(ANN)
        assert shown is not None
        # The report is 150 seconds old, and the runtime was heard this moment.
        assert shown["ends"]["seconds"] == 1740 - 150
        assert shown["reported"] == "2027-01-15T08:02:30Z"
        assert not found.is_stale()
        found.seconds = 220.0
        assert not found.is_stale()
        found.seconds = 230.0
        assert found.is_stale()


@pytest.mark.parametrize("beat", ["", "nonsense", 7, [], {"a": 1}])
async def test_an_unknown_beat_asks_for_the_whole_report(tmp_path: Path, beat: Any) -> None:
    async with site(tmp_path) as found:
        await beaten(found)
        answer = await post(found, {"same": beat})
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "conflict"
        found.seconds = 100.0
        assert found.is_stale()


async def test_a_beat_of_the_service_before_is_unknown(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        beat = await beaten(found)
        found.restart()
        async with serving(found):
            assert (await post(found, {"same": beat})).status_code == 409
            assert found.activity() is None
            assert await beaten(found) != beat
            assert (await post(found, {"same": beat})).status_code == 409


async def test_a_beat_stands_for_the_last_report_only(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        first = await beaten(found)
        second = await beaten(found, {**REPORT, "up_for": 5030.0})
        assert (await post(found, {"same": first})).status_code == 409
        assert (await post(found, {"same": second})).status_code == 204
        # One that was on its way for long is older than what is known.
        late = await post(found, {**REPORT, "up_for": 4000.0})
        assert late.json()["beat"] is None
        assert (await post(found, {"same": second})).status_code == 204


async def test_news_for_the_runtime_end_a_beat(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        board, launch = found.watcher.board, found.store.launches.get("l1")
        beat = await beaten(found)
        # Read anew, and the same.
        await found.population.load()
        assert (await post(found, {"same": beat})).status_code == 204
        found.population.put([replace(launch, held_until=found.clock().wall + 600)])
        assert (await post(found, {"same": beat})).status_code == 409
        beat = await beaten(found)
        found.population.put([launch])
        found.seconds = 1500.0
        beat = await beaten(found, {**REPORT, "kernels": [{"id": "k", "quiet_for": 1500.0}]})
        board.gave(ANN, 300.0, found.clock())
        assert (await post(found, {"same": beat})).status_code == 409
        told = (await post(found, {**REPORT, "kernels": [{"id": "k", "quiet_for": 1500.0}]})).json()
        assert told["warning"] == 300.0


async def test_who_is_gone_reports_no_more(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        beat = await beaten(found)
        found.population.forget(ANN)
        assert (await post(found, {"same": beat})).status_code == 401
        assert (await post(found, REPORT)).status_code == 401


async def test_only_the_right_key_is_taken(tmp_path: Path) -> None:
    async with site(tmp_path) as found:
        other = found.store.state_keys.control_key("ann", "l2")
        for body in (REPORT, {"same": await beaten(found)}):
            for key in ("x", "ü", other, found.key + "0"):
                name = f"Runtiles {key}".encode()
                answer = await post(found, body, Authorization=name)
                assert answer.status_code == 401, key
            answer = await post(found, body, Authorization=f"token {found.key}")
            assert answer.status_code == 401
            assert (await post(found, body, launch="l2")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"up_for": -1}', 400),
        (b'{"up_for": "\\ud800"}', 400),
        (b'{"kernels": 3}', 400),
        (b"", 200),
        (b"{}", 200),
        (b'{"kernels": [], "of_a_younger_runtime": {"a": [1]}}', 200),
        (b'{"syncing": "' + 100_000 * b"x" + b'"}', 200),
        (b'{"syncing": "' + MAX_BODY * b"x" + b'"}', 413),
    ],
    ids=lambda value: str(value)[:25],
)
async def test_strange_bodies(tmp_path: Path, body: bytes, status: int) -> None:
    """Whether the key is known already or not."""
    async with site(tmp_path) as found:
        for _ in range(2):
            answer = await post(found, body)
            assert answer.status_code == status, answer.text
            assert "error" in answer.json() or status == 200
            await beaten(found, {**REPORT, "up_for": 9000.0})
            found.seconds += 100


async def test_other_methods_and_paths_are_the_applications(tmp_path: Path) -> None:
    async with site(tmp_path) as found, httpx.AsyncClient() as client:
        base = f"http://127.0.0.1:{found.port}{PREFIX}api/launch-spec"
        assert (await client.get(f"{base}/lab/activity?launch=l1")).status_code == 405
        assert (await client.post(f"{base}/lab/other?launch=l1", json={})).status_code == 404
        assert (await client.post(f"{base}/lab/activity", json={})).status_code == 401
        chunks = {"content": _pieces(), "headers": {"Authorization": f"Runtiles {found.key}"}}
        assert (await client.post(f"{base}/lab/activity?launch=l1", **chunks)).status_code == 200  # type: ignore[arg-type]


async def _pieces() -> AsyncIterator[bytes]:
    yield b'{"up_for": 5000.0, '
    yield b'"kernels": []}'


async def test_a_connection_is_kept_also_after_a_refusal(tmp_path: Path) -> None:
    """Piece by piece, several requests at once, and one that ends in the middle."""
    async with site(tmp_path) as found:
        beat = await beaten(found)
        reader, writer = await asyncio.open_connection("127.0.0.1", found.port)
        wrong, right = request(found, {"same": "x"}), request(found, {"same": beat})
        for byte in wrong:
            writer.write(bytes([byte]))
            await writer.drain()
        assert await status(reader) == 409
        writer.write(right + wrong + right)
        assert [await status(reader) for _ in range(3)] == [204, 409, 204]
        writer.write(right[:-3])
        writer.close()
        # Nothing of the other side is upset by it.
        assert (await post(found, {"same": beat})).status_code == 204
        with socket.create_connection(("127.0.0.1", found.port)) as rough:
            rough.sendall(right[:-3])
        assert (await post(found, {"same": beat})).status_code == 204


def request(found: Site, body: Mapping[str, Any]) -> bytes:
    made = httpx.Request(
        "POST",
        f"http://127.0.0.1{PREFIX}api/launch-spec/lab/activity?launch=l1",
        json=body,
        headers={"Authorization": f"Runtiles {found.key}"},
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in made.headers.items())
    return f"POST {made.url.raw_path.decode()} HTTP/1.1\r\n{head}\r\n".encode() + made.content


async def status(reader: asyncio.StreamReader) -> int:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).decode()
    lengths = [line[15:] for line in head.split("\r\n") if line.startswith("Content-Length:")]
    if lengths:
        await reader.readexactly(int(lengths[0]))
    return int(head.split(" ")[1])
