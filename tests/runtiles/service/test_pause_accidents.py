"""What happens to a person's work when a part of the site dies in the middle of a pause or a resume."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtiles.contract.protocol import ENV_LAUNCH_ID
from runtiles.store import KeyFile, LaunchRecord, Store
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site
from tests.integration.transfers import Kernel
from tests.runtiles.service.process_site import process_site, storage
from tests.runtiles.service.test_pauses_whole import (
    ask,
    busy_runtime,
    ends,
    goes_on,
    notebook,
    pause,
    paused,
    resume,
    waits,
    working,
)

#: Its load waits for a gate.
_SLOW = """
import pathlib, time
def wait(gate):
    pathlib.Path(gate + '.begun').touch()
    while not pathlib.Path(gate).exists():
        time.sleep(0.05)
class Slow:
    def __reduce__(self):
        return wait, ({gate!r},)
slow = Slow()
number = 5
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    overtime = "c.RuntimeSpawner.update(overtime=5, longest_overtime=5)\n"
    with process_site(tmp_path_factory.mktemp("accidents"), config=overtime) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


def launch(person: Person) -> LaunchRecord:
    folder = person.site.hub.folder
    store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(folder / "key"))
    try:
        found = store.launches.latest(person.name, "lab")
    finally:
        store.close()
    assert found is not None
    return found


def kill_server(person: Person) -> None:
    """The runtime's own server, and only that."""
    mark = f"{ENV_LAUNCH_ID}={launch(person).id}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            mine = mark in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mine and b"runtiles_server.launch" in words:
            os.kill(int(process.name), signal.SIGKILL)


def works_for_ever(kernel: Kernel, begun: Path) -> None:
    """Nobody waits for what it prints."""
    code = f"open({str(begun)!r}, 'w').close()\nimport time\nwhile True: time.sleep(0.05)"
    threading.Thread(target=kernel.run, args=(code,), daemon=True).start()
    wait_until(begun.exists, 60, "the kernel to work")


def saved(person: Person) -> None:
    wait_until(lambda: bool(launch(person).snapshot), 60, "the snapshot to be written down")


def paused_slowly(person: Person, gate: Path) -> Kernel:
    """Paused, and its resume takes as long as there is no gate."""
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run(_SLOW.format(gate=str(gate)))
    paused(person)
    return kernel


def resuming(person: Person, gate: Path) -> None:
    ask(person, "POST", "/runtimes/lab/resume", json={})
    wait_until(gate.with_name(f"{gate.name}.begun").exists, 60, "the resume to be at it")


def test_a_service_killed_between_snapshot_and_stop(person: Person, tmp_path: Path) -> None:
    kernel = busy_runtime(person)
    with working(kernel, tmp_path / "gate"):
        pause(person)
        waits(person)
        (tmp_path / "gate").touch()
        saved(person)
        person.site.kill_service()
        person.site.hub.wait_for("/services/runtiles/api")
    goes_on(person, kernel)


def test_a_hub_killed_between_snapshot_and_stop(person: Person, tmp_path: Path) -> None:
    kernel = busy_runtime(person)
    with working(kernel, tmp_path / "gate"):
        pause(person)
        waits(person)
        (tmp_path / "gate").touch()
        saved(person)
        person.site.hub.kill()
        person.site.hub.start()
        person.site.hub.wait_for("/services/runtiles/api")
    goes_on(person, kernel)


def test_a_runtime_killed_while_it_waits_is_told_of(person: Person, tmp_path: Path) -> None:
    kernel = busy_runtime(person)
    first = paused(person)["id"]
    resume(person)
    works_for_ever(kernel, tmp_path / "begun")
    pause(person)
    waits(person)
    kill_server(person)
    ends(person, "stopped")
    wait_until(lambda: person.runtime()["last_error"] is not None, 60, "the reason")
    resume(person, snapshot=first)
    assert kernel.run("print(same is shared)") == "True"


def test_a_runtime_killed_before_it_tells_of_its_snapshot_is_paused_on_it(
    person: Person, tmp_path: Path
) -> None:
    kernel = busy_runtime(person)
    folder = storage(person.site, person.name) / ".runtiles" / "snapshots"
    with working(kernel, tmp_path / "gate"):
        pause(person)
        waits(person)
        # It asks no more, so it cannot have heard.
        person.site.signal_service(signal.SIGSTOP)
        try:
            (tmp_path / "gate").touch()
            wait_until(lambda: any(folder.glob("[!.]*")), 60, "the snapshot to be whole")
            kill_server(person)
        finally:
            person.site.signal_service(signal.SIGCONT)
    goes_on(person, kernel)


def test_a_time_limit_lets_a_pause_come_to_its_end(person: Person, tmp_path: Path) -> None:
    person.ready(time_limit="15s")
    kernel = notebook(person, "one.ipynb")
    kernel.run("shared = []; same = shared")
    with working(kernel, tmp_path / "gate"):
        pause(person)
        waits(person)
        wait_until(lambda: "The time limit" in person.site.hub.log, 60, "the time limit to be over")
        (tmp_path / "gate").touch()
    goes_on(person, kernel)


def test_a_resume_that_is_stopped_or_killed_can_be_tried_again(
    person: Person, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    kernel = paused_slowly(person, gate)
    snapshot = person.runtime()["snapshot"]
    resuming(person, gate)
    assert ask(person, "POST", "/runtimes/lab/resume", 409, json={})["error"]["code"] == "conflict"
    assert ask(person, "DELETE", f"/snapshots/{snapshot}", 409)["error"]["code"] == "in_use"
    ask(person, "POST", "/runtimes/lab/stop")
    wait_until(lambda: person.runtime()["state"] == "paused", 60, "it to be paused again")
    gate.with_name("gate.begun").unlink()
    resuming(person, gate)
    kill_server(person)
    wait_until(lambda: person.runtime()["state"] == "paused", 60, "it to be paused again")
    assert person.runtime()["snapshot"] == snapshot
    gate.touch()
    resume(person)
    assert kernel.run("print(number)") == "5"
