"""Real kernels that are at something, whatever else goes on beside it, and when they no longer are."""

import asyncio
import http.client
import json
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Kernel
from runtiles.service.idle.policy import decide
from tests.runtiles_server.activity.test_watch import seen, until
from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import begin, begun, notebook, run
from tests.runtiles_server.launched import PREFIX, Launched, hang_up
from tests.runtiles_server.pretend_hub import TOKEN

_PATIENCE_S = 60.0

#: Says a word when the first file is there, and ends at the second one.
STEPS = """
import pathlib, time
for step in ({first!r}, {second!r}):
    while not pathlib.Path(step).exists():
        time.sleep(0.02)
    print("on", flush=True)
"""


class Cell:
    """A cell that runs silently until it is told to say something, and to end."""

    def __init__(self, server: Launched, kernel: str, place: Path) -> None:
        self._server, self._kernel = server, kernel
        self._first, self._second = place / "first", place / "second"
        code = STEPS.format(first=str(self._first), second=str(self._second))
        self._running = begin(server, kernel, code)

    def heard(self) -> Kernel:
        """After its word has come, which comes after all that the kernel said before."""
        last = self._record()["last_activity"]
        self._first.touch()
        until(self._server, lambda _: self._record()["last_activity"] != last)
        return next(k for k in seen(self._server).kernels if k.id == self._kernel)

    def end(self) -> None:
        self._second.touch()
        self._running.result(_PATIENCE_S)

    def _record(self) -> Any:
        return self._server.json(f"api/kernels/{self._kernel}")


