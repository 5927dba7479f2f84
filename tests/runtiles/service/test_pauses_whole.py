"""Pause, resume, fork and what lies between, with real kernels in real runtimes (processes)."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from runtiles.store import KeyFile, Store
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site
from tests.integration.transfers import Kernel
from tests.runtiles.service.process_site import process_site, storage
from tests.runtiles_server.launched import hang_up

#: A launch on a loaded machine.
_PATIENCE_S = 120.0
NOTEBOOK = {
    "type": "notebook",
    "format": "json",
    "content": {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
}
FIRST = """
shared = [1, 2]
same = shared
import numpy
data = numpy.arange(700_000.0)
def more():
    shared.append(len(shared) + 1)
get_ipython().execution_count = 7
"""
CHECK = "more(); print(shared, same is shared, data.sum() == 244999650000.0, get_ipython().execution_count)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("pauses")) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


def server(person: Person, method: str, path: str, body: Any = None, name: str = "lab") -> Any:
    """What JupyterLab asks of a runtime's own server."""
    url = f"{person.site.hub.origin}/user/{person.name}/{name}/{path}"
    headers = {"Authorization": f"token {person.token}"}
    answer = httpx.request(method, url, headers=headers, json=body, timeout=60)
    assert answer.status_code < 300, answer.text
    return answer.json()


def notebook(person: Person, path: str, name: str = "lab") -> Kernel:
    """An open notebook with its kernel."""
    person.put(f"api/contents/{path}", NOTEBOOK, name)
    wanted = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
    session = server(person, "POST", "api/sessions", wanted, name)
    return Kernel(person, name, session["kernel"]["id"])


def sessions(person: Person, name: str = "lab") -> set[tuple[str, str, str]]:
    found = server(person, "GET", "api/sessions", name=name)
    return {(one["id"], one["path"], one["kernel"]["id"]) for one in found}


def ask(person: Person, method: str, path: str, status: int = 200, **arguments: Any) -> Any:
    with person.api as api:
        answer = api.request(method, path, timeout=_PATIENCE_S, **arguments)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def pause(person: Person, status: int = 200, **body: Any) -> Any:
    return ask(person, "POST", "/runtimes/lab/pause", status, json=body)


def paused(person: Person, **body: Any) -> dict[str, Any]:
    """Pauses; the snapshot, with its manifest."""
    assert pause(person, **body)["state"] in ("pausing", "paused")
    ends(person, "paused")
    snapshot = person.runtime()["snapshot"]
    found: dict[str, Any] = ask(person, "GET", f"/snapshots/{snapshot}")
    return found


def ends(person: Person, state: str, name: str = "lab") -> None:
    def there() -> bool:
        runtime = person.runtime(name)
        assert state == "running" or runtime["state"] != "failed", runtime
        assert state != "paused" or runtime["last_error"] is None, runtime
        return bool(runtime["state"] == state)

    wait_until(there, _PATIENCE_S, f"{name} to be {state}")


def resume(person: Person, **body: Any) -> None:
    ask(person, "POST", "/runtimes/lab/resume", json=body)
    ends(person, "running")


def snapshots_on_disk(person: Person) -> set[str]:
    folder = storage(person.site, person.name) / ".runtiles" / "snapshots"
    return {one.name for one in folder.iterdir()} if folder.exists() else set()


def test_everything_is_there_again_and_a_fork_beside_it(person: Person) -> None:
    person.ready()
    one, two = notebook(person, "one.ipynb"), notebook(person, "two.ipynb")
    one.run(FIRST)
    two.run("word = 'two'; gen = (i for i in 'ab')")
    before = sessions(person)

    looked = pause(person, dry_run=True)
    kernels = {kernel["path"]: kernel for kernel in looked["kernels"]}
    assert looked["bytes"] > 5_000_000
    assert [loss["variable"] for loss in kernels["two.ipynb"]["losses"]] == ["gen"]
    refused = pause(person, 409)["error"]
    assert refused["code"] == "would_lose"
    assert [kernel["path"] for kernel in refused["details"]["kernels"]] == ["two.ipynb"]
    # Nothing has changed.
    assert person.runtime()["state"] == "running"
    assert snapshots_on_disk(person) == set()
    assert ask(person, "GET", "/snapshots") == []
    assert two.run("print(next(gen))") == "a"

    two.run("del gen")
    first = paused(person)
    assert snapshots_on_disk(person) == {first["id"]}
    assert (first["in_use"], first["lost"]) == (True, 0)
    resume(person)
    assert sessions(person) == before
    assert one.run(CHECK) == "[1, 2, 3] True True 7"
    assert two.run("print(word)") == "two"

    fork = {"resume": first["id"], "name": "fork"}
    ask(person, "POST", "/runtimes", 201, json=fork)
    ends(person, "running", "fork")
    theirs = sessions(person, "fork")
    assert {path for _, path, _ in theirs} == {path for _, path, _ in before}
    assert {kernel for *_, kernel in theirs}.isdisjoint({kernel for *_, kernel in before})
    (kernel,) = [kernel for _, path, kernel in theirs if path == "one.ipynb"]
    # As it was when it was paused, not as the first one went on.
    assert Kernel(person, "fork", kernel).run(CHECK) == "[1, 2, 3] True True 7"
    assert one.run("print(shared)") == "[1, 2, 3]"
    person.stop("fork")

    second = paused(person)
    whole = second["manifest"]
    assert whole["written"] < 1_000_000 < whole["bytes"]
    resume(person)
    assert one.run("print(shared, data[1])") == "[1, 2, 3] 1.0"


