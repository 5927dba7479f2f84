"""What a real server tells of real kernels and terminals, and what it does not count."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from runtiles.contract.activity import Activity
from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import begin, begun, notebook, run
from tests.runtiles_server.launched import CONTROL_KEY, PREFIX, Launched
from tests.runtiles_server.pretend_hub import TOKEN, PretendHub

_PATIENCE_S = 60.0


def seen(launched: Launched) -> Activity:
    status, report = launched.call("GET", "activity")
    assert status == 200, report
    return Activity.from_dict(report)


def until(launched: Launched, true: Callable[[Activity], bool]) -> Activity:
    deadline = time.monotonic() + _PATIENCE_S
    while not true(found := seen(launched)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def until_told(hub: PretendHub, true: Callable[[Activity], bool]) -> Activity:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        for _, report in list(hub.reports):
            if true(found := Activity.from_dict(report)):
                return found
        assert time.monotonic() < deadline, hub.reports
        time.sleep(0.05)


def test_silent_loops_are_busy_all_the_time(launch: NewLaunch, hub: PretendHub) -> None:
    """A loop that prints nothing, and one that sleeps between its steps; each after its tab is gone."""
    server = begun(launch)
    _, spinning = notebook(server, "spin.ipynb")
    _, training = notebook(server, "train.ipynb")
    begun_both = [
        begin(server, spinning, "while True: pass"),
        begin(server, training, "import time\nwhile True: time.sleep(60)"),
    ]
    before = until(server, lambda r: sum(k.busy_for is not None for k in r.kernels) == 2)
    assert {kernel.path for kernel in before.kernels} == {"spin.ipynb", "train.ipynb"}
    told = until_told(hub, lambda r: sum(k.busy_for is not None for k in r.kernels) == 2)
    assert told.sessions == 2
    now = until(server, lambda r: min(k.quiet_for for k in r.kernels) > 1.5)
    assert all(k.busy_for is not None and k.busy_for > 1.5 for k in now.kernels)
    for kernel in (spinning, training):
        server.call("POST", f"kernels/{kernel}/interrupt")
    until(server, lambda r: all(k.busy_for is None for k in r.kernels))
    for running in begun_both:
        # An interrupt shows as an error, which the client of these tests does not take.
        with suppress(AssertionError):
            running.result(_PATIENCE_S)


def test_reports_are_for_the_service_and_tell_what_it_answers(
    launch: NewLaunch, hub: PretendHub
) -> None:
    hub.told = {"ends": None, "warning": None}
    server = begun(launch)
    until_told(hub, lambda r: r.kernels == ())
    _, kernel = notebook(server, "a.ipynb")
    assert until_told(hub, lambda r: len(r.kernels) == 1).kernels[0].id == kernel
    assert {key for key, _ in hub.reports} == {f"Runtiles {CONTROL_KEY}"}
    sequences = [report["sequence"] for _, report in hub.reports]
    assert sequences == sorted(set(sequences))
    deadline = time.monotonic() + _PATIENCE_S
    while server.json("runtiles/api/activity")["told"] != hub.told:
        assert time.monotonic() < deadline
    assert server.get("runtiles/api/activity", token=None)[0] == 403


def test_who_types_is_told_of_once(launch: NewLaunch, hub: PretendHub) -> None:
    server = begun(launch)
    until_told(hub, bool)
    assert all(report["input_for"] is None for _, report in hub.reports)
    for _ in range(20):
        assert server.get("runtiles/api/activity/input", post={})[0] == 200
    until_told(hub, lambda r: r.input_for is not None)
    assert seen(server).input_for is not None
    notebook(server, "after.ipynb")
    until_told(hub, lambda r: len(r.kernels) == 1)
    told = [r for _, r in hub.reports if r["input_for"] is not None and not r["kernels"]]
    assert len(told) == 1
    assert server.get("runtiles/api/activity/input", token=None, post={})[0] == 403


def test_our_own_errands_are_nobodys_work(launch: NewLaunch) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")
    run(server, kernel, "a = 1")
    until(server, lambda r: r.kernels[0].busy_for is None and r.kernels[0].quiet_for > 0.5)
    before = server.json(f"api/kernels/{kernel}")["last_activity"]
    for _ in range(5):
        assert server.call("GET", f"kernels/{kernel}/variables")[0] == 200
        status, plan = server.call("POST", "pause", {"dry_run": True})
        assert (status, plan["kernels"][0]["status"]) == (200, "ready")
        assert seen(server).kernels[0].busy_for is None
    # The answer of the kernel comes before its word that it is idle again.
    run(server, notebook(server, "b.ipynb")[1], "1")
    after = next(k for k in seen(server).kernels if k.id == kernel)
    assert after.quiet_for > 0.5
    assert server.json(f"api/kernels/{kernel}")["last_activity"] == before
    assert "2" in run(server, kernel, "print(a + 1)")
    assert next(k for k in seen(server).kernels if k.id == kernel).quiet_for < after.quiet_for


def test_looking_is_no_activity_for_the_hub_either(launch: NewLaunch) -> None:
    server = begun(launch)
    before = server.json("api/status")["last_activity"]
    for _ in range(3):
        seen(server)
        server.json("runtiles/api/activity")
    assert server.json("api/status?no_track_activity=1")["last_activity"] >= before
    once = server.json("api/status?no_track_activity=1")["last_activity"]
    server.json("runtiles/api/activity")
    assert server.json("api/status?no_track_activity=1")["last_activity"] == once


async def _channels(server: Launched, path: str) -> WebSocketClientConnection:
    url = f"ws://127.0.0.1:{server.port}{PREFIX}{path}"
    return await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"}))


def test_an_open_tab_is_a_connection_and_nothing_more(launch: NewLaunch) -> None:
    server = begun(launch)
    _, kernel = notebook(server, "a.ipynb")

    async def open_and_close() -> tuple[Activity, Activity]:
        connection = await _channels(server, f"api/kernels/{kernel}/channels")
        try:
            there = await asyncio.to_thread(until, server, lambda r: r.kernels[0].connections == 1)
            quiet = await asyncio.to_thread(until, server, lambda r: r.kernels[0].quiet_for > 1)
        finally:
            await _closed(connection)
        return there, quiet

    there, quiet = asyncio.run(open_and_close())
    assert (there.connected_for, quiet.connected_for) == (0.0, 0.0)
    assert quiet.kernels[0].busy_for is None
    assert quiet.input_for is None
    closed = until(server, lambda r: r.kernels[0].connections == 0 and bool(r.connected_for))
    assert closed.kernels[0].id == kernel


async def _closed(connection: WebSocketClientConnection) -> None:
    connection.close()
    while await connection.read_message() is not None:
        pass


class Shell:
    """A terminal of the server, and what a person types there."""

    def __init__(self, connection: WebSocketClientConnection, server: Launched) -> None:
        self._connection, self._server = connection, server

    async def types(self, text: str) -> None:
        await self._connection.write_message(json.dumps(["stdin", text]))

    async def leaves(self) -> None:
        await _closed(self._connection)

    async def running(self, *programs: str) -> Any:
        def so(report: Activity) -> bool:
            return [each.running in programs for each in report.terminals] == [True]

        return (await asyncio.to_thread(until, self._server, so)).terminals[0]


async def _terminal(server: Launched) -> Shell:
    name = server.json("api/terminals", {})["name"]
    return Shell(await _channels(server, f"terminals/websocket/{name}"), server)


def test_programs_in_a_terminal(launch: NewLaunch) -> None:
    """`sleep` in the foreground, Ctrl-Z, the prompt; a shell within the shell waits as well."""

    async def session(server: Launched) -> None:
        shell = await _terminal(server)
        await shell.running("")
        await shell.types("sleep 1000\r")
        sleeping = await shell.running("sleep")
        assert sleeping.running_for is not None
        await shell.types("\x1a")
        await shell.running("")
        await shell.types("fg\r")
        await shell.running("sleep")
        await shell.types("\x03")
        prompt = await shell.running("")
        assert prompt.running_for is None
        await shell.types("sh\r")
        await shell.types("sleep 1000\r")
        await shell.running("sleep")
        await shell.types("\x03")
        await shell.running("")
        await shell.types("sh -c 'sleep 1000; sleep 1000'\r")
        await shell.running("sleep", "sh", "dash", "bash")
        # The tab is closed, and the program runs on.
        await shell.leaves()
        await shell.running("sleep", "sh", "dash", "bash")

    asyncio.run(session(begun(launch)))


def test_a_server_that_a_command_runs_reports_as_well(launch: NewLaunch, hub: PretendHub) -> None:
    server = begun(launch, command=["sh", "-c", "exec jupyter lab"])
    until_told(hub, lambda r: r.up_for > 0)
    _, kernel = notebook(server, "a.ipynb")
    assert until_told(hub, lambda r: len(r.kernels) == 1).kernels[0].id == kernel


def test_it_ends_at_once_though_the_service_does_not_answer(
    launch: NewLaunch, hub: PretendHub
) -> None:
    server = begun(launch)
    until_told(hub, bool)
    server.process.terminate()
    server.process.wait(_PATIENCE_S)
    assert "Traceback" not in server.output
    assert "Task was destroyed" not in server.output


def test_lab_is_told_what_the_service_said_as_it_is_now(launch: NewLaunch, hub: PretendHub) -> None:
    server = begun(launch)
    hub.told = {"ends": {"seconds": 100, "cause": "idle"}, "reason": "Idle."}
    notebook(server, "a.ipynb")
    deadline = time.monotonic() + _PATIENCE_S
    while not (told := (server.call("GET", "idle")[1]["told"] or {})).get("ends"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert told["reason"] == "Idle."
    while told["ends"]["seconds"] > 98:
        assert time.monotonic() < deadline
        time.sleep(0.2)
        told = server.call("GET", "idle")[1]["told"]
    assert told["ends"]["cause"] == "idle"
