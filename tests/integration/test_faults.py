"""Whatever breaks, whenever: a clear message, no container left behind, no file lost."""

import threading
import time

import pytest

from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine


def test_a_missing_local_image_says_how_to_make_it(person: Person) -> None:
    last = person.fails("missing")
    assert last["details"]["code"] == "image_not_found"
    assert "make image" in last["details"]["hint"]


def test_a_command_that_ends_is_told_with_its_last_words_and_code(person: Person) -> None:
    last = person.fails("exits")
    assert last["details"]["exit_code"] == 3
    assert "last words" in last["details"]["log"]
    runtime = person.runtime()
    assert runtime["state"] == "failed"
    assert runtime["last_error"]["code"] == "container_exited"
    with person.api as api:
        assert "last words" in api.get("/runtimes/lab/logs").text


def test_running_out_of_memory_is_called_by_its_name(person: Person) -> None:
    last = person.fails("hungry", machine="cpu-small")
    assert last["details"]["oom_killed"] is True
    assert "2 GiB" in last["message"]
    assert "more memory" in last["details"]["hint"]


def test_a_container_killed_while_starting(person: Person, site: Site) -> None:
    person.launch("slow-hook")
    person.until_phase("hook")
    (container,) = site.containers(person.name)
    site.engine.kill(container["Id"])
    last = person.events()[-1]
    assert last["kind"] == "failed"
    assert last["details"]["exit_code"] == 137
    person.nothing_left()


@pytest.mark.parametrize("phase", ["creating", "starting", "hook"])
def test_a_cancelled_launch_leaves_nothing(person: Person, phase: str) -> None:
    person.launch("slow-hook")
    person.until_phase(phase)
    with person.api as api:
        assert api.post("/runtimes/lab/stop").status_code < 300
    person.nothing_left()
    assert person.runtime()["state"] in ("stopped", "failed")
    # And the next one is not disturbed by the last.
    person.ready("plain", "other")


def test_the_same_runtime_starts_again_after_a_failure(person: Person, site: Site) -> None:
    person.fails("exits")
    # The Hub takes a moment to be done with the launch that failed.
    person.wait_for("failed")
    site.hub.api("POST", f"/users/{person.name}/servers/lab", {"user_options": {"tile": "plain"}})
    person.wait_for("running")


@pytest.mark.parametrize("phase", ["creating", "starting", "hook"])
def test_a_hub_killed_in_the_middle_of_a_launch(person: Person, site: Site, phase: str) -> None:
    person.launch("slow-hook")
    person.until_phase(phase)
    site.hub.kill()
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    # What was started is ended or adopted; either way it can be stopped, and then nothing is left.
    with person.api as api:
        api.post("/runtimes/lab/stop")
    person.nothing_left(timeout=90)


def test_a_launch_that_nobody_survived_says_that_it_was_interrupted(
    person: Person, site: Site
) -> None:
    person.launch("slow-hook")
    person.until_phase("hook")
    site.hub.kill()
    (container,) = site.containers(person.name)
    site.engine.kill(container["Id"])
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    person.wait_for("failed")
    assert person.runtime()["last_error"]["code"] == "interrupted"
    assert person.events()[-1]["details"]["code"] == "interrupted"
    person.nothing_left()
    person.ready("plain", "other")


def test_a_runtime_that_ends_by_itself_is_buried(person: Person, site: Site) -> None:
    person.ready("plain")
    (container,) = site.containers(person.name)
    site.engine.kill(container["Id"])
    # The Hub looks every 30 seconds; a page that asks must not show a runtime that is gone for longer.
    person.nothing_left(timeout=60)
    person.wait_for("stopped")


def test_a_container_that_nobody_owns_is_reaped(site: Site) -> None:
    labels = {"org.runtiles.hub": site.hub_id, "org.runtiles.user": "nobody"}
    made = site.engine.create_container("runtiles/python:latest", ["true"], labels=labels)
    site.hub.restart()
    site.hub.wait_for("/services/runtiles/api")
    site.person().ready("plain")
    wait_until(lambda: not site.containers("nobody"), 60, "the orphan to go")
    assert made


def test_a_launch_while_the_service_is_down_still_gives_a_server(
    person: Person, site: Site
) -> None:
    """The launcher is patient for a while, then starts without a workspace and says so."""
    stopper = threading.Event()

    def keep_down() -> None:
        while not stopper.is_set():
            site.kill_service()
            time.sleep(0.2)

    down = threading.Thread(target=keep_down)
    down.start()
    try:
        site.hub.api(
            "POST", f"/users/{person.name}/servers/lab", {"user_options": {"tile": "plain"}}
        )
        wait_until(lambda: site.hub_state(person.name, "lab") == "ready", 90, "the server")
    finally:
        stopper.set()
        down.join()
    site.hub.wait_for("/services/runtiles/api", timeout=90)
    notices = [event for event in person.events() if event["kind"] == "notice"]
    assert any("service" in event["message"] for event in notices)
