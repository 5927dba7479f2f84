"""Pause and resume through the service, with a runtime whose kernels follow a script."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service
from tests.runtiles.service.runtime import KERNEL, LOSS


@pytest.fixture
def ann(service: ServiceHub, request: pytest.FixtureRequest) -> Iterator[Person]:
    with person(service, f"ann-{abs(hash(request.node.name)) % 10**8}") as found:
        yield found


def running(ann: Person, description: str = "") -> None:
    ann.launch(tile="quick", name="default", description=description)
    ann.wait_for("default", "running")


def pause(ann: Person, status: int = 200, **body: object) -> dict[str, object]:
    answer = ann.api.post("/runtimes/default/pause", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, object] = answer.json()
    return found if status == 200 else dict(found["error"])  # type: ignore[call-overload]


def test_a_pause_saves_stops_and_can_be_resumed(ann: Person, service: ServiceHub) -> None:
    running(ann)
    assert pause(ann)["state"] in ("pausing", "paused")
    ann.wait_for("default", "paused")
    (snapshot,) = ann.api.get("/snapshots").json()
    assert snapshot["in_use"]
    assert (snapshot["variables"], snapshot["lost"]) == (1, 0)
    shown = ann.api.get("/runtimes/default").json()
    assert shown["snapshot"] == snapshot["id"]
    assert "resume" in shown["actions"]
    whole = ann.api.get(f"/snapshots/{snapshot['id']}").json()
    assert whole["manifest"]["kernels"][0]["variables"][0]["name"] == "x"
    resumed = ann.api.post("/runtimes/default/resume").json()
    assert resumed["state"] in ("resuming", "running")
    ann.wait_for("default", "running")
    latest = service.store.launches.latest(ann.name, "")
    assert latest is not None
    assert latest.spec["snapshot"] == snapshot["id"]
    gone = lambda: service.store.pauses.of_runtime(ann.name, "") is None  # noqa: E731
    wait_until(gone, 60, "the pause to be over")


def test_what_would_be_lost_is_named_and_nothing_has_changed(ann: Person) -> None:
    running(ann, "loses things")
    refused = pause(ann, 409)
    assert refused["code"] == "would_lose"
    assert refused["details"]["kernels"][0]["losses"] == [LOSS]  # type: ignore[index]
    assert ann.state("default") == "running"
    looked = pause(ann, dry_run=True)
    assert looked["kernels"][0]["losses"] == [LOSS]  # type: ignore[index]
    pause(ann, accept_loss=True)
    ann.wait_for("default", "paused")
    assert ann.api.get("/snapshots").json()[0]["lost"] == 1


def test_what_runs_in_a_terminal_is_not_ended_without_a_word(ann: Person) -> None:
    running(ann, "trains in a terminal")
    refused = pause(ann, 409)
    assert refused["code"] == "would_lose"
    assert refused["message"] == "A pause would end python in terminal 1; nothing has changed."
    job = {"name": "1", "job": "python", "status": "running"}
    assert refused["details"]["terminals"] == [job]  # type: ignore[index]
    assert ann.state("default") == "running"
    assert pause(ann, dry_run=True)["terminals"] == [job]
    pause(ann, accept_loss=True)
    ann.wait_for("default", "paused")


def test_a_failed_pause_leaves_it_running_and_says_why(ann: Person) -> None:
    running(ann, "cannot save")
    pause(ann)
    ann.wait_for("default", "running")
    wait_until(
        lambda: ann.api.get("/runtimes/default").json()["last_error"] is not None, 60, "the reason"
    )
    error = ann.api.get("/runtimes/default").json()["last_error"]
    assert (error["code"], error["message"]) == ("no_space", "The disk is full.")
    assert ann.api.get("/snapshots").json() == []
    assert ann.api.post("/runtimes/default/stop").json()["state"] in ("stopping", "stopped")


def test_nothing_disturbs_a_pause_but_an_admin(ann: Person, admin: Person) -> None:
    running(ann, "is busy")
    pause(ann)
    shown = ann.api.get("/runtimes/default").json()
    assert (shown["state"], shown["actions"]) == ("pausing", [])
    wait_until(
        lambda: "0.ipynb" in str(ann.api.get("/runtimes/default").json()["progress"]), 60, "why"
    )
    for answer in (
        ann.api.post("/runtimes/default/pause"),
        ann.api.post("/runtimes/default/stop"),
        ann.api.delete("/runtimes/default"),
    ):
        assert answer.status_code == 409
        assert "is being paused" in answer.json()["error"]["message"]
    answer = admin.api.delete("/runtimes/default", params={"user": ann.name})
    assert answer.status_code == 204, answer.text


def test_a_pause_that_waits_can_be_called_off(ann: Person, admin: Person) -> None:
    running(ann, "is busy")
    nothing = ann.api.delete("/runtimes/default/pause")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "conflict")
    pause(ann)
    looking = ann.limited("access:services!service=runtiles", "read:servers!user")
    with looking:
        assert looking.delete("/runtimes/default/pause").status_code == 403
    answer = admin.api.delete("/runtimes/default/pause", params={"user": ann.name})
    assert answer.status_code == 200, answer.text
    called_off = answer.json()
    assert (called_off["state"], called_off["last_error"]) == ("running", None)
    _, entries = ann.service.store.audit.page(action="runtime.call_off", limit=1)
    assert entries[0].target == f"runtime:{ann.name}/default"
    assert ann.api.get("/snapshots").json() == []
    (ann.service.folder / "gates" / f"{ann.name}-save").touch()
    # And another time.
    pause(ann)
    ann.wait_for("default", "paused")


def test_a_service_that_was_killed_goes_on_with_the_pause(tmp_path: Path) -> None:
    with running_service(tmp_path) as service, person(service, "bea") as bea:
        running(bea, "is busy")
        pause(bea)
        os.kill(_service_pid(service), signal.SIGKILL)
        # The token of who asked is not what it goes on with.
        (tmp_path / "gates" / "bea-save").touch()
        wait_until(lambda: _ended(service, "bea"), 60, "the runtime to be paused")
        service.hub.wait_for("/services/runtiles/api")
        bea.wait_for("default", "paused")


def test_the_token_of_who_asked_may_end_before_the_pause(ann: Person, service: ServiceHub) -> None:
    running(ann, "is busy")
    tokens = f"/users/{ann.name}/tokens"

    def ids() -> set[str]:
        return {one["id"] for one in service.hub.api("GET", tokens).json()["api_tokens"]}

    before = ids()
    with service.client(service.hub.user(ann.name)) as another:
        assert another.post("/runtimes/default/pause").status_code == 200
    for token in ids() - before:
        service.hub.api("DELETE", f"{tokens}/{token}")
    (service.folder / "gates" / f"{ann.name}-save").touch()
    ann.wait_for("default", "paused")


def test_a_quota_refuses_before_anything_is_saved(ann: Person, service: ServiceHub) -> None:
    running(ann, "is large, two kernels")
    error = pause(ann, 429)
    assert (error["code"], error["details"]["wanted"]) == ("quota", 60_000_000)  # type: ignore[index]
    assert (ann.state("default"), ann.api.get("/snapshots").json()) == ("running", [])
    assert service.store.pauses.of_runtime(ann.name, "") is None
    # A dry run tells the size all the same.
    assert pause(ann, dry_run=True)["bytes"] == 60_000_000


def test_what_admins_do_to_snapshots_is_in_the_audit_log(ann: Person, admin: Person) -> None:
    running(ann)
    whose = {"user": ann.name}
    assert admin.api.post("/runtimes/default/pause", params=whose).status_code == 200
    ann.wait_for("default", "paused")
    (snapshot,) = ann.api.get("/snapshots").json()
    path = f"/snapshots/{snapshot['id']}"
    assert ann.api.patch(path, json={"name": "mine"}).status_code == 200
    assert admin.api.patch(path, json={"name": "kept"}, params=whose).status_code == 200
    assert ann.api.patch(path, json={"trusted": True}).status_code == 400
    assert admin.api.post("/runtimes/default/resume", params=whose).status_code == 200
    ann.wait_for("default", "running")
    assert admin.api.delete(path, params={**whose, "force": "1"}).status_code == 204
    audit = ann.service.store.audit
    _, entries = audit.page(target=ann.name, limit=20)
    assert [(entry.actor, entry.action) for entry in reversed(entries)] == [
        ("admin", "runtime.pause"),
        ("admin", "snapshot.rename"),
        ("admin", "runtime.resume"),
        ("admin", "snapshot.delete"),
    ]


def _ended(service: ServiceHub, user: str) -> bool:
    latest = service.store.launches.latest(user, "")
    return latest is not None and latest.ended_at is not None and bool(latest.snapshot)


def _service_pid(service: ServiceHub) -> int:
    """Of the process that listens, which its keeper starts anew."""
    assert service.hub.process is not None
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            environment = (place / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        mine = f"RUNTILES_KEY_FILE={service.folder / 'key'}".encode() in environment
        if b"runtiles.service" in words and mine:
            return int(place.name)
    raise AssertionError("there is no service")


def test_kernels_are_seen_and_steered(ann: Person) -> None:
    running(ann)
    (kernel,) = ann.api.get("/runtimes/default/kernels").json()
    assert kernel["id"] == KERNEL
    held = ann.api.get(f"/runtimes/default/kernels/{KERNEL}/variables").json()
    assert held["variables"][0]["name"] == "x"
    for action in ("interrupt", "restart"):
        assert ann.api.post(f"/runtimes/default/{action}").status_code == 200
        named = ann.api.post(f"/runtimes/default/{action}", json={"kernel": KERNEL})
        assert named.status_code == 200


def test_which_of_two_kernels_must_be_said(ann: Person) -> None:
    running(ann, "two kernels")
    answer = ann.api.post("/runtimes/default/restart")
    assert answer.status_code == 400
    assert "kernel" in answer.json()["error"]["details"]["fields"]


def test_a_snapshot_becomes_another_runtime(ann: Person, service: ServiceHub) -> None:
    running(ann)
    pause(ann)
    ann.wait_for("default", "paused")
    (snapshot,) = ann.api.get("/snapshots").json()
    fork = ann.launch(resume=snapshot["id"], name="fork")
    assert (fork["tile"], fork["name"]) == ("quick", "fork")
    ann.wait_for("fork", "running")
    assert ann.state("default") == "paused"
    with person(service, f"other-{ann.name}") as bob:
        refused = bob.api.post("/runtimes", json={"tile": "quick", "resume": snapshot["id"]})
        assert refused.status_code == 400
        assert "resume" in refused.json()["error"]["details"]["fields"]


def test_snapshots_are_named_and_deleted(ann: Person) -> None:
    running(ann)
    pause(ann)
    ann.wait_for("default", "paused")
    (snapshot,) = ann.api.get("/snapshots").json()
    path = f"/snapshots/{snapshot['id']}"
    assert ann.api.patch(path, json={"name": "the good one"}).json()["name"] == "the good one"
    assert ann.api.delete(path).json()["error"]["code"] == "in_use"
    assert ann.api.delete(path, params={"force": "1"}).status_code == 204
    assert ann.state("default") == "stopped"
    assert ann.api.get("/snapshots").json() == []
