"""The service is killed in the middle of everything that it does: nothing half-done stays, and everybody
who was connected finds the right list again."""

import http.client
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from runtiles.store import LaunchRecord
from tests.fixtures.hub import NO_TLS, wait_until
from tests.fixtures.service_process import kill_service
from tests.runtiles.service.conftest import Person, ServiceHub, running_service
from tests.runtiles.service.test_contexts import archive, files, upload
from tests.runtiles.service.test_feed import listening

#: It is back in the time that it takes to start; without its keeper it would be half a minute.
_BACK_S = 60.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("restarts")) as running:
        yield running


def kill(service: ServiceHub) -> None:
    """Returns when another one answers."""
    assert kill_service(f"{service.folder}/")
    service.hub.wait_for("/services/runtiles/api", _BACK_S)


def listed(ann: Person) -> dict[str, str]:
    answer = ann.api.get("/runtimes")
    assert answer.status_code == 200, answer.text
    return {runtime["name"]: runtime["state"] for runtime in answer.json()}


def latest(ann: Person, name: str) -> LaunchRecord | None:
    return ann.service.store.launches.latest(ann.name, name)


def in_background(call: Callable[[], Any]) -> threading.Thread:
    """A request whose answer the kill may take away."""

    def run() -> None:
        with suppress(httpx.TransportError):
            call()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def nothing_left(ann: Person) -> None:
    store = ann.service.store
    assert listed(ann) == {}
    assert store.launches.of_runtime(ann.name, "x") == []
    assert store.titles.all(ann.name) == {}
    assert store.secrets.list(ann.name) == []


# -- one runtime ----------------------------------------------------------------------------------


def at_once(_ann: Person) -> bool:
    return True


def typed(ann: Person) -> bool:
    return bool(ann.service.store.secrets.list(ann.name))


def known_to_the_hub(ann: Person) -> bool:
    model = ann.service.hub.api("GET", f"/users/{ann.name}?include_stopped_servers=1").json()
    return "x" in model["servers"]


def recorded(ann: Person) -> bool:
    return latest(ann, "x") is not None


def under_way(ann: Person) -> bool:
    launch = latest(ann, "x")
    last = ann.service.store.events.last(launch.id) if launch else None
    return last is not None and last.event.phase == "pulling"


@pytest.mark.parametrize("moment", [at_once, typed, known_to_the_hub, recorded, under_way])
def test_killed_while_it_launches(
    ann: Person, service: ServiceHub, moment: Callable[[Person], bool]
) -> None:
    body = {"tile": "gated", "name": "x", "workspace": {"url": "https://example.org/x.git"}}
    body["workspace"] |= {"username": "ann", "password": "typed"}  # type: ignore[operator]
    asking = in_background(lambda: ann.api.post("/runtimes", json=body))
    wait_until(lambda: moment(ann), 60, f"the launch to be {moment.__name__}")
    kill(service)
    asking.join()
    if "x" not in listed(ann):
        # The Hub was not asked. Whoever asks again is not in their own way.
        assert not recorded(ann)
        assert ann.api.post("/runtimes", json=body).status_code == 201
    wait_until(lambda: listed(ann) == {"x": "starting"}, _BACK_S, "the launch in the list")
    ann.open_gate()
    ann.wait_for("x", "running")
    assert '"ready"' in ann.api.get("/runtimes/x/progress").text
    assert ann.api.delete("/runtimes/x").status_code == 204
    nothing_left(ann)


