"""What admins see and do, with real containers: whatever is killed half-way, nothing half-done stays."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import docker
import httpx
import pytest

from tests.fixtures.hub import wait_until
from tests.integration.conftest import tile
from tests.integration.site import Person, Site, running_site

pytestmark = pytest.mark.engine

#: Handed out though no driver lists it.
_ONE_GPU = """
c.DockerRuntimeSpawner.gpu_uuids = ["GPU-only"]
"""


@pytest.fixture(scope="module")
def drained_site(
    docker_client: docker.APIClient, own_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site of its own: a drain is everybody's."""
    folder = tmp_path_factory.mktemp("drain")
    tiles = {"tiles": [tile("plain")]}
    with running_site(folder, docker_client, tiles, config=_ONE_GPU) as running:
        yield running


@pytest.fixture
def admin(drained_site: Site) -> Person:
    return drained_site.person("admin")


def ask(admin: Person, method: str, path: str, **body: Any) -> dict[str, Any]:
    with admin.api as api:
        answer = api.request(method, path, json=body if method == "POST" else None)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(admin: Person) -> list[str]:
    return [row["outcome"] for row in ask(admin, "GET", "/admin/drain")["runtimes"]]


def settled(person: Person) -> bool:
    return person.runtime()["state"] in ("running", "stopped")


def until(admin: Person, state: str) -> None:
    def reached() -> bool:
        found = ask(admin, "GET", "/admin/drain")
        return found["state"] == state and not found["acting"]

    wait_until(reached, 120, f"the site to be {state}")


def test_a_drain_survives_the_reboot_of_the_host(drained_site: Site, admin: Person) -> None:
    people = [drained_site.person() for _ in range(2)]
    for person in people:
        person.ready("plain")
    body = {"type": "file", "format": "text", "content": "kept"}
    assert people[0].put("api/contents/mine.txt", body).status_code == 201

    ask(admin, "POST", "/admin/drain", message="A new kernel", action="pause")
    until(admin, "drained")
    assert outcomes(admin) == ["paused", "paused"]
    for person in people:
        person.nothing_left()

    drained_site.hub.kill()
    drained_site.hub.start()
    drained_site.hub.wait_for("/services/runtiles/api")
    assert ask(admin, "GET", "/admin/drain")["state"] == "drained"
    with people[0].api as api:
        refused = api.post("/runtimes", json={"tile": "plain", "name": "other"})
    assert refused.status_code == 503
    assert "A new kernel" in refused.text
    # The Hub's own page and API do not get around it.
    around = drained_site.hub.ask("POST", f"/users/{people[0].name}/servers/lab", {})
    assert around.status_code >= 400

    ask(admin, "POST", "/admin/drain/resume")
    until(admin, "open")
    assert outcomes(admin) == ["resumed", "resumed"]
    for person in people:
        person.wait_for("running")
    assert "mine.txt" in people[0].files()
    for person in people:
        person.stop()


def test_a_service_killed_in_a_drain_goes_on_when_asked_again(
    drained_site: Site, admin: Person
) -> None:
    people = [drained_site.person() for _ in range(2)]
    for person in people:
        person.ready("plain")
    ask(admin, "POST", "/admin/drain", action="stop")
    wait_until(lambda: len(outcomes(admin)) == 2, 60, "the drain to begin")
    drained_site.kill_service()
    drained_site.hub.wait_for("/services/runtiles/api", timeout=90)
    found = ask(admin, "GET", "/admin/drain")
    assert (found["state"], found["acting"]) == ("draining", False)
    ask(admin, "POST", "/admin/drain")
    until(admin, "drained")
    assert outcomes(admin) == ["stopped", "stopped"]
    for person in people:
        person.nothing_left()
    # Killed again while they come back.
    ask(admin, "POST", "/admin/drain/resume")
    drained_site.kill_service()
    drained_site.hub.wait_for("/services/runtiles/api", timeout=90)
    assert ask(admin, "GET", "/admin/drain")["state"] == "resuming"
    ask(admin, "POST", "/admin/drain/resume")
    until(admin, "open")
    assert outcomes(admin) == ["resumed", "resumed"]
    for person in people:
        person.wait_for("running")
        person.stop()


