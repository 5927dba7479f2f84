"""Freeze and thaw over the API, with the processes of the stand-in spawner."""

from collections.abc import Iterator

import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub, person


@pytest.fixture
def bob(service: ServiceHub) -> Iterator[Person]:
    with person(service, "bob-who-looks") as found:
        yield found


def test_its_clock_stands_until_it_is_thawed(ann: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    for _ in range(2):
        answer = ann.api.post("/runtimes/x/freeze")
        assert (answer.status_code, answer.json()["state"]) == (200, "frozen")
    assert answer.json()["actions"] == ["delete", "hold", "stop", "thaw"]
    for _ in range(2):
        answer = ann.api.post("/runtimes/x/thaw")
        assert (answer.status_code, answer.json()["state"]) == (200, "running")
    assert ann.api.post("/runtimes/x/freeze").status_code == 200
    assert ann.api.post("/runtimes/x/stop").status_code == 200
    wait_until(lambda: ann.api.get("/runtimes/x").json()["state"] == "stopped", 60, "its end")
    for action in ("freeze", "thaw"):
        refused = ann.api.post(f"/runtimes/x/{action}")
        assert refused.status_code == 409
        assert "this one is stopped" in refused.json()["error"]["message"]


def test_it_is_for_who_may_stop_it(ann: Person, bob: Person, admin: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    whose = {"user": ann.name}
    assert bob.api.post("/runtimes/x/freeze", params=whose).status_code in (403, 404)
    assert ann.api.get("/runtimes/x").json()["state"] == "running"
    assert admin.api.post("/runtimes/x/freeze", params=whose).json()["state"] == "frozen"
    _, entries = ann.service.store.audit.page(action="runtime.freeze", limit=1)
    assert (entries[0].actor, entries[0].target) == ("admin", f"runtime:{ann.name}/x")
    assert ann.api.delete("/runtimes/x").status_code == 204
