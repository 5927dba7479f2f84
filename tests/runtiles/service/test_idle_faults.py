"""Idle runtimes while something else goes wrong: a real Hub, the real service, real servers and kernels."""

import hashlib
import hmac
import http.server
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from runtiles.store import LaunchRecord
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site
from tests.integration.transfers import Kernel
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_idle_whole import audit, idle, notices, opened
from tests.runtiles.service.test_pauses_whole import ask, ends, notebook, resume

_PATIENCE_S = 120.0
SECRET = "between-us-and-nobody-else"
POLICY = {
    "default_idle": {"timeout": "8s", "type": "activity", "action": "pause"},
    "idle_warnings": ["2s"],
    "max_time_limit": "2h",
    "max_hold": "1h",
}
#: Its save waits for a gate; `begun` says that it does.
SLOW = """
import pathlib, time
class Slow:
    def __reduce__(self):
        pathlib.Path({gate!r} + '.begun').touch()
        while not pathlib.Path({gate!r}).exists():
            time.sleep(0.05)
        return int, ()
slow, number = Slow(), 41
"""


class Receiver(http.server.BaseHTTPRequestHandler):
    """A webhook's end that is slow, and then breaks."""

    got: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["Runtiles-Signature"] or "", body))
        time.sleep(3)
        self.send_error(500)

    def log_message(self, *_: Any) -> None:
        """Nothing of it is of interest."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, receiver: http.server.ThreadingHTTPServer
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("idle-faults")
    (folder / "secret").write_text(SECRET)
    tell = f"cat >> {folder}/mail; echo >> {folder}/mail"
    service = {
        "webhook_url": f"http://127.0.0.1:{receiver.server_address[1]}/hooks/T0KEN",
        "webhook_secret_file": str(folder / "secret"),
        "warn_command": ["sh", "-c", tell],
    }
    overtime = "c.RuntimeSpawner.overtime = 60\n"
    with process_site(folder, policy=POLICY, service=service, config=overtime) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


def launch(person: Person) -> LaunchRecord:
    with opened(person.site) as store:
        found = store.launches.latest(person.name, "lab")
    assert found is not None
    return found


def held(person: Person, seconds: float | None) -> None:
    """Keeps it for so long, past everybody: also past a Hub that is away. None: no longer."""
    until = None if seconds is None else time.time() + seconds
    with opened(person.site) as store:
        store.launches.update(launch(person).id, held_until=until)


def with_number(person: Person) -> Kernel:
    """In a runtime that waits to be idle."""
    person.ready()
    held(person, 3600)
    kernel = notebook(person, "one.ipynb")
    kernel.run("number = 41")
    return kernel


def mails(site: Site, person: Person) -> list[dict[str, Any]]:
    path = site.hub.folder / "mail"
    lines = path.read_text().splitlines() if path.exists() else []
    told = [json.loads(line) for line in lines if line]
    return [each for each in told if each["user"] == person.name]


@contextmanager
def still(pid: int) -> Iterator[None]:
    """It is there and does nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def slow(person: Person, gate: Path) -> Kernel:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run(SLOW.format(gate=str(gate)))
    return kernel


def at_it(gate: Path) -> None:
    wait_until(gate.with_name(f"{gate.name}.begun").exists, _PATIENCE_S, "the snapshot to hang")


def is_whole(person: Person, kernel: Kernel) -> None:
    ends(person, "paused")
    resume(person)
    assert kernel.run("print(number)") == "41"


def test_one_that_hangs_at_its_snapshot_holds_nobody_up(
    site: Site, person: Person, tmp_path: Path
) -> None:
    hanging = slow(person, tmp_path / "gate")
    at_it(tmp_path / "gate")
    other = site.person()
    other.ready()
    kernel = notebook(other, "one.ipynb")
    kernel.run("number = 41")
    is_whole(other, kernel)
    assert person.runtime()["state"] in ("running", "pausing")
    (tmp_path / "gate").touch()
    is_whole(person, hanging)


def test_a_hub_that_is_killed_and_back_later(site: Site, person: Person) -> None:
    kernel = with_number(person)
    site.hub.kill()
    held(person, None)
    # Until it has been due for a while.
    time.sleep(12)
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    is_whole(person, kernel)
    assert len(audit(site, person, "idle.pause")) == 1


def test_a_hub_that_hangs_is_told_of_and_waited_for(site: Site, person: Person) -> None:
    kernel = with_number(person)
    assert site.hub.process is not None
    with still(site.hub.process.pid):
        held(person, None)
        time.sleep(12)
        assert launch(person).ended_at is None
        assert audit(site, person, "idle.pause") == []
    is_whole(person, kernel)


def test_a_reservation_that_ended_while_the_hub_was_away(site: Site, person: Person) -> None:
    """Longer than the Hub lets the service have: it has to begin anew."""
    kernel = with_number(person)
    site.hub.kill()
    with opened(site) as store:
        store.launches.update(launch(person).id, expires_at=time.time() - 600)
    site.hub.start()
    is_whole(person, kernel)


