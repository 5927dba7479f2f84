"""The log of a runtime on a real engine: from the hook to the last word, once each, by phase and time."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtiles.store.logs import MAX_LOG
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine

JSON = {"Accept": "application/json"}
HOOK = "for i in 1 2 3; do echo hook line $i; sleep 0.1; done"


def entries(person: Person, **params: str) -> list[dict[str, str]]:
    with person.api as api:
        answer = api.get("/runtimes/lab/logs", params=params, headers=JSON)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.json()
    return found


def follow(person: Person) -> Iterator[dict[str, str]]:
    params = {"follow": "1"}
    with (
        person.api as api,
        api.stream("GET", "/runtimes/lab/logs", params=params, headers=JSON, timeout=120) as lines,
    ):
        for line in lines.iter_lines():
            yield json.loads(line)


def texts(lines: list[dict[str, str]], phase: str = "") -> list[str]:
    return [line["line"] for line in lines if phase in ("", line["phase"])]


def test_a_launch_is_followed_from_its_first_moment_and_kept_as_it_was(person: Person) -> None:
    person.launch("plain", startup_hook=HOOK)
    followed: list[dict[str, str]] = []
    stop = threading.Thread(target=person.stop)
    for line in follow(person):
        followed.append(line)
        if line["line"] == "hook line 3":
            person.wait_for("running")
            stop.start()
    stop.join()

    hook = [f"hook line {number}" for number in (1, 2, 3)]
    assert [text for text in texts(followed, "workspace") if text in hook] == hook
    assert "Starting the server" in texts(followed, "server")
    assert "received signal 15" in " ".join(texts(followed, "server"))
    assert [line["at"] for line in followed] == sorted(line["at"] for line in followed)

    wait_until(lambda: bool(texts(entries(person), "server")), 60, "the log to be kept")
    kept = entries(person)
    assert texts(kept) == texts(followed)
    assert texts(entries(person, phase="hook", tail="2"))[0] == "hook line 3"
    with person.api as api:
        (launch,) = api.get("/runtimes/lab/launches").json()
    assert launch["state"] == "stopped"
    assert texts(entries(person, launch=launch["id"])) == texts(followed)


def test_the_log_while_it_runs_has_every_line_once(person: Person) -> None:
    person.ready("plain", startup_hook=HOOK)
    lines = entries(person)
    assert [text for text in texts(lines) if text.startswith("hook line")] == [
        "hook line 1",
        "hook line 2",
        "hook line 3",
    ]
    said = Counter(
        text for text in texts(lines) if text.startswith(("hook", "Starting", "Running"))
    )
    assert set(said.values()) == {1}
    first = lines[0]["at"]
    # The server may have said more in between.
    assert texts(entries(person, since=first))[: len(lines)] == texts(lines)
    assert entries(person, until=first)[-1] == lines[0]


def test_a_launch_that_failed_keeps_its_last_words_and_the_reason(person: Person) -> None:
    person.fails("exits")
    wait_until(lambda: "last words" in texts(entries(person)), 60, "the log to be kept")
    lines = texts(entries(person))
    assert lines[-1] == "The container ended while starting, with exit code 3."
    assert Counter(lines)["last words"] == 1


def test_a_runtime_that_prints_without_end_costs_little(person: Person, site: Site) -> None:
    person.ready("plain", startup_hook=HOOK)
    (container,) = site.containers(person.name)
    line = "x" * 99
    before = service_memory(site)
    flood = f"yes {line} | head -c 150000000 >/proc/1/fd/1; echo the end >/proc/1/fd/1"
    site.run_in(container["Id"], flood)
    wait_until(lambda: texts(entries(person, tail="1")) == ["the end"], 60, "the flood to pass")

    everything = entries(person)
    assert texts(everything)[-1] == "the end"
    assert sum(map(len, texts(everything))) < 5_000_000
    # What was said before the flood is still there: it was kept when the runtime was ready.
    assert "hook line 3" in texts(everything, "workspace")
    assert service_memory(site) - before < 150_000_000

    person.stop()
    wait_until(lambda: len(entries(person)) < 10_000, 60, "the log to be kept")
    kept = entries(person)
    assert texts(kept)[-1] != line
    assert sum(map(len, texts(kept, "server"))) <= MAX_LOG
    assert "hook line 3" in texts(kept, "workspace")


def service_memory(site: Site) -> int:
    """Resident bytes of the service of this site."""
    mark = f"RUNTILES_HUB_ID={site.hub_id}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command: Any = (process / "cmdline").read_bytes().split(b"\0")
            if b"runtiles.service" in command and mark in (process / "environ").read_bytes():
                pages = int((process / "statm").read_text().split()[1])
                return pages * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue
    raise AssertionError("there is no service")