def test_kernels_are_seen_interrupted_and_restarted(person: Person, tmp_path: Path) -> None:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run("number = 5")
    (shown,) = ask(person, "GET", "/runtimes/lab/kernels")
    assert (shown["id"], shown["path"], shown["carried"]) == (kernel.id, "one.ipynb", True)
    path = f"/runtimes/lab/kernels/{kernel.id}/variables"
    held = ask(person, "GET", path, params={"timeout": 30})
    assert ("number", "int") in {(one["name"], one["type"]) for one in held["variables"]}
    with working(kernel, tmp_path / "gate") as running:
        ask(person, "POST", "/runtimes/lab/interrupt", json={"kernel": kernel.id})
        assert "KeyboardInterrupt" in running.result(60)
    assert kernel.run("print(number)") == "5"
    ask(person, "POST", "/runtimes/lab/restart")
    assert "NameError" in kernel.run("print(number)")


def test_out_and_in_again_as_a_file(person: Person) -> None:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run(FIRST)
    original = paused(person)["id"]
    with person.api as api:
        file = api.get(f"/snapshots/{original}/export").content
    assert ask(person, "DELETE", f"/snapshots/{original}", 409)["error"]["code"] == "in_use"
    ask(person, "DELETE", f"/snapshots/{original}", 204, params={"force": 1})
    assert snapshots_on_disk(person) == set()
    assert person.runtime()["state"] == "stopped"
    packed = {"Content-Type": "application/gzip"}
    taken = ask(person, "POST", "/snapshots/import", 201, content=file, headers=packed)
    refused = ask(person, "POST", "/runtimes/lab/resume", 400, json={"snapshot": taken["id"]})
    assert "trust" in refused["error"]["details"]["fields"]["resume"]
    ask(person, "POST", f"/snapshots/{taken['id']}/trust")
    resume(person, snapshot=taken["id"])
    assert kernel.run(CHECK) == "[1, 2, 3] True True 7"


@contextmanager
def working(kernel: Kernel, gate: Path) -> Iterator["Future[str]"]:
    """The kernel runs a cell that ends when the gate is there; what it printed."""
    code = (
        f"import pathlib, time\ngate = {str(gate)!r}\npathlib.Path(gate + '.begun').touch()\n"
        "while not pathlib.Path(gate).exists():\n    time.sleep(0.05)\nworked = True"
    )
    begun = gate.with_name(f"{gate.name}.begun")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(kernel.run, code)
        wait_until(begun.exists, 60, "the kernel to work")
        try:
            yield running
        finally:
            gate.touch()
            # The runtime may be gone before it has printed.
            with suppress(AssertionError):
                running.result(60)


def waits(person: Person) -> None:
    """The pause is under way, and waits for the kernel that works."""

    def told() -> bool:
        runtime = person.runtime()
        words = (runtime["progress"] or {}).get("message") or ""
        return runtime["phase"] == "waiting" and "one.ipynb" in words

    wait_until(told, 60, "the pause to wait")


def types(person: Person, terminal: str, text: str) -> None:
    """Into a terminal of the runtime, as a person does it in JupyterLab; the terminal stays."""

    async def go() -> None:
        where = f"user/{person.name}/lab/terminals/websocket/{terminal}"
        url = f"ws{person.site.hub.origin[4:]}/{where}"
        headers = {"Authorization": f"token {person.token}"}
        connection = await websocket_connect(HTTPRequest(url, headers=headers))
        await connection.write_message(json.dumps(["stdin", text]))
        # What is typed comes back, so it has arrived.
        while "sleep" not in str(await connection.read_message()):
            pass
        hang_up(connection)

    asyncio.run(go())


def test_what_runs_in_a_terminal_is_named_before_it_is_ended(person: Person) -> None:
    person.ready()
    name = server(person, "POST", "api/terminals", {})["name"]
    types(person, name, "sleep 600\r")
    job = {"name": name, "job": "sleep", "status": "running"}
    wait_until(lambda: pause(person, dry_run=True)["terminals"] == [job], 60, "it to be named")
    refused = pause(person, 409)["error"]
    assert (refused["code"], refused["details"]["terminals"]) == ("would_lose", [job])
    assert person.runtime()["state"] == "running"
    assert paused(person, accept_loss=True)["manifest"]["terminals"] == [job]


