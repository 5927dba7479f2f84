"""Pauses that have to wait, that are called off, and that fail: the runtime goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import (
    SNAPSHOT,
    begin,
    begun,
    content_of,
    notebook,
    pause,
    refused,
    run,
    snapshots,
    status,
    wait,
    wait_for_file,
)
from tests.runtiles_server.launched import Launched, ends

#: Holds the interpreter itself until somebody writes there: neither an interrupt nor the control channel
#: gets through.
STUCK = "import ctypes; ctypes.PyDLL(None).open({!r}.encode(), 0)"


def _until(path: Path) -> str:
    return f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.01)\n"


def test_a_busy_kernel_is_waited_for(launch: NewLaunch, tmp_path: Path) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    begin(launched, kernel, _until(tmp_path / "go") + "x = 41")
    (entry,) = pause(launched, dry_run=True, patience=0.1)["kernels"]
    assert (entry["status"], entry["path"]) == ("busy", "one.ipynb")
    assert refused(launched, "GET", f"kernels/{kernel}/variables?timeout=0.1")["status"] == 409
    pause(launched, wait=False)
    (waiting,) = wait(launched, lambda found: found["waiting_for"])["waiting_for"]
    assert (waiting["kernel"], waiting["stuck"]) == (kernel, False)
    assert refused(launched, "POST", "pause", {})["code"] == "pause_running"
    (tmp_path / "go").touch()
    found = wait(launched, lambda found: found["state"] == "saved")
    names = {each["name"] for each in found["result"]["kernels"][0]["variables"]}
    assert "x" in names
    assert found["done"] == found["total"] > 0


def test_an_interrupt_is_sent_when_asked(launch: NewLaunch, tmp_path: Path) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    begin(launched, kernel, f"n = 1\n{_until(tmp_path / 'never')}")
    assert pause(launched, interrupt=True)["kernels"][0]["status"] == "saved"


def test_impatience_names_what_is_stuck_and_kills_nothing(
    launch: NewLaunch, tmp_path: Path
) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    _, other = notebook(launched, "two.ipynb")
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    begin(launched, kernel, STUCK.format(str(gate)))
    dry = pause(launched, dry_run=True, patience=8)["kernels"]
    assert {each["path"]: each["status"] for each in dry} == {
        "one.ipynb": "stuck",
        "two.ipynb": "ready",
    }
    error = refused(launched, "POST", "pause", {"patience": 0.5})
    assert error["code"] in ("kernel_stuck", "kernel_busy")
    assert "one.ipynb" in error["message"]
    assert status(launched)["state"] == "failed"
    assert snapshots(launched) == []
    assert run(launched, other, "print(1)") == "1\n"
    gate.open("w").close()
    assert run(launched, kernel, "print(1)") == "1\n"
    assert snapshots(launched) == [], "the save that was called off never runs"


def test_what_is_held_runs_nothing_until_it_is_released(launch: NewLaunch, tmp_path: Path) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "x = 41")
    result = pause(launched, hold=True)
    queued = _queue(launched, kernel, tmp_path / "ran")
    assert refused(launched, "GET", f"kernels/{kernel}/variables?timeout=0.3")["code"] == (
        "kernel_busy"
    )
    assert not (tmp_path / "ran").exists()
    assert status(launched)["state"] == "saved"
    assert launched.call("DELETE", "pause?keep=1")[1]["state"] == "released"
    wait_for_file(tmp_path / "ran")
    queued.communicate(timeout=60)
    assert content_of(launched) == result


def _queue(launched: Launched, kernel: str, path: Path) -> "subprocess.Popen[bytes]":
    """A cell that waits in the kernel's queue, sent by a process of its own: `communicate` ends it.

    A client that closes its channels at once may take the cell along."""
    (connection,) = launched.storage.parent.rglob(f"kernel-{kernel}.json")
    code = (
        "import sys; from jupyter_client import BlockingKernelClient as C\n"
        "c = C(); c.load_connection_file(sys.argv[1]); c.start_channels()\n"
        "c.execute(sys.argv[2])\n"
        "print('sent', flush=True); sys.stdin.read(); c.stop_channels()\n"
    )

    text = f"open({str(path)!r}, 'w').close()"
    command = [sys.executable, "-c", code, str(connection), text]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"sent\n"
    return process


def test_an_interrupt_lets_go_and_is_noticed(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    _, other = notebook(launched, "two.ipynb")
    pause(launched, hold=True)
    assert launched.call("POST", f"kernels/{kernel}/interrupt")[0] == 200
    found = wait(launched, lambda found: found["state"] == "released")
    assert found["error"]["code"] == "released"
    assert snapshots(launched) == [SNAPSHOT], "somebody may already rely on it"
    assert run(launched, other, "print(1)") == "1\n"
    launched.call("DELETE", "pause")
    assert snapshots(launched) == []


def test_what_waits_never_runs_when_the_server_stops(launch: NewLaunch, tmp_path: Path) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    pause(launched, hold=True)
    queued = _queue(launched, kernel, tmp_path / "ran")
    launched.terminate()
    queued.communicate(timeout=60)
    assert not (tmp_path / "ran").exists()
    assert snapshots(launched) == [SNAPSHOT]


def test_a_killed_server_holds_nobody(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    pid = int(run(launched, kernel, "import os; print(os.getpid())"))
    pause(launched, hold=True)
    launched.process.kill()
    launched.wait()
    assert ends(pid)


def test_a_kernel_of_another_language_is_named(launch: NewLaunch, tmp_path: Path) -> None:
    launched = begun(launch, {"JUPYTER_PATH": str(_other_language(tmp_path))})
    _, kernel = notebook(launched, "r.ipynb", "pretend-r")
    _, other = notebook(launched, "one.ipynb")
    listed = {each["id"]: each for each in launched.call("GET", "kernels")[1]}
    assert (listed[kernel]["carried"], listed[kernel]["language"]) == (False, "r")
    assert listed[other]["carried"] is True
    assert refused(launched, "GET", f"kernels/{kernel}/variables")["code"] == "not_carried"
    dry = {each["id"]: each for each in pause(launched, dry_run=True)["kernels"]}
    assert dry[kernel]["status"] == "not_carried"
    saved = {each["id"]: each["status"] for each in pause(launched)["kernels"]}
    assert saved == {kernel: "not_carried", other: "saved"}
    launched.terminate()
    again = begun(launch, snapshot=SNAPSHOT)
    resumed = again.json("runtiles/api/runtime")["resumed"]["kernels"]
    assert {each["id"]: each["status"] for each in resumed} == {
        kernel: "not_carried",
        other: "restored",
    }


def _other_language(folder: Path) -> Path:
    spec = folder / "share" / "kernels" / "pretend-r"
    spec.mkdir(parents=True)
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "R", "language": "R"})
    )
    return folder / "share"


def test_a_full_disk_is_told_in_figures(launch: NewLaunch, tmp_path: Path) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    place = launched.storage / ".runtiles"
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no mount can be made here")
    try:
        run(launched, kernel, "import os; x = bytearray(os.urandom(4_000_000))")
        error = refused(launched, "POST", "pause", {})
        assert error["code"] == "no_space"
        assert error["details"]["needed"] > 4_000_000 > 1_100_000 > error["details"]["free"] > 0
        assert snapshots(launched) == []
        assert run(launched, kernel, "print(len(x))") == "4000000\n"
        run(launched, kernel, "x = 1")
        pause(launched)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_what_did_not_change_is_not_written_again(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "import numpy; x = numpy.random.default_rng(1).random(500_000)")
    first = pause(launched)
    second = pause(launched, snapshot="s2", parent=SNAPSHOT)
    assert first["written"] > 4_000_000 > 1_000_000 > second["written"]
    assert launched.call("DELETE", f"snapshots/{SNAPSHOT}")[0] == 204
    launched.terminate()
    again = begun(launch, snapshot="s2")
    assert run(again, kernel, "print(len(x))") == "500000\n"


def test_without_storage_or_key_it_says_so(launch: NewLaunch) -> None:
    launched = begun(launch, {"RUNTILES_STORAGE_DIR": ""})
    assert refused(launched, "POST", "pause", {"dry_run": True})["code"] == "no_storage"
    assert refused(launched, "POST", "pause", {})["code"] == "no_storage"
    keyless = begun(launch, snapshot_key="")
    assert refused(keyless, "POST", "pause", {})["code"] == "snapshot_refused"
    assert keyless.json("runtiles/api/runtime")["resumed"] is None
