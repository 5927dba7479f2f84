"""Who may ask a runtime, what it answers to anything, and where its keys are not."""

import json
import os
from pathlib import Path

import pytest

from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import SNAPSHOT_KEY, begun, notebook, refused, run
from tests.runtiles_server.launched import CONTROL_KEY, Launched

#: Method and path of everything that our interface has.
ROUTES = [
    ("GET", "runtime"),
    ("GET", "kernels"),
    ("GET", "kernels/k/variables"),
    ("POST", "kernels/k/interrupt"),
    ("POST", "kernels/k/restart"),
    ("GET", "pause"),
    ("POST", "pause"),
    ("DELETE", "pause"),
    ("POST", "resume"),
    ("DELETE", "snapshots/s"),
    ("GET", "unknown"),
]


def test_only_the_key_or_the_hub_opens_it(launch: NewLaunch) -> None:
    launched = begun(launch)
    for method, path in ROUTES:
        for key in ("00" * 32, CONTROL_KEY[:-1], "Runtiles"):
            status, answer = launched.call(method, path, key=key)
            assert status == 403, (method, path, answer)
            assert answer["error"]["code"] == "not_allowed"
    assert launched.call("GET", "kernels") == (200, [])
    assert launched.json("runtiles/api/kernels") == []
    assert launched.get("runtiles/api/kernels", token=None)[0] == 403


def test_what_it_does_not_have_is_told_in_our_form(launch: NewLaunch) -> None:
    launched = begun(launch)
    for method, path in [("GET", "nothing"), ("POST", "a/b"), ("DELETE", "kernels")]:
        assert refused(launched, method, path)["code"] in ("not_found", "method_not_allowed")
    assert refused(launched, "POST", "pause", {"dry": True})["code"] == "invalid_request"
    assert refused(launched, "POST", "pause", ["x"])["code"] == "invalid_request"
    assert refused(launched, "POST", "pause", {"snapshot": "../x"})["code"] == "invalid_request"
    assert refused(launched, "POST", "pause", {"kernels": ["none"]})["code"] == "not_found"
    assert refused(launched, "POST", "kernels/none/restart")["code"] == "not_found"


def _search(launched: Launched, pid: int) -> bytes:
    found = launched.output.encode()
    for process in {launched.process.pid, pid, *launched.children()}:
        for name in ("environ", "cmdline"):
            found += Path(f"/proc/{process}/{name}").read_bytes()
    for path in ("runtime", "kernels", "pause"):
        found += json.dumps(launched.call("GET", path)[1]).encode()
    return found


@pytest.mark.parametrize("command", [[], ["sh", "-c", "jupyter lab"]])
def test_the_keys_are_in_one_private_file(launch: NewLaunch, command: list[str]) -> None:
    launched = begun(launch, {"RUNTILES_LAUNCH_ID": "keys1"}, command=command)
    _, kernel = notebook(launched, "one.ipynb")
    pid = int(run(launched, kernel, "import os; print(os.getpid())"))
    assert launched.call("POST", "pause", {"snapshot": "s1"})[0] == 200
    assert run(launched, kernel, "print([n for n in dir() if 'untiles' in n])") == "[]\n"
    found = _search(launched, pid)
    assert SNAPSHOT_KEY.encode() not in found
    assert CONTROL_KEY.encode() not in found
    (file,) = Path("/dev/shm").glob("runtiles-keys1-*/keys")
    assert file.stat().st_mode & 0o777 == 0o600
    for path in (launched.storage / ".runtiles").rglob("*.json"):
        assert SNAPSHOT_KEY not in path.read_text()
    launched.terminate()
    assert not file.exists()
    assert not os.path.lexists(file.parent)


def test_restart_and_interrupt(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, "x = 1")
    status, answer = launched.call("POST", f"kernels/{kernel}/restart")
    assert (status, answer["id"]) == (200, kernel)
    assert run(launched, kernel, "print('x' in dir())") == "False\n"
    status, variables = launched.call("GET", f"kernels/{kernel}/variables?timeout=30")
    assert (status, variables["variables"]) == (200, [])
