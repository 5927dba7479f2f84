"""The events of a launch as server-sent events, for any number of listeners."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from runtiles.contract.events import LaunchEvent
from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub

Frame = dict[str, str]


def frames(answer: httpx.Response) -> Iterator[Frame]:
    """The frames of an event stream, as an EventSource takes them."""
    frame: Frame = {}
    for line in answer.iter_lines():
        if line:
            key, _, value = line.partition(": ")
            frame[key] = value
        elif frame:
            yield frame
            frame = {}


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(frame["data"]) for frame in frames(answer) if "data" in frame]


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["phase"], event["kind"]) for event in found]


def test_a_finished_launch_is_replayed_from_the_first_and_ends(ann: Person) -> None:
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    with ann.api.stream("GET", "/runtimes/q/progress") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert kinds(events(answer)) == [("creating", "phase"), ("ready", "ready")]


def test_a_failed_launch_ends_with_its_reason(ann: Person) -> None:
    ann.launch(tile="broken", name="b")
    with ann.api.stream("GET", "/runtimes/b/progress") as answer:
        last = events(answer)[-1]
    assert (last["kind"], last["message"]) == ("failed", "There is no such image.")
    assert last["details"]["code"] == "image_not_found"


def test_events_come_while_they_happen_until_the_runtime_is_ready(
    ann: Person, service: ServiceHub
) -> None:
    ann.launch(tile="gated", name="g")
    found: list[dict[str, Any]] = []
    with ann.api.stream("GET", "/runtimes/g/progress") as answer:
        for frame in frames(answer):
            if "data" not in frame:
                continue
            found.append(json.loads(frame["data"]))
            if found[-1]["kind"] == "log":
                ann.open_gate()
    assert kinds(found) == [
        ("creating", "phase"),
        ("pulling", "progress"),
        ("pulling", "log"),
        ("ready", "ready"),
    ]
    # Ready means that the Hub says so too: who follows the url now is not sent to a waiting page.
    assert ann.state("g") == "running"


def test_an_event_reaches_all_listeners_soon(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="gated", name="g")
    latest = service.store.launches.latest(ann.name, "g")
    assert latest is not None
    delays: list[float] = []
    listening = threading.Barrier(6, timeout=20)

    def listen() -> None:
        with (
            service.client(ann.token) as api,
            api.stream("GET", "/runtimes/g/progress") as answer,
        ):
            for frame in frames(answer):
                event = json.loads(frame.get("data", "{}"))
                if event.get("kind") == "log" and event["message"] == "layer one":
                    listening.wait()
                if event.get("message") == "now":
                    delays.append(time.time() - event["time"])
                    return

    threads = [threading.Thread(target=listen) for _ in range(5)]
    for thread in threads:
        thread.start()
    listening.wait()
    service.store.events.append(
        ann.name, "g", latest.id, LaunchEvent("pulling", "log", "now", time=time.time())
    )
    for thread in threads:
        thread.join(10)
    ann.open_gate()
    assert len(delays) == 5
    assert sorted(delays)[2] < 0.5  # 0.1 s on an idle machine


def test_a_browser_that_comes_back_gets_what_it_missed_and_then_the_end(ann: Person) -> None:
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    with ann.api.stream("GET", "/runtimes/q/progress") as answer:
        first, last = [frame["id"] for frame in frames(answer) if "id" in frame]
    with ann.api.stream("GET", "/runtimes/q/progress", headers={"Last-Event-ID": first}) as answer:
        assert kinds(events(answer)) == [("ready", "ready")]
    again = ann.api.get("/runtimes/q/progress", headers={"Last-Event-ID": last})
    assert (again.status_code, again.content) == (204, b"")


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 40, "1; drop table", "\u00b2"])
def test_a_strange_last_id_means_from_the_first(ann: Person, junk: str) -> None:
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    headers = {b"Last-Event-ID": junk.encode()}
    with ann.api.stream("GET", "/runtimes/q/progress", headers=headers) as answer:
        assert len(events(answer)) == 2


def test_a_second_launch_is_followed_not_the_first(ann: Person) -> None:
    ann.launch(tile="broken", name="b")
    ann.wait_for("b", "failed")
    ann.api.post("/runtimes/b/start", json={"tile": "quick"})
    with ann.api.stream("GET", "/runtimes/b/progress") as answer:
        assert events(answer)[-1]["kind"] == "ready"


def test_a_cancelled_launch_ends_for_who_listens(ann: Person) -> None:
    ann.launch(tile="gated", name="g")
    with ann.api.stream("GET", "/runtimes/g/progress") as answer:
        stopping = threading.Thread(target=ann.api.post, args=("/runtimes/g/stop",))
        stopping.start()
        assert events(answer)[-1]["kind"] == "failed"
        stopping.join()


def test_a_launch_that_nobody_ended_is_called_interrupted(ann: Person, service: ServiceHub) -> None:
    """As after a Hub that was killed: no last event was ever written."""
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    ann.api.post("/runtimes/q/stop")
    ann.wait_for("q", "stopped")
    service.store.launches.record(ann.name, "q", f"lost-{ann.name}", options={}, spec={})
    event = LaunchEvent("pulling", "phase")
    service.store.events.append(ann.name, "q", f"lost-{ann.name}", event)
    with ann.api.stream("GET", "/runtimes/q/progress") as answer:
        found = events(answer)
    assert kinds(found) == [("pulling", "phase"), ("pulling", "failed")]
    assert found[-1]["details"]["code"] == "interrupted"


def test_what_was_never_launched_has_no_progress(ann: Person) -> None:
    assert ann.api.get("/runtimes/nope/progress").status_code == 404


def test_a_listener_that_goes_away_is_let_go(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="gated", name="g")
    with ann.api.stream("GET", "/runtimes/g/progress") as answer:
        found = frames(answer)
        next(found)
    seen = f"200 GET /services/runtiles/api/runtimes/g/progress {ann.name} "
    wait_until(lambda: seen in service.hub.log, 60, "the end of the request")