def test_a_service_killed_in_a_bulk_stop_leaves_nothing_half_done(
    drained_site: Site, admin: Person
) -> None:
    people = [drained_site.person() for _ in range(2)]
    for person in people:
        person.ready("plain")
    runtimes = [{"user": person.name, "name": "lab"} for person in people]
    body = {"action": "stop", "runtimes": runtimes, "message": "Sorry"}

    def bulk() -> None:
        # The service is killed before it answers.
        with suppress(httpx.TransportError), admin.api as api:
            api.post("/admin/runtimes/actions", json=body)

    asking = threading.Thread(target=bulk)
    asking.start()
    wait_until(
        lambda: any(person.runtime()["state"] == "stopping" for person in people), 60, "a stop"
    )
    drained_site.kill_service()
    asking.join()
    drained_site.hub.wait_for("/services/runtiles/api", timeout=90)
    # The list is right within ten seconds, and what is shown as stopped has no container.
    for person in people:
        wait_until(partial(settled, person), 60, "a settled state")
        if person.runtime()["state"] == "running":
            assert person.server("api/status").status_code == 200
            person.stop()
        person.nothing_left(timeout=60)


def test_rows_of_the_panel_have_what_the_engine_measures(drained_site: Site, admin: Person) -> None:
    person = drained_site.person()
    person.ready("plain", machine="cpu-small")

    def row() -> dict[str, Any]:
        path = f"/admin/runtimes?user={person.name}&sort=-memory"
        (found,) = ask(admin, "GET", path)["items"]
        assert isinstance(found, dict)
        return found

    wait_until(lambda: row()["use"]["memory"] is not None, 60, "the engine's numbers")
    use = row()["use"]
    assert 2**20 < use["memory"] < use["memory_limit"] == 2 * 2**30
    assert use["cpu"] >= 0
    assert use["gpu_percent"] is None
    overview = ask(admin, "GET", "/admin")
    assert overview["engine"].startswith("Docker")
    assert overview["runtimes"]["running"] >= 1
    images = ask(admin, "GET", "/admin/images")["images"]
    used = [image for image in images if image["in_use"] and "plain" in image["tiles"]]
    assert used
    assert used[0]["last_used"]
    with admin.api as api:
        refused = api.delete(f"/admin/images/{used[0]['id']}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
        assert api.post("/admin/images/pull", json={"image": "Not A Name"}).status_code == 400
        assert api.put("/admin/images/budget", json={"bytes": 2**50}).status_code == 204
        assert api.get("/admin/images").json()["disk"]["budget"] == 2**50
        assert api.put("/admin/images/budget", json={"bytes": None}).status_code == 204
    person.stop()


def test_gpus_are_shown_with_their_holder_and_the_queue(drained_site: Site, admin: Person) -> None:
    holder, waiting = drained_site.person(), drained_site.person()
    holder.ready("plain")
    # No engine here has GPUs: the lease is one that a Hub finds on its host when it starts.
    (container,) = drained_site.containers(holder.name)
    labels = {**container["Labels"], "org.runtiles.gpus": "GPU-only"}
    engine = drained_site.engine
    made = engine.create_container("runtiles/python:latest", ["sleep", "600"], labels=labels)
    engine.start(made["Id"])
    drained_site.hub.restart()
    drained_site.hub.wait_for("/services/runtiles/api")

    waiting.launch("plain", machine="gpu-1")
    wait_until(lambda: ask(admin, "GET", "/admin/gpus")["queue"] != [], 60, "the queue")
    found = ask(admin, "GET", "/admin/gpus")
    assert [(gpu["uuid"], gpu["holder"]) for gpu in found["gpus"]] == [
        ("GPU-only", {"user": holder.name, "name": "lab"})
    ]
    assert found["queue"] == [
        {"user": waiting.name, "name": "lab", "position": 1, "gpus": 1, "models": []}
    ]
    assert ask(admin, "GET", "/admin")["gpus"] == {"total": 1, "free": 0}
    with waiting.api as api:
        api.post("/runtimes/lab/stop")
    wait_until(lambda: ask(admin, "GET", "/admin/gpus")["queue"] == [], 60, "an empty queue")
    engine.remove_container(made["Id"], force=True)
    holder.stop()