def test_killed_while_it_starts_again(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    assert ann.api.post("/runtimes/x/stop").status_code == 200
    ann.wait_for("x", "stopped")
    first = latest(ann, "x")
    asking = in_background(lambda: ann.api.post("/runtimes/x/start", json={"tile": "gated"}))
    wait_until(lambda: latest(ann, "x") != first, 60, "the second launch")
    kill(service)
    asking.join()
    assert listed(ann) == {"x": "starting"}
    ann.open_gate()
    ann.wait_for("x", "running")
    assert ann.api.get("/runtimes/x").json()["tile"] == "gated"


def test_killed_while_it_stops(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="quick", name="x", description="stops slowly")
    ann.wait_for("x", "running")
    asking = in_background(lambda: ann.api.post("/runtimes/x/stop"))
    wait_until(lambda: hub_pending(ann) == "stop", 60, "the Hub to stop it")
    kill(service)
    asking.join()
    assert listed(ann) == {"x": "stopping"}
    may_stop(ann)
    wait_until(lambda: listed(ann) == {"x": "stopped"}, _BACK_S, "its end")


def test_killed_while_it_deletes(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="quick", name="x", description="stops slowly")
    ann.wait_for("x", "running")
    ann.api.patch("/runtimes/x", json={"title": "The first"})
    asking = in_background(lambda: ann.api.delete("/runtimes/x"))
    wait_until(lambda: hub_pending(ann) == "stop", 60, "the Hub to stop it")
    kill(service)
    asking.join()
    assert listed(ann) == {"x": "stopping"}
    may_stop(ann)
    # The Hub goes on alone, and forgets everything with it.
    wait_until(lambda: listed(ann) == {}, _BACK_S, "its end")
    wait_until(lambda: service.store.titles.all(ann.name) == {}, _BACK_S, "its title to go")
    assert ann.launch(tile="quick", name="x")["title"] == "Quick start"


def hub_pending(ann: Person) -> str | None:
    servers = ann.service.hub.api("GET", f"/users/{ann.name}").json()["servers"]
    pending: str | None = servers.get("x", {}).get("pending")
    return pending


def may_stop(ann: Person) -> None:
    (ann.service.folder / "gates" / f"{ann.name}-stop").touch()


# -- those who listen -----------------------------------------------------------------------------


def test_a_listener_to_a_launch_goes_on_where_it_was(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="gated", name="x")
    seen: list[str] = []
    with ann.api.stream("GET", "/runtimes/x/progress") as answer:
        for line in answer.iter_lines():
            if line.startswith("id: "):
                seen.append(line[4:])
            if "layer one" in line:
                kill(service)
                # The proxy holds the connection though nobody is behind it.
                break
    ann.open_gate()
    headers = {"Last-Event-ID": seen[-1]}
    rest = ann.api.get("/runtimes/x/progress", headers=headers).text
    later = [line[4:] for line in rest.splitlines() if line.startswith("id: ")]
    numbers = [int(number) for number in [*seen, *later]]
    assert numbers == sorted(set(numbers))
    assert '"ready"' in rest


def test_a_page_that_connects_again_has_the_right_list(ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="gated", name="x")
    with listening(ann.api) as feed:
        name, rows = next(feed)
        assert (name, [row["state"] for row in rows]) == ("runtimes", ["starting"])
        kill(service)
        ann.open_gate()
        ann.wait_for("x", "running")
    with listening(ann.api) as feed:
        name, rows = next(feed)
        assert (name, [row["state"] for row in rows]) == ("runtimes", ["running"])


# -- uploads --------------------------------------------------------------------------------------


def test_half_an_upload_is_gone(ann: Person, service: ServiceHub) -> None:
    before, data = files(service), archive(b"x" * 1000)
    target = urlsplit(service.hub.origin)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
    connection.putrequest("POST", "/services/runtiles/api/contexts")
    connection.putheader("Authorization", f"token {ann.token}")
    connection.putheader("Content-Length", str(len(data) + 1_000_000))
    connection.endheaders(data)
    wait_until(lambda: len(files(service)) == len(before) + 1, 60, "the first half")
    kill(service)
    connection.close()
    assert files(service) == before
    assert ann.api.get("/contexts").json() == []
    assert upload(ann, data).status_code == 201


# -- the small ones, all at once ------------------------------------------------------------------


def test_killed_in_a_storm_of_changes(ann: Person, admin: Person, service: ServiceHub) -> None:
    """Whatever a change was cut off at, it is there as a whole or not at all."""
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    for number in range(3):
        over, written = threading.Event(), threading.Semaphore(0)
        storm = [
            threading.Thread(target=hammer, args=(someone, change, over, written))
            for someone, change in changes(ann, admin, number)
        ]
        for thread in storm:
            thread.start()
        for _ in range(3 * len(storm)):
            assert written.acquire(timeout=30)
        kill(service)
        over.set()
        for thread in storm:
            thread.join()
        whole(ann, admin)


Change = Callable[[httpx.Client], httpx.Response]


def hammer(
    someone: Person, change: Change, over: threading.Event, written: threading.Semaphore
) -> None:
    # Past the checks of each answer: the proxy gives some of them.
    headers, base = someone.api.headers, someone.api.base_url
    with httpx.Client(base_url=base, headers=headers, timeout=30, verify=NO_TLS) as api:
        while not over.is_set():
            with suppress(httpx.TransportError):
                answer = change(api)
                assert answer.status_code < 300 or answer.status_code in (404, 409, 502, 503)
            written.release()


def changes(ann: Person, admin: Person, number: int) -> list[tuple[Person, Change]]:
    texts = itertools.count(1000 * number)
    start = {"action": "start", "runtimes": [{"user": ann.name, "name": "x"}]}
    return [
        (ann, lambda api: api.patch("/runtimes/x", json={"title": f"t{next(texts)}"})),
        (ann, lambda api: api.put("/secrets/S", json={"value": f"v{next(texts)}"})),
        (admin, lambda api: api.put("/admin/tiles/quick", json={"description": f"d{next(texts)}"})),
        (ann, lambda api: api.post("/runtimes/x/access", json={"expires_in": 60})),
        (admin, lambda api: api.post("/admin/runtimes/actions", json=start)),
    ]


def whole(ann: Person, admin: Person) -> None:
    store = ann.service.store
    assert listed(ann) == {"x": "running"}
    assert ann.api.get("/runtimes/x").json()["title"].startswith("t")
    assert store.secrets.get(ann.name, "S").startswith("v")
    tile = admin.api.get("/admin/tiles/quick").json()
    assert tile["description"].startswith("d")
    assert ann.api.get("/tiles/quick").json()["description"] == tile["description"]
    # What is in force is in the audit log.
    _, entries = store.audit.page(action="tile.edit", limit=1)
    assert entries[0].details["changes"]["description"][1] == tile["description"]


# -- the panel ------------------------------------------------------------------------------------


def test_killed_during_an_action_on_many(ann: Person, admin: Person, service: ServiceHub) -> None:
    ann.launch(tile="quick", name="x", description="stops slowly")
    ann.launch(tile="quick", name="y")
    ann.wait_for("x", "running")
    ann.wait_for("y", "running")
    targets = [{"user": ann.name, "name": name} for name in ("x", "y")]
    body = {"action": "delete", "runtimes": targets}
    asking = in_background(lambda: admin.api.post("/admin/runtimes/actions", json=body))
    wait_until(lambda: "y" not in listed(ann), 60, "the quick one to go")
    kill(service)
    asking.join()
    may_stop(ann)
    wait_until(lambda: listed(ann) == {}, _BACK_S, "the slow one to go")
    results = admin.api.post("/admin/runtimes/actions", json=body).json()["results"]
    assert [result["error"]["code"] for result in results] == ["not_found", "not_found"]


def test_killed_while_it_drains_and_while_it_brings_back(
    ann: Person, admin: Person, service: ServiceHub
) -> None:
    ann.launch(tile="quick", name="x", description="stops slowly")
    ann.wait_for("x", "running")
    admin.api.post("/admin/drain", json={"action": "stop"})
    wait_until(lambda: hub_pending(ann) == "stop", 60, "the drain to stop it")
    kill(service)
    refused = ann.api.post("/runtimes", json={"tile": "quick", "name": "y"})
    assert refused.status_code == 503
    drain = admin.api.get("/admin/drain").json()
    assert (drain["state"], drain["acting"]) == ("draining", False)
    may_stop(ann)
    assert admin.api.post("/admin/drain", json={"action": "stop"}).status_code == 202
    wait_until(lambda: state_of_drain(admin) == "drained", 60, "the drain to be done")
    assert admin.api.post("/admin/drain/resume").status_code == 202
    kill(service)
    if state_of_drain(admin) != "open":
        assert admin.api.post("/admin/drain/resume").status_code == 202
    wait_until(lambda: state_of_drain(admin) == "open", 60, "the site to be open")
    ann.wait_for("x", "running")


def state_of_drain(admin: Person) -> str:
    drain = admin.api.get("/admin/drain").json()
    return str(drain["state"]) if not drain["acting"] else "acting"