def test_a_service_killed_in_the_middle(site: Site, person: Person, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    kernel, _ = slow_save(person, gate)
    wait_until(lambda: person.runtime()["state"] == "pausing", _PATIENCE_S, "the pause")
    site.kill_service()
    site.hub.wait_for("/services/runtiles/api")
    assert person.runtime()["state"] == "pausing"
    gate.touch()
    is_whole(person, kernel)
    with opened(site) as store:
        assert len(store.snapshots.of_user(person.name)) == 1
    assert not any("left running" in text for text in notices(person))


def test_what_the_service_told_before_it_was_killed_is_taken_back(
    site: Site, person: Person
) -> None:
    person.ready(idle={"timeout": "1h"})
    with opened(site) as store:
        store.notices.tell(person.name, "end:lab", "lab will be paused.", author="Runtiles")
        store.notices.tell(person.name, "end:gone", "gone will be paused.", author="Runtiles")
    assert len(notices(person)) == 2
    site.kill_service()
    site.hub.wait_for("/services/runtiles/api")
    wait_until(lambda: notices(person) == [], _PATIENCE_S, "the notices to go")


def test_a_runtime_that_does_not_answer_is_left_alone(site: Site, person: Person) -> None:
    kernel = with_number(person)
    before = launch(person)
    with opened(site) as store:
        store.launches.update(before.id, address="http://127.0.0.1:9/", held_until=None)
    wait_until(lambda: "It is due" in str(idle(person)["found"]), _PATIENCE_S, "the reason")
    assert "The Hub saw its last activity at" in idle(person)["found"]
    assert audit(site, person, "idle.pause") == []
    assert person.runtime()["state"] == "running"
    with opened(site) as store:
        store.launches.update(before.id, address=before.address)
    # It would be asked again in a minute; a wish of its owner has everything looked at anew.
    for wish in ({"seconds": "30m"}, {"until": None}):
        ask(person, "POST", "/runtimes/lab/hold", json=wish)
    is_whole(person, kernel)


def test_who_comes_back_during_the_pause_keeps_the_runtime(
    site: Site, person: Person, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    kernel, other = slow_save(person, gate)
    wait_until(lambda: person.runtime()["state"] == "pausing", _PATIENCE_S, "the pause")
    ask(person, "POST", "/runtimes/lab/hold", json={"seconds": "30m"})
    wait_until(lambda: person.runtime()["state"] != "pausing", _PATIENCE_S, "it to be called off")
    gate.touch()
    ends(person, "running")
    assert kernel.run("print(number)") == "41"
    assert other.run("print(1)") == "1"
    assert person.runtime()["last_error"] is None


def slow_save(person: Person, gate: Path) -> tuple[Kernel, Kernel]:
    person.ready()
    kernel, other = notebook(person, "one.ipynb"), notebook(person, "two.ipynb")
    kernel.run(SAVES_SLOWLY.format(gate=str(gate)))
    return kernel, other


#: The look at it is quick, the save waits for a gate.
SAVES_SLOWLY = SLOW.replace(
    "        while not",
    "        Slow.asked = 1 + getattr(Slow, 'asked', 0)\n        while Slow.asked > 1 and not",
)


def test_messages_reach_who_is_slow_and_broken_and_hold_nobody_up(
    site: Site, person: Person
) -> None:
    person.ready()
    kernel = notebook(person, "one.ipynb")
    kernel.run("number = 41")
    is_whole(person, kernel)
    for receiver in (partial(mails, site), hooks):
        wait_until(partial(has_ended, receiver, person), 60, "the word that it ended")
    for messages in (mails(site, person), hooks(person)):
        events = [each["event"] for each in messages]
        assert events[0] == "warning"
        assert events.count("ended") == 1
    wait_until(lambda: "The webhook answered 500" in site.hub.log, _PATIENCE_S, "the log")
    told = site.hub.log + "".join(_argv())
    assert SECRET not in told
    assert "T0KEN" not in told


def has_ended(told: Callable[[Person], list[dict[str, Any]]], person: Person) -> bool:
    return "ended" in {each["event"] for each in told(person)}


def hooks(person: Person) -> list[dict[str, Any]]:
    """What the webhook was told of this person, each with a signature that holds; repeats once."""
    found: dict[str, dict[str, Any]] = {}
    for signature, body in list(Receiver.got):
        at, _, given = signature.removeprefix("t=").partition(",v1=")
        signed = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256)
        assert hmac.compare_digest(given, signed.hexdigest())
        found.setdefault(json.loads(body)["id"], json.loads(body))
    return [each for each in found.values() if each["user"] == person.name]


def _argv() -> Iterator[str]:
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield (each / "cmdline").read_text(errors="replace")
