"""Idle runtimes with a real Hub, the real service, real servers and kernels (processes)."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtiles.store import AuditEntry, KeyFile, Store
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site
from tests.integration.transfers import Kernel
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_pauses_whole import ask, ends, notebook, server

_PATIENCE_S = 120.0
POLICY = {
    "default_idle": {"timeout": "15s", "type": "activity", "action": "pause"},
    "idle_warnings": ["2s"],
    "max_time_limit": "2h",
    "default_time_limit": "1h",
    "max_hold": "1h",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("idle"), policy=POLICY) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


def idle(person: Person) -> Any:
    return ask(person, "GET", "/runtimes/lab/idle")


@contextmanager
def opened(site: Site) -> Iterator[Store]:
    folder = Path(site.hub.folder)
    store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(folder / "key"))
    try:
        yield store
    finally:
        store.close()


def audit(site: Site, person: Person, action: str) -> list[AuditEntry]:
    with opened(site) as store:
        return store.audit.page(action=action, target=f"{person.name}/lab")[1]


@contextmanager
def running(kernel: Kernel) -> Iterator[None]:
    """It computes in silence meanwhile, and nobody has a tab open."""
    code = "try:\n    while True: pass\nexcept KeyboardInterrupt: pass"
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(kernel.run, code)
        try:
            yield
        finally:
            # What was paused in the middle of it answers no more.
            with suppress(AssertionError):
                body = {"kernel": kernel.id}
                ask(kernel.person, "POST", "/runtimes/lab/interrupt", json=body)
            with suppress(Exception):
                done.result(_PATIENCE_S)


def notices(person: Person) -> list[str]:
    return [notice["text"] for notice in ask(person, "GET", "/notices")]


def test_what_is_idle_is_paused_and_comes_back(site: Site, person: Person) -> None:
    person.ready()
    one = notebook(person, "one.ipynb")
    one.run("x = list(range(10))")
    ends(person, "paused")
    (entry,) = audit(site, person, "idle.pause")
    assert entry.actor == "Runtiles"
    assert entry.details["cause"] == "idle"
    assert "one.ipynb was last heard" in entry.details["reason"]
    (text,) = notices(person)
    assert text.startswith("lab is being paused. Idle: the kernel one.ipynb")
    ask(person, "POST", "/runtimes/lab/resume", json={})
    ends(person, "running")
    assert one.run("print(sum(x))") == "45"


def test_a_busy_kernel_keeps_it_alive_and_a_hold_does(site: Site, person: Person) -> None:
    person.ready()
    one = notebook(person, "train.ipynb")
    with running(one):
        wait_until(lambda: bool(idle(person)["alive"]), _PATIENCE_S, "a report")
        told = idle(person)
        assert told["alive"][0]["kind"] == "kernel_busy"
        assert told["reason"].startswith("Alive because the kernel train.ipynb has been busy for")
        assert "; would pause at" in told["reason"]

        # Longer than its timeout, as the runtime's own clock has it.
        def long_busy() -> bool:
            kernel = server(person, "GET", "runtiles/api/activity")["kernels"][0]
            return bool((kernel["busy_for"] or 0) > 18)

        wait_until(long_busy, _PATIENCE_S, "a long computation")
        assert person.runtime()["state"] == "running"
        held = ask(person, "POST", "/runtimes/lab/hold", json={"seconds": "30m"})
        assert held["idle"]["held_until"] or idle(person)["held_until"]
    wait_until(
        lambda: [each["kind"] for each in idle(person)["alive"]] == ["hold"],
        _PATIENCE_S,
        "the hold",
    )
    assert "somebody keeps it for another" in idle(person)["reason"]
    refused = ask(person, "POST", "/runtimes/lab/hold", 429, json={"seconds": "2h"})
    assert refused["error"]["details"]["latest"]
    ask(person, "POST", "/runtimes/lab/hold", json={"until": None})
    ends(person, "paused")


def test_something_would_be_lost_so_it_is_held(site: Site, person: Person) -> None:
    person.ready()
    notebook(person, "gen.ipynb").run("gen = (i for i in 'ab')")
    wait_until(lambda: bool(audit(site, person, "idle.told")), _PATIENCE_S, "the decision")
    assert person.runtime()["state"] == "running"
    assert any("left running" in text for text in notices(person))
    assert "One thing would be lost" in str(idle(person)["found"])


def test_a_reservation_is_extended_and_ends(site: Site, person: Person) -> None:
    person.ready()
    one = notebook(person, "long.ipynb")
    before = person.runtime()["expires_at"]
    assert before
    later = ask(person, "POST", "/runtimes/lab/extend", json={"seconds": "30m"})["expires_at"]
    assert later > before
    ask(person, "POST", "/runtimes/lab/extend", 429, json={"seconds": "3h"})
    ask(person, "POST", "/runtimes/lab/extend", 400, json={"until": before})
    ask(person, "POST", "/runtimes/lab/extend", 400, json={"minutes": 3})
    with running(one):
        wait_until(lambda: bool(idle(person)["alive"]), _PATIENCE_S, "a report")
        expire(site, person)
        ends(person, "paused")
    (entry,) = audit(site, person, "idle.pause")
    assert entry.details["cause"] == "expired"


def expire(site: Site, person: Person) -> None:
    """Its reservation ends in a moment."""
    with opened(site) as store:
        launch = store.launches.latest(person.name, "lab")
        assert launch is not None
        store.launches.update(launch.id, expires_at=time.time() + 1)


def test_a_killed_service_neither_forgets_nor_hurries(site: Site, person: Person) -> None:
    person.ready()
    one = notebook(person, "one.ipynb")
    with running(one):
        wait_until(lambda: bool(idle(person)["alive"]), _PATIENCE_S, "a report")
        site.kill_service()

        def back() -> bool:
            with person.api as api:
                try:
                    answer = api.get("/runtimes/lab/idle")
                except (httpx.HTTPError, AssertionError):
                    return False
            return answer.status_code == 200 and bool(answer.json()["alive"])

        wait_until(back, _PATIENCE_S, "the service to know again")
        assert person.runtime()["state"] == "running"
    ends(person, "paused")


def test_another_key_is_refused(site: Site, person: Person) -> None:
    person.ready()
    url = f"{site.hub.origin}/services/runtiles/api/launch-spec/lab/activity?launch=nonsense"
    for key in ("", "Runtiles abc", f"token {person.token}"):
        answer = httpx.post(url, json={}, headers={"Authorization": key} if key else {})
        assert answer.status_code == 401, answer.text
