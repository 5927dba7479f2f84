"""The output of a runtime: live, followed, and after the end."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import pytest

from runtiles.contract.events import LaunchEvent
from runtiles.values.loglines import LogLine
from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub


def text(person: Person, name: str = "q", **params: str) -> str:
    answer = person.api.get(f"/runtimes/{name}/logs", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return answer.text


def entries(person: Person, name: str = "q", **params: str) -> list[dict[str, str]]:
    headers = {"Accept": "application/json"}
    answer = person.api.get(f"/runtimes/{name}/logs", params=params, headers=headers)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found: list[dict[str, str]] = answer.json()
    return found


@contextmanager
def following(person: Person, name: str = "q", **params: str) -> Iterator[Iterator[str]]:
    """The lines as they come."""
    url, all_params = f"/runtimes/{name}/logs", {"follow": "1", **params}
    with person.api.stream("GET", url, params=all_params) as answer:
        assert answer.status_code == 200, answer.read()
        yield answer.iter_lines()


@pytest.fixture
def printing(ann: Person) -> Person:
    """Somebody whose runtime `q` has printed two lines, and one of our own between them."""
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    wait_until(lambda: text(ann).count("\n") == 2, 60, "two lines")
    return ann


@pytest.fixture
def gated(ann: Person) -> Person:
    """Somebody whose launch of `g` has pulled a layer and waits; `open_gate` lets it go on."""
    ann.launch(tile="gated", name="g")
    wait_until(lambda: text(ann, "g") == "layer one\n", 60, "the line")
    return ann


def test_the_output_of_a_running_container_without_our_own_lines(printing: Person) -> None:
    assert text(printing) == "first line\nsecond line\n"
    assert text(printing, tail="1") == "second line\n"
    assert text(printing, tail="0") == ""


def test_the_output_is_kept_when_the_container_is_gone(printing: Person) -> None:
    before = entries(printing)
    printing.api.post("/runtimes/q/stop")
    printing.wait_for("q", "stopped")
    assert text(printing) == "first line\nsecond line\n"
    assert text(printing, tail="1") == "second line\n"
    assert text(printing, follow="1") == "first line\nsecond line\n"
    assert entries(printing) == before


def test_each_line_has_its_time_and_its_phase(printing: Person) -> None:
    first, second = entries(printing)
    assert (first["line"], first["phase"]) == ("first line", "server")
    # The launcher has announced the workspace between the two.
    assert (second["line"], second["phase"]) == ("second line", "workspace")
    at = [datetime.fromisoformat(one["at"].replace("Z", "+00:00")) for one in (first, second)]
    assert at[0] < at[1] <= datetime.now(timezone.utc)
    stamped = f"{first['at']} first line\n{second['at']} second line\n"
    assert text(printing, timestamps="1") == stamped


def test_lines_can_be_chosen_by_phase_and_time(printing: Person) -> None:
    first, second = entries(printing)
    assert text(printing, phase="workspace") == "second line\n"
    assert text(printing, phase="pull,workspace", tail="5") == "second line\n"
    assert text(printing, phase="hook") == "second line\n"
    assert text(printing, phase="build") == ""
    assert text(printing, since=second["at"]) == "second line\n"
    assert text(printing, until=first["at"]) == "first line\n"
    assert text(printing, since=first["at"], until=second["at"], tail="1") == "second line\n"
    assert text(printing, since="1h") == "first line\nsecond line\n"
    assert text(printing, until="1h") == ""


@pytest.mark.parametrize(
    ("params", "bad"),
    [
        ({"tail": "many", "since": "yesterday", "phase": "sever"}, {"tail", "since", "phase"}),
        ({"until": "2026-13-01"}, {"until"}),
        ({"until": "1m", "follow": "1"}, {"until"}),
    ],
)
def test_every_bad_parameter_is_named(ann: Person, params: dict[str, str], bad: set[str]) -> None:
    answer = ann.api.get("/runtimes/any/logs", params=params)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["fields"].keys() == bad


@pytest.mark.parametrize(("tail", "expected"), [("1", ["second line"]), ("", None)])
def test_following_ends_with_the_container(
    printing: Person, tail: str, expected: list[str] | None
) -> None:
    lines: list[str] = []
    with following(printing, tail=tail) as coming:
        for line in coming:
            lines.append(line)
            if line == "second line":
                stop = threading.Thread(target=printing.api.post, args=("/runtimes/q/stop",))
                stop.start()
        stop.join()
    assert lines == (expected or ["first line", "second line"])


def test_a_follower_hears_only_what_comes_after_the_tail(printing: Person) -> None:
    # Started first: a proxy passes the answer's head on with its first line, and there is none.
    stop = threading.Timer(0.5, printing.api.post, args=("/runtimes/q/stop",))
    stop.start()
    assert text(printing, tail="0", follow="1") == ""
    stop.join()


def test_a_launch_is_followed_from_its_pull_to_its_end(gated: Person) -> None:
    lines: list[dict[str, Any]] = []
    headers = {"Accept": "application/x-ndjson"}
    with gated.api.stream(
        "GET", "/runtimes/g/logs", params={"follow": "1"}, headers=headers
    ) as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
        for line in answer.iter_lines():
            lines.append(json.loads(line))
            if lines[-1]["line"] == "layer one":
                gated.open_gate()
            if lines[-1]["line"] == "second line":
                gated.wait_for("g", "running")
                stop = threading.Thread(target=gated.api.post, args=("/runtimes/g/stop",))
                stop.start()
    stop.join()
    assert [(line["phase"], line["line"]) for line in lines] == [
        ("pull", "layer one"),
        ("server", "first line"),
        ("workspace", "second line"),
    ]
    gated.wait_for("g", "stopped")
    assert entries(gated, "g") == lines


def test_a_follower_of_a_launch_that_fails_hears_why(gated: Person) -> None:
    stop = threading.Thread(target=gated.api.post, args=("/runtimes/g/stop",))
    with following(gated, "g") as lines:
        assert next(lines) == "layer one"
        stop.start()
        assert list(lines) == ["Cancelled."]
    stop.join()
    assert text(gated, "g") == "layer one\nCancelled.\n"


def test_what_was_kept_of_a_phase_takes_the_place_of_its_events(
    gated: Person, service: ServiceHub
) -> None:
    """The events of a flood are its beginning; what was kept is its end."""
    launch = service.store.launches.latest(gated.name, "g")
    assert launch is not None
    kept = [LogLine(launch.created, "layer 2000", "pull")]
    service.store.logs.save(gated.name, "g", launch.id, kept)
    assert text(gated, "g") == "layer 2000\n"


def test_the_last_launches_are_listed_and_each_has_its_log(ann: Person, bob: Person) -> None:
    ann.launch(tile="broken", name="q")
    ann.wait_for("q", "failed")
    ann.api.post("/runtimes/q/start", json={"tile": "quick"})
    ann.wait_for("q", "running")
    newest, oldest = ann.api.get("/runtimes/q/launches").json()
    assert (newest["state"], newest["tile"], newest["error"]) == ("running", "quick", None)
    assert (oldest["state"], oldest["tile"]) == ("failed", "broken")
    assert oldest["error"]["message"] == "There is no such image."
    assert oldest["ended"] >= oldest["created"]
    assert text(ann, launch=oldest["id"]) == "There is no such image.\n"
    assert text(ann, launch=oldest["id"], follow="1") == "There is no such image.\n"
    assert text(ann, launch=newest["id"]) == text(ann)
    assert ann.api.get("/runtimes/q/logs", params={"launch": "0" * 16}).status_code == 404
    # Not by the id of somebody else's, nor through one's own runtime.
    bob.launch(tile="quick", name="q")
    assert bob.api.get("/runtimes/q/logs", params={"launch": oldest["id"]}).status_code == 404
    assert bob.api.get("/runtimes/q/launches", params={"user": ann.name}).status_code == 404


def test_a_container_that_floods_its_log_is_read_from_its_end(
    ann: Person, service: ServiceHub
) -> None:
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    launch = service.store.launches.latest(ann.name, "q")
    assert launch is not None
    with (service.folder / "running" / launch.container_id / "log").open("ab") as log:
        for _ in range(100):
            log.write(b"1795222923.000000 " + b"x" * 90 + b"\n" * 1)
            log.write(b"".join(b"1795222923.500000 %s\n" % (b"y" * 90) for _ in range(1000)))
        log.write(b"1795222924.000000 the end\n")
    whole = text(ann)
    assert whole.endswith("the end\n")
    assert len(whole) < 4 * 1024 * 1024
    assert text(ann, tail="1") == "the end\n"


def test_a_follower_that_goes_away_is_let_go(
    printing: Person, admin: Person, service: ServiceHub
) -> None:
    seen = "200 GET /services/runtiles/api/runtimes/q/logs admin "
    params = {"follow": "1", "user": printing.name}
    with admin.api.stream("GET", "/runtimes/q/logs", params=params) as answer:
        lines = answer.iter_lines()  # kept: one that is thrown away closes the connection
        next(lines)
        assert seen not in service.hub.log
    wait_until(lambda: seen in service.hub.log, 60, "the end of the request")


def test_what_was_never_launched_has_no_log(ann: Person) -> None:
    assert ann.api.get("/runtimes/nope/logs").status_code == 404
    assert ann.api.get("/runtimes/nope/launches").status_code == 404


def test_markup_in_a_log_is_text(gated: Person, service: ServiceHub) -> None:
    launch = service.store.launches.latest(gated.name, "g")
    assert launch is not None
    event = LaunchEvent("preparing", "log", "<script>alert(1)</script>\nand a second line")
    service.store.events.append(gated.name, "g", launch.id, event)
    answer = gated.api.get("/runtimes/g/logs", params={"phase": "build"})
    assert answer.text == "<script>alert(1)</script>\nand a second line\n"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