class Client:
    """What a page, or a program of somebody's, says to a kernel."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection

    async def ask(
        self, channel: str, kind: str, content: Any = None, subshell: str | None = None
    ) -> Any:
        """Until the kernel says that it is done with it; the content of its reply, if it has one."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "page",
                  "username": "ann", "version": "5.4", "subshell_id": subshell}  # fmt: skip
        whole = {"channel": channel, "header": header, "parent_header": {}, "metadata": {},
                 "content": content or {}}  # fmt: skip
        await self._connection.write_message(json.dumps(whole))
        wanted = {"idle"} | ({"reply"} if kind.endswith("_request") else set())
        reply = None
        while wanted:
            message = json.loads(await self._connection.read_message() or "{}")
            if message["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if message["channel"] == channel:
                reply = message["content"]
                wanted.discard("reply")
            wanted.discard(message["content"].get("execution_state"))
        return reply


def asked(server: Launched, kernel: str, *questions: tuple[Any, ...]) -> list[Any]:
    async def ask() -> list[Any]:
        url = f"ws://127.0.0.1:{server.port}{PREFIX}api/kernels/{kernel}/channels"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        connection = await websocket_connect(request)
        try:
            return [await Client(connection).ask(*question) for question in questions]
        finally:
            hang_up(connection)

    return asyncio.run(asyncio.wait_for(ask(), _PATIENCE_S))


def the(report: Activity, kernel: str) -> Kernel:
    return next(each for each in report.kernels if each.id == kernel)


def idle_for(report: Activity, kind: str) -> float:
    found = decide(report, 0.0, IdlePolicy(timeout="30m", type=kind)).idle_for
    assert found is not None
    return found


def test_a_poll_on_the_control_channel_ends_no_silent_cell(
    launch: NewLaunch, tmp_path: Path
) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    cell = Cell(server, kernel, tmp_path)
    busy = until(server, lambda r: the(r, kernel).busy_for is not None)
    poll = ("control", "usage_request")
    assert asked(server, kernel, poll, poll, ("control", "list_subshell_request"))[0] is not None
    now = cell.heard()
    assert now.busy_for is not None
    assert now.busy_for >= seen(server).up_for - busy.up_for - 1
    assert server.json(f"api/kernels/{kernel}")["execution_state"] == "busy"
    cell.end()
    until(server, lambda r: the(r, kernel).busy_for is None)


def test_a_poll_on_the_control_channel_is_no_activity(launch: NewLaunch) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    run(server, kernel, "1")
    before = until(server, lambda r: the(r, kernel).quiet_for > 0.5)
    last = server.json(f"api/kernels/{kernel}")["last_activity"]
    asked(server, kernel, *[("control", "usage_request")] * 3)
    # By then the server has heard what the first kernel said, too.
    run(server, notebook(server, "b.ipynb")[1], "1")
    after = seen(server)
    assert server.json(f"api/kernels/{kernel}")["last_activity"] == last
    quiet = after.up_for - the(after, kernel).quiet_for
    assert abs(quiet - (before.up_for - the(before, kernel).quiet_for)) < 0.5


COMM = """
from comm import create_comm
it = create_comm(target_name="page", comm_id="it")
it.on_msg(lambda message: None)
"""


def _code(code: str) -> dict[str, Any]:
    return {"code": code, "silent": False, "store_history": False, "user_expressions": {}}


def test_a_widget_that_answers_beside_a_cell_does_not_end_it(
    launch: NewLaunch, tmp_path: Path
) -> None:
    """Made on a subshell, it is served there: the kernel is done with the message, not with the cell."""
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    (subshell,) = asked(server, kernel, ("control", "create_subshell_request"))
    asked(server, kernel, ("shell", "execute_request", _code(COMM), subshell["subshell_id"]))
    cell = Cell(server, kernel, tmp_path)
    until(server, lambda r: the(r, kernel).busy_for is not None)
    moved = {"comm_id": "it", "data": {"value": 3}}
    asked(server, kernel, ("shell", "comm_msg", moved, subshell["subshell_id"]))
    assert cell.heard().busy_for is not None
    cell.end()
    until(server, lambda r: the(r, kernel).busy_for is None)


def test_a_console_beside_a_cell_is_work_of_its_own(launch: NewLaunch, tmp_path: Path) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    (subshell,) = asked(server, kernel, ("control", "create_subshell_request"))
    cell = Cell(server, kernel, tmp_path)
    asked(server, kernel, ("shell", "execute_request", _code("1"), subshell["subshell_id"]))
    assert cell.heard().busy_for is not None
    cell.end()
    until(server, lambda r: the(r, kernel).busy_for is None)


@contextmanager
def _endless(server: Launched, kernel: str) -> Iterator[Activity]:
    begin(server, kernel, "import time\nwhile True: time.sleep(60)")
    yield until(server, lambda r: (the(r, kernel).busy_for or 0.0) > 1)


def _shut_down(server: Launched, kernel: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE_S)
    headers = {"Authorization": f"token {TOKEN}"}
    connection.request("DELETE", f"{PREFIX}api/kernels/{kernel}", headers=headers)
    assert connection.getresponse().status == 204
    connection.close()


def test_a_busy_kernel_that_is_shut_down_was_at_work_just_now(launch: NewLaunch) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    with _endless(server, kernel) as busy:
        _shut_down(server, kernel)
        gone = until(server, lambda r: r.kernels == ())
    for kind in ("activity", "work"):
        assert idle_for(gone, kind) <= gone.up_for - busy.up_for + 0.5


def test_a_busy_kernel_that_is_restarted_is_busy_no_more(launch: NewLaunch) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    with _endless(server, kernel):
        assert server.get(f"api/kernels/{kernel}/restart", post={})[0] == 200
    until(server, lambda r: the(r, kernel).busy_for is None)
    assert "2" in run(server, kernel, "print(1 + 1)")
    with _endless(server, kernel):
        pass


def test_a_busy_kernel_that_dies_is_busy_no_more(launch: NewLaunch) -> None:
    """No tab is open, so nobody asks the next process anything, either."""
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    process = int(run(server, kernel, "import os; print(os.getpid())"))
    with _endless(server, kernel):
        os.kill(process, signal.SIGKILL)
    until(server, lambda r: all(k.busy_for is None for k in r.kernels))
    until(server, lambda _: server.json(f"api/kernels/{kernel}")["execution_state"] != "busy")
    assert all(k.busy_for is None for k in seen(server).kernels)


def test_a_job_that_ends_in_a_terminal_without_a_tab_was_at_work_just_now(
    launch: NewLaunch, tmp_path: Path
) -> None:
    server, pipe = begun(launch), tmp_path / "pipe"
    os.mkfifo(pipe)
    name = server.json("api/terminals", {})["name"]

    async def type_it_and_leave() -> None:
        url = f"ws://127.0.0.1:{server.port}{PREFIX}terminals/websocket/{name}"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        connection = await websocket_connect(request)
        try:
            await connection.write_message(json.dumps(["stdin", f"cat {pipe}\r"]))
            await asyncio.to_thread(until, server, lambda r: r.terminals[0].running == "cat")
        finally:
            connection.close()
            while await connection.read_message() is not None:
                pass

    asyncio.run(type_it_and_leave())
    running = until(server, lambda r: r.terminals[0].quiet_for > 1)
    with suppress(BrokenPipeError), pipe.open("w"):
        pass
    ended = until(server, lambda r: not r.terminals[0].running)
    assert ended.worked_for is not None
    assert ended.worked_for <= ended.up_for - running.up_for + 0.5
    assert idle_for(ended, "work") <= ended.worked_for
