"""A drain of a real Hub: refused launches, what ran is put aside, and all of it comes back."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service


@pytest.fixture(scope="module")
def drained_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    """A drain is everybody's: not on the Hub that other tests share."""
    with running_service(tmp_path_factory.mktemp("drain")) as running:
        yield running


@pytest.fixture
def admin(drained_hub: ServiceHub) -> Iterator[Person]:
    with person(drained_hub, "admin") as found:
        yield found


def post(admin: Person, path: str = "/admin/drain", **body: Any) -> dict[str, Any]:
    answer = admin.api.post(path, json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def show(admin: Person) -> dict[str, Any]:
    answer = admin.api.get("/admin/drain")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(admin: Person) -> dict[str, str]:
    rows = show(admin)["runtimes"]
    return {f"{row['user']}/{row['name']}": row["outcome"] for row in rows}


def until(admin: Person, state: str) -> None:
    wait_until(lambda: show(admin)["state"] == state, 60, f"the site to be {state}")
    wait_until(lambda: not show(admin)["acting"], 60, "the end of it")


def kill_service(service: ServiceHub) -> None:
    mark = f"RUNTILES_STORE_URL=sqlite:///{service.folder}/".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"runtiles.service" in command and mark in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def test_a_drain_empties_the_site_and_a_resume_fills_it_again(
    admin: Person, drained_hub: ServiceHub
) -> None:
    with person(drained_hub, "ann") as ann, person(drained_hub, "bob") as bob:
        for one, name in ((ann, "default"), (ann, "lab"), (bob, "lab"), (bob, "off")):
            does = "cannot save" if (one, name) == (bob, "lab") else f"{one.name}'s {name}"
            one.launch(tile="quick", name=name, description=does)
            one.wait_for(name, "running")
        assert bob.api.post("/runtimes/off/stop").status_code == 200
        bob.wait_for("off", "stopped")

        begun = post(admin, message="New disks tonight", action="pause")
        assert begun["state"] == "draining"
        assert (begun["by"], begun["message"]) == ("admin", "New disks tonight")
        until(admin, "drained")
        assert outcomes(admin) == {
            "ann/default": "paused",
            "ann/lab": "paused",
            "bob/lab": "failed",
        }
        (told,) = {row["message"] for row in show(admin)["runtimes"]} - {""}
        assert told.startswith("It goes on, because it could not be paused: The disk is full.")
        assert bob.state("lab") == "running"
        for name in ("default", "lab"):
            assert ann.state(name) == "paused"
        refused = ann.api.post("/runtimes", json={"tile": "quick", "name": "new"})
        assert refused.status_code == 503
        assert "New disks tonight" in refused.text
        (notice,) = drained_hub.store.notices.of_user("ann")
        assert (notice.text, notice.author) == ("New disks tonight", "admin")

        post(admin, "/admin/drain/resume")
        until(admin, "open")
        assert [outcomes(admin)[one] for one in ("ann/default", "ann/lab")] == ["resumed"] * 2
        for one, name in ((ann, "default"), (ann, "lab"), (bob, "lab")):
            one.wait_for(name, "running")
        back = ann.api.get("/runtimes/lab").json()
        assert back["description"] == "ann's lab"
        assert bob.state("off") == "stopped"
        _, entries = drained_hub.store.audit.page(target="site")
        assert [entry.action for entry in reversed(entries)] == [
            *("drain.begin", "drain.done", "drain.resume", "drain.resumed")
        ]
        for one in (ann, bob):
            for runtime in one.api.get("/runtimes").json():
                assert one.api.delete(f"/runtimes/{runtime['name']}").status_code == 204


def test_a_service_killed_half_way_leaves_the_site_closed_and_is_asked_again(
    admin: Person, drained_hub: ServiceHub
) -> None:
    with person(drained_hub, "quick") as quick, person(drained_hub, "slow") as slow:
        quick.launch(tile="quick", name="lab")
        slow.launch(tile="quick", name="lab", description="stops slowly")
        for one in (quick, slow):
            one.wait_for("lab", "running")
        post(admin, message="Wait", action="stop")
        wait_until(
            lambda: outcomes(admin) == {"quick/lab": "stopped", "slow/lab": "waiting"},
            60,
            "one of the two to be stopped",
        )
        busy = admin.api.post("/admin/drain", json={})
        assert (busy.status_code, busy.json()["error"]["code"]) == (409, "conflict")

        kill_service(drained_hub)
        (drained_hub.folder / "gates" / "slow-stop").touch()
        drained_hub.hub.wait_for("/services/runtiles/api", timeout=90)
        found = show(admin)
        assert (found["state"], found["acting"]) == ("draining", False)
        assert outcomes(admin) == {"quick/lab": "stopped", "slow/lab": "waiting"}
        assert quick.api.post("/runtimes/lab/start").status_code == 503

        post(admin)
        until(admin, "drained")
        assert show(admin)["message"] == "Wait"
        assert [one.text for one in drained_hub.store.notices.of_user("slow")] == ["Wait"]
        assert outcomes(admin) == {"quick/lab": "stopped", "slow/lab": "stopped"}
        post(admin, "/admin/drain/resume")
        until(admin, "open")
        for one in (quick, slow):
            one.wait_for("lab", "running")


def test_a_drain_can_be_called_off(admin: Person, drained_hub: ServiceHub) -> None:
    assert admin.api.post("/admin/drain/resume", json={}).status_code == 409
    with person(drained_hub, "cat") as cat:
        cat.launch(tile="quick", name="lab", description="stops slowly")
        cat.wait_for("lab", "running")
        post(admin, action="stop")
        wait_until(lambda: cat.state("lab") == "stopping", 60, "the drain to reach it")
        assert outcomes(admin)["cat/lab"] == "waiting"
        answer = admin.api.delete("/admin/drain")
        assert (answer.status_code, answer.json()["state"]) == (200, "open")
        assert answer.json()["acting"] is False
        (drained_hub.folder / "gates" / "cat-stop").touch()
        cat.wait_for("lab", "stopped")
        assert cat.api.post("/runtimes/lab/start").status_code == 200
        cat.wait_for("lab", "running")


def test_what_cannot_be_started_again_is_told(admin: Person, drained_hub: ServiceHub) -> None:
    with person(drained_hub, "dan") as dan:
        dan.launch(tile="quick", name="lab")
        dan.wait_for("lab", "running")
        post(admin, action="stop")
        until(admin, "drained")
        drained_hub.hub.api("DELETE", "/users/dan/servers/lab", {"remove": True})
        drained_hub.store.launches.forget("dan", "lab")
        post(admin, "/admin/drain/resume")
        until(admin, "open")
        rows = {row["user"]: row for row in show(admin)["runtimes"]}
        assert rows["dan"]["outcome"] == "failed"
        assert "deleted" in rows["dan"]["message"]
