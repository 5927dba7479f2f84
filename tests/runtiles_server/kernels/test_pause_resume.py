"""Pause and resume through real servers and real kernels."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from runtiles_server.kernels.telling import SCHEMA_ID
from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import (
    SNAPSHOT,
    begun,
    content_of,
    folder_of,
    notebook,
    pause,
    refused,
    run,
    snapshots,
)
from tests.runtiles_server.launched import PREFIX, Launched, hang_up
from tests.runtiles_server.pretend_hub import TOKEN

MODEL = "a = [1]; b = a\ndef grow():\n    a.append(len(a)); return len(b)\ng = (i for i in a)"


def test_two_notebooks_are_there_again(launch: NewLaunch) -> None:
    first = begun(launch)
    sessions = [notebook(first, "one.ipynb"), notebook(first, "two.ipynb")]
    (_, one), (_, two) = sessions
    run(first, one, MODEL)
    run(first, two, "import os; os.mkdir('sub'); os.chdir('sub'); x = 'second'")

    status, dry = first.call("POST", "pause", {"dry_run": True})
    assert status == 200
    assert {each["status"] for each in dry["kernels"]} == {"ready"}
    assert dry["free"] > dry["bytes"] > 0
    (loss,) = next(each for each in dry["kernels"] if each["id"] == one)["losses"]
    assert (loss["variable"], loss["type"]) == ("g", "generator")
    assert snapshots(first) == []

    result = pause(first)
    assert snapshots(first) == [SNAPSHOT]
    assert content_of(first) == result
    assert result["runtime"] == "default"
    assert {each["id"] for each in result["kernels"]} == {one, two}
    assert run(first, one, "print(grow())") == "2\n", "the runtime goes on"
    first.terminate()

    again = begun(launch, snapshot=SNAPSHOT)
    found = again.json("api/sessions")
    assert {(each["id"], each["kernel"]["id"]) for each in found} == set(sessions)
    assert {each["path"] for each in found} == {"one.ipynb", "two.ipynb"}
    assert run(again, one, "print(grow(), a is b, repr(g)[:15])") == "2 True <lost generator\n"
    assert run(again, two, "print(x, os.path.basename(os.getcwd()))") == "second sub\n"
    resumed = again.json("runtiles/api/runtime")["resumed"]
    assert {each["status"] for each in resumed["kernels"]} == {"restored"}
    assert {(event.phase, event.kind) for event in again.events} >= {("restoring", "phase")}
    assert "one.ipynb" in next(iter(again.of_kind("notice"))).message


async def _number(launched: Launched, kernel: str, count: int) -> int:
    """The number of the last of `count` cells, as a tab gets it."""
    url = f"ws://127.0.0.1:{launched.port}{PREFIX}api/kernels/{kernel}/channels"
    connection = await websocket_connect(
        HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
    )
    for number in range(count):
        header = {"msg_id": f"m{number}", "msg_type": "execute_request", "session": "tab",
                  "username": "ann", "version": "5.3"}  # fmt: skip
        content = {"code": "1", "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False}  # fmt: skip
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {},
                   "content": content}  # fmt: skip
        await connection.write_message(json.dumps(message))
    while True:
        heard = json.loads(await connection.read_message() or "{}")
        last = heard["parent_header"].get("msg_id") == f"m{count - 1}"
        if last and heard["msg_type"] == "execute_reply":
            hang_up(connection)
            return int(heard["content"]["execution_count"])


def test_the_numbers_of_cells_go_on(launch: NewLaunch) -> None:
    first = begun(launch)
    _, kernel = notebook(first, "one.ipynb")
    assert asyncio.run(_number(first, kernel, 3)) == 3
    assert pause(first)["kernels"][0]["execution_count"] == 4
    first.terminate()
    assert asyncio.run(_number(begun(launch, snapshot=SNAPSHOT), kernel, 1)) == 4


def test_another_runtime_is_a_fork(launch: NewLaunch) -> None:
    first = begun(launch)
    session, kernel = notebook(first, "one.ipynb")
    run(first, kernel, "x = 41")
    pause(first)
    other = begun(launch, {"JUPYTERHUB_SERVER_NAME": "other"}, snapshot=SNAPSHOT)
    (found,) = other.json("api/sessions")
    assert found["id"] != session
    assert found["kernel"]["id"] != kernel
    assert run(other, found["kernel"]["id"], "print(x + 1)") == "42\n"
    assert run(first, kernel, "print(x)") == "41\n"


def test_a_snapshot_is_resumed_beside_what_runs(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "x = 41")
    pause(launched)
    run(launched, kernel, "x = 0")
    status, report = launched.call("POST", "resume", {"snapshot": SNAPSHOT})
    assert status == 200
    assert report["kernels"][0]["status"] == "restored"
    assert run(launched, report["kernels"][0]["id"], "print(x)") == "41\n"
    assert run(launched, kernel, "print(x)") == "0\n"
    assert refused(launched, "POST", "resume", {"snapshot": "../s1"})["code"] == "invalid_request"
    assert refused(launched, "POST", "resume", {"snapshot": "none"})["code"] == "not_found"
    assert launched.call("DELETE", f"snapshots/{SNAPSHOT}") == (204, None)
    assert snapshots(launched) == []


def _altered(launched: Launched) -> dict[str, str]:
    path = next((folder_of(launched) / "kernels").glob("*/manifest.json"))
    path.write_text(path.read_text().replace('"x"', '"y"'))
    return {}


def _swapped(launched: Launched) -> dict[str, str]:
    path = folder_of(launched) / "snapshot.json"
    path.write_text(path.read_text().replace("one.ipynb", "two.ipynb"))
    return {}


def _cut(launched: Launched) -> dict[str, str]:
    path = next((folder_of(launched) / "kernels").glob("*/objects-*"))
    path.write_bytes(path.read_bytes()[:-1])
    return {}


def _flipped(launched: Launched) -> dict[str, str]:
    path = next((folder_of(launched) / "kernels").glob("*/objects-*"))
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    return {}


def _foreign(_launched: Launched) -> dict[str, str]:
    return {"snapshot_key": "66" * 32}


def _missing(_launched: Launched) -> dict[str, str]:
    return {"snapshot": "gone"}


def _older(launched: Launched) -> dict[str, str]:
    """An earlier snapshot of the same user, whole and signed, in the place of another one."""
    folder_of(launched).rename(folder_of(launched).with_name("newer"))
    return {"snapshot": "newer"}


@pytest.mark.parametrize("change", [_altered, _swapped, _cut, _flipped, _foreign, _missing, _older])
def test_what_may_not_be_used_ends_the_launch(launch: NewLaunch, change: object) -> None:
    first = begun(launch)
    _, kernel = notebook(first, "one.ipynb")
    run(first, kernel, "x = 41")
    pause(first)
    first.terminate()
    keys = {"snapshot_key": "5a" * 32, "control_key": "c0" * 32, "snapshot": SNAPSHOT}
    again = launch(None, **{**keys, **change(first)})  # type: ignore[operator]
    assert again.wait() == 1, again.output
    (event,) = again.of_kind("failed")
    assert event.phase == "restoring"
    assert event.details["code"] == ("not_found" if change is _missing else "snapshot_refused")


async def _told(launched: Launched) -> list[str]:
    """What a page that only listens hears of a pause that is called off again."""
    url = f"ws://127.0.0.1:{launched.port}{PREFIX}api/events/subscribe"
    page = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"}))

    async def call(method: str, body: object = None) -> None:
        await asyncio.to_thread(launched.call, method, "pause", body)

    # Leaves its kernels free: not the way to a stop.
    await asyncio.to_thread(pause, launched, snapshot="beside", wait=True)
    await call("POST", {"snapshot": SNAPSHOT, "hold": True, "wait": False})
    states: list[str] = []
    while not states or states[-1] not in ("released", "failed"):
        event = json.loads(await page.read_message() or "{}")
        if event["schema_id"] == SCHEMA_ID:
            states.append(event["state"])
        if states[-1:] == ["saved"]:
            await call("DELETE")
    hang_up(page)
    return states


def test_open_pages_are_told_of_each_state(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "x = 41")
    states = asyncio.run(_told(launched))
    assert states[0] == "waiting"
    assert states[-3:] == ["verifying", "saved", "released"]