def test_an_altered_snapshot_is_refused_and_the_runtime_stays_paused(person: Person) -> None:
    person.ready()
    notebook(person, "one.ipynb").run(FIRST)
    snapshot = paused(person)["id"]
    folder = storage(person.site, person.name) / ".runtiles" / "snapshots" / snapshot
    whole = (folder / "snapshot.json").read_text()
    (folder / "snapshot.json").write_text(whole.replace('"saved"', '"SAVED"'))
    ask(person, "POST", "/runtimes/lab/resume")
    wait_until(
        lambda: person.runtime()["last_error"] is not None, _PATIENCE_S, "the resume to fail"
    )
    ends_paused_with(person, snapshot)
    # The very same bytes again, and nothing was lost by the attempt.
    (folder / "snapshot.json").write_text(whole)
    resume(person)


def ends_paused_with(person: Person, snapshot: str) -> None:
    wait_until(lambda: person.runtime()["state"] == "paused", _PATIENCE_S, "it to be paused")
    runtime = person.runtime()
    assert runtime["snapshot"] == snapshot
    assert runtime["last_error"]["message"], runtime


def test_nobody_is_told_the_keys(person: Person) -> None:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run(FIRST)
    folder = person.site.hub.folder
    store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(str(folder / "key")))
    launch = store.launches.latest(person.name, "lab")
    assert launch is not None
    keys = store.state_keys
    secret = [keys.snapshot_key(person.name), keys.control_key(person.name, launch.id)]
    store.close()
    environment = kernel.run("import os; print(dict(os.environ))")
    processes = kernel.run(
        "import pathlib\nfor p in pathlib.Path('/proc').glob('[0-9]*'):\n"
        "    for name in ('environ', 'cmdline'):\n"
        "        try: print((p / name).read_bytes())\n"
        "        except OSError: pass"
    )
    snapshot = paused(person)["id"]
    told = [environment, processes, person.site.hub.log]
    with person.api as api:
        paths = ("", "/logs", "/launches", "/configuration")
        told += [api.get(f"/runtimes/lab{path}").text for path in paths]
        told.append(api.post("/runtimes/preview", json={"resume": snapshot}).text)
        told.append(api.get(f"/snapshots/{snapshot}").text)
    files = [file.read_bytes() for file in folder.glob("*.sqlite*")]
    kept = storage(person.site, person.name) / ".runtiles"
    files += [file.read_bytes() for file in kept.rglob("*") if file.is_file()]
    everything = "\n".join(told).encode() + b"\n".join(files)
    assert person.name.encode() in everything
    for key in secret:
        assert key.encode() not in everything
        assert bytes.fromhex(key) not in everything


def busy_runtime(person: Person) -> Kernel:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run(FIRST)
    return kernel


def goes_on(person: Person, kernel: Kernel) -> None:
    ends(person, "paused")
    resume(person)
    assert kernel.run("print(worked, same is shared)") == "True True"


def test_a_pause_that_is_called_off_has_changed_nothing(person: Person, tmp_path: Path) -> None:
    kernel = busy_runtime(person)
    with working(kernel, tmp_path / "gate") as running:
        pause(person)
        waits(person)
        assert ask(person, "DELETE", "/runtimes/lab/pause")["state"] == "running"
        (tmp_path / "gate").touch()
        assert running.result(60) == ""
    assert kernel.run("print(worked, same is shared)") == "True True"
    assert snapshots_on_disk(person) == set()
    assert paused(person)["lost"] == 0


def test_kernels_that_were_left_out_are_named(person: Person) -> None:
    person.ready()
    one, two = notebook(person, "one.ipynb"), notebook(person, "two.ipynb")
    one.run("number = 1")
    two.run("number = 2")
    refused = pause(person, 409, kernels=[one.id])["error"]
    assert [kernel["path"] for kernel in refused["details"]["kernels"]] == ["two.ipynb"]
    whole = paused(person, kernels=[one.id], accept_loss=True)["manifest"]
    told = {kernel["path"]: (kernel["status"], kernel["reason"]) for kernel in whole["kernels"]}
    left = ("not_carried", "It was left out.")
    assert told == {"one.ipynb": ("saved", ""), "two.ipynb": left}


def test_what_was_frozen_is_frozen_again(person: Person) -> None:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run("gen = (i for i in 'ab')")
    ask(person, "POST", "/runtimes/lab/freeze")
    assert pause(person, 409)["error"]["code"] == "would_lose"
    assert person.runtime()["state"] == "frozen"
    assert paused(person, accept_loss=True)["lost"] == 1


def test_a_service_that_is_killed(person: Person, tmp_path: Path) -> None:
    kernel = busy_runtime(person)
    with working(kernel, tmp_path / "gate"):
        pause(person)
        waits(person)
        person.site.kill_service()
        (tmp_path / "gate").touch()
        person.site.hub.wait_for("/services/runtiles/api")
    goes_on(person, kernel)


def test_a_hub_that_is_killed(person: Person, tmp_path: Path) -> None:
    kernel = busy_runtime(person)
    with working(kernel, tmp_path / "gate"):
        pause(person)
        waits(person)
        hub = person.site.hub
        hub.kill()
        (tmp_path / "gate").touch()
        hub.start()
        hub.wait_for("/services/runtiles/api")
    goes_on(person, kernel)
