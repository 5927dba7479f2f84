"""What people and accidents do in the middle of a pause: nothing that a kernel did is lost unsaid."""

import http.client
import os
import signal
from pathlib import Path

from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import (
    SNAPSHOT,
    begin,
    begun,
    notebook,
    pause,
    run,
    snapshots,
    status,
    wait,
)
from tests.runtiles_server.launched import Launched
from tests.runtiles_server.pretend_hub import TOKEN

_PID = "import os; print(os.getpid())"


def _until(path: Path) -> str:
    return f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.01)\n"


def test_a_kernel_started_beside_those_that_are_held_ends_the_pause(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "x = 41")
    pause(launched, hold=True)
    _, other = notebook(launched, "two.ipynb")
    found = wait(launched, lambda found: found["state"] != "saved")
    assert found["state"] == "released"
    assert "A kernel was started" in found["error"]["message"]
    assert run(launched, kernel, "print(x)") == "41\n"
    assert run(launched, other, "print(1)") == "1\n"


def test_a_kernel_started_while_another_works_is_saved_too(
    launch: NewLaunch, tmp_path: Path
) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    begin(launched, kernel, _until(tmp_path / "go") + "x = 41")
    pause(launched, wait=False, hold=True)
    wait(launched, lambda found: found["waiting_for"])
    _, other = notebook(launched, "two.ipynb")
    run(launched, other, "y = 42")
    (tmp_path / "go").touch()
    found = wait(launched, lambda found: found["state"] in ("saved", "released", "failed"))
    assert {each["path"] for each in found["result"]["kernels"]} == {"one.ipynb", "two.ipynb"}


def test_a_held_kernel_that_is_restarted_or_killed_ends_the_pause(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    pause(launched, hold=True)
    assert launched.call("POST", f"kernels/{kernel}/restart")[0] == 200
    assert wait(launched, lambda found: found["state"] != "saved")["state"] == "released"
    pid = int(run(launched, kernel, _PID))
    pause(launched, hold=True, snapshot="s2")
    os.kill(pid, signal.SIGKILL)
    assert wait(launched, lambda found: found["state"] != "saved")["state"] == "released"


def test_a_kernel_that_dies_fails_the_pause_and_spares_the_others(
    launch: NewLaunch, tmp_path: Path
) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    _, other = notebook(launched, "two.ipynb")
    run(launched, other, "y = 42")
    pid = int(run(launched, kernel, _PID))
    begin(launched, kernel, _until(tmp_path / "never"))
    pause(launched, wait=False, hold=True)
    wait(launched, lambda found: found["waiting_for"])
    os.kill(pid, signal.SIGKILL)
    found = wait(launched, lambda found: found["state"] == "failed")
    assert found["error"]["code"] == "kernel_gone"
    assert snapshots(launched) == []
    assert run(launched, other, "print(y)") == "42\n"


def test_a_kernel_that_is_closed_while_it_is_held_is_in_the_snapshot(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    _, other = notebook(launched, "two.ipynb")
    run(launched, kernel, "x = 41")
    pause(launched, hold=True)
    assert _delete(launched, f"api/kernels/{kernel}") == 204
    assert status(launched)["state"] == "saved"
    launched.terminate()
    again = begun(launch, snapshot=SNAPSHOT)
    assert run(again, kernel, "print(x)") == "41\n"
    assert run(again, other, "print(1)") == "1\n"


def test_what_is_queued_behind_a_long_cell_is_saved_with_it(
    launch: NewLaunch, tmp_path: Path
) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    first = begin(launched, kernel, _until(tmp_path / "go") + "done = 1")
    pause(launched, wait=False, hold=True)
    wait(launched, lambda found: found["waiting_for"])
    (tmp_path / "go").touch()
    found = wait(launched, lambda found: found["state"] == "saved")
    assert first.result(30) == ""
    names = {each["name"] for each in found["result"]["kernels"][0]["variables"]}
    assert "done" in names


def test_only_who_leads_a_pause_takes_its_snapshot_away(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    pause(launched, hold=True)
    assert _delete(launched, "runtiles/api/pause") == 200
    assert status(launched)["state"] == "released"
    assert snapshots(launched) == [SNAPSHOT], "whoever asked for it may have written it down"
    assert run(launched, kernel, "print(1)") == "1\n"
    launched.call("DELETE", "pause")
    assert snapshots(launched) == []


def test_a_server_killed_while_it_saves_leaves_what_was_there(
    launch: NewLaunch, tmp_path: Path
) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "x = 41")
    pause(launched)
    code = (
        "class Slow:\n"
        " def __reduce__(self):\n"
        f"  open({str(tmp_path / 'saving')!r}, 'w').close()\n"
        "  import time; time.sleep(60)\n"
        "  return (Slow, ())\n"
        "slow = Slow()"
    )
    run(launched, kernel, code)
    pause(launched, wait=False, snapshot="s2", parent=SNAPSHOT)
    wait(launched, lambda _: (tmp_path / "saving").exists())
    launched.process.kill()
    launched.wait()
    again = begun(launch, snapshot=SNAPSHOT)
    assert run(again, kernel, "print(x)") == "41\n"
    pause(again, snapshot="s3", parent=SNAPSHOT)
    assert snapshots(again) == [SNAPSHOT, "s3"]


def test_a_dozen_kernels_at_once(launch: NewLaunch) -> None:
    launched = begun(launch)
    found = [notebook(launched, f"n{number}.ipynb") for number in range(12)]
    for number, (_, kernel) in enumerate(found):
        run(launched, kernel, f"x = {number}")
    dry = pause(launched, dry_run=True)
    assert {each["status"] for each in dry["kernels"]} == {"ready"}
    assert len(pause(launched)["kernels"]) == 12
    launched.terminate()
    again = begun(launch, snapshot=SNAPSHOT)
    for number, (_, kernel) in enumerate(found):
        assert run(again, kernel, "print(x)") == f"{number}\n"


def _delete(launched: Launched, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", launched.port, timeout=60)
    try:
        headers = {"Authorization": f"token {TOKEN}"}
        connection.request("DELETE", f"/user/ann/{path}", headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()
