"""Everybody's runtimes for an admin, on a real Hub: listed, and acted on in bulk."""

from typing import Any

import httpx

from runtiles.store import SnapshotRecord
from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub


def listed(admin: Person, **asked: Any) -> dict[str, Any]:
    answer = admin.api.get("/admin/runtimes", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(admin: Person, action: str, *targets: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    runtimes = [{"user": user, "name": name} for user, name in targets]
    body = {"action": action, "runtimes": runtimes, **more}
    answer = admin.api.post("/admin/runtimes/actions", json=body)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_rows_have_use_and_cost(admin: Person, ann: Person, bob: Person) -> None:
    ann.launch(tile="quick", name="one", machine="gpu-1")
    ann.wait_for("one", "running")
    bob.launch(tile="broken", name="two")
    bob.wait_for("two", "failed")
    found = listed(admin, user=ann.name)
    assert found["total"] == 1
    (row,) = found["items"]
    assert (row["user"], row["name"], row["state"]) == (ann.name, "one", "running")
    assert row["use"]["memory"] > 0
    assert row["use"]["cpu"] >= 0
    assert row["cost"]["per_hour"] == 0.6
    assert row["cost"]["so_far"] >= 0
    assert row["idle_since"] is None
    # The watch follows a moment later.
    assert row["idle_reason"] in (None, "It has reported nothing yet.")

    (failed,) = listed(admin, user=bob.name)["items"]
    assert failed["use"]["memory"] is None
    assert failed["cost"]["so_far"] is None

    both = listed(admin, search="one", sort="-cpu", state="running,starting")
    assert (ann.name, "one") in {(one["user"], one["name"]) for one in both["items"]}
    counted = listed(admin, state="failed", user=ann.name)
    assert (counted["total"], counted["counts"]) == (0, {"running": 1})


def test_a_question_that_makes_no_sense_is_refused(admin: Person) -> None:
    bad = {"sort": "colour", "state": "asleep", "limit": "9999", "colour": "red"}
    for name, value in bad.items():
        answer = admin.api.get("/admin/runtimes", params={name: value})
        assert answer.status_code == 400
        assert name in answer.json()["error"]["details"]["fields"]


def test_a_bulk_action_has_an_outcome_for_each(
    admin: Person, ann: Person, bob: Person, service: ServiceHub
) -> None:
    for person in (ann, bob):
        person.launch(tile="quick", name="lab")
        person.wait_for("lab", "running")
    targets = [(ann.name, "lab"), (ann.name, "nothing"), (bob.name, "lab")]
    results = act(admin, "stop", *targets, message="Maintenance at noon")
    assert [(one["user"], one["name"], one["ok"]) for one in results] == [
        (ann.name, "lab", True),
        (ann.name, "nothing", False),
        (bob.name, "lab", True),
    ]
    assert results[1]["error"]["code"] == "not_found"
    ann.wait_for("lab", "stopped")
    bob.wait_for("lab", "stopped")
    for person in (ann, bob):
        (notice,) = service.store.notices.of_user(person.name)
        assert (notice.text, notice.author) == ("Maintenance at noon", "admin")
    _, entries = service.store.audit.page(target=f"runtime:{ann.name}/lab")
    assert [(one.actor, one.action, one.details["ok"]) for one in entries] == [
        ("admin", "runtime.stop", True)
    ]

    assert act(admin, "start", (ann.name, "lab"))[0]["ok"]
    ann.wait_for("lab", "running")
    assert act(admin, "start", (ann.name, "lab"))[0]["error"]["code"] == "conflict"
    assert act(admin, "delete", (ann.name, "lab"))[0] == {
        "user": ann.name,
        "name": "lab",
        "ok": True,
        "state": None,
    }
    assert ann.api.get("/runtimes").json() == []


def test_an_extension_has_to_say_how_far(admin: Person, ann: Person) -> None:
    ann.launch(tile="quick", name="lab")
    ann.wait_for("lab", "running")
    (result,) = act(admin, "extend", (ann.name, "lab"))
    assert result["error"]["code"] == "invalid_request"


def test_a_bad_bulk_action_names_its_fields(admin: Person, service: ServiceHub) -> None:
    for body, field in (
        ({"action": "explode", "runtimes": [{"user": "a", "name": "b"}]}, "action"),
        ({"action": "stop", "runtimes": []}, "runtimes"),
        ({"action": "stop", "runtimes": [{"user": "a"}]}, "runtimes.0.name"),
        ({"action": "stop", "runtimes": [{"user": "a", "name": "b"}], "force": 1}, "force"),
        ({"action": "stop", "runtimes": [{"user": "a", "name": "b"}], "seconds": 5}, "body"),
    ):
        answer = admin.api.post("/admin/runtimes/actions", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["details"]["fields"].keys() == {field}


def test_the_overview_counts_and_says_what_runs_where(admin: Person, ann: Person) -> None:
    ann.launch(tile="quick", name="lab")
    ann.wait_for("lab", "running")
    wait_until(
        lambda: admin.api.get("/admin").json()["runtimes"].get("running", 0) > 0, 60, "a count"
    )
    found = admin.api.get("/admin").json()
    assert found["version"]
    assert found["hub"].count(".") >= 1
    assert found["engine"].startswith("processes")
    assert found["engine_error"] is None
    assert found["users"] >= 1
    assert found["drain"]["state"] == "open"
    assert found["gpus"].keys() == {"total", "free"}


def make_team(service: ServiceHub, admin: Person, team: str, *members: Person) -> None:
    made = httpx.post(
        f"{service.hub.api_url}/groups/{team}",
        headers={"Authorization": f"token {admin.token}"},
        json={"users": [member.name for member in members]},
    )
    assert made.status_code == 201, made.text


def test_usage_by_user_and_team(admin: Person, ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="quick", name="lab", machine="gpu-1")
    ann.wait_for("lab", "running")
    make_team(service, admin, f"team-{ann.name}", ann)
    for by, key in (("user", ann.name), ("team", f"team-{ann.name}"), ("machine", "gpu-1")):
        found = admin.api.get("/admin/usage", params={"by": by}).json()
        assert found["by"] == by
        rows = {row["key"]: row for row in found["items"]}
        assert rows[key]["launches"] >= 1
        assert rows[key]["hours"] >= 0
    found = admin.api.get("/admin/usage", params={"by": "runtime"}).json()
    (row,) = [row for row in found["items"] if row["key"] == f"{ann.name}/lab"]
    assert (row["launches"], row["queued_seconds"], row["frozen_seconds"]) == (1, 0.0, 0.0)
    scraped = admin.api.get("/admin/usage/metrics").text
    assert (
        f'runtiles_runtime_seconds_total{{machine="gpu-1",state="running",user="{ann.name}"}}'
        in scraped
    )
    table = admin.api.get("/admin/usage", params={"by": "user", "format": "csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    assert ann.name in table.text
    assert admin.api.get("/admin/usage", params={"to": "2020-01-01"}).json()["items"] == []
    for bad in (
        {"from": "yesterday"},
        {"by": "colour"},
        {"from": "2026-02-01", "to": "2026-01-01"},
    ):
        assert admin.api.get("/admin/usage", params=bad).status_code == 400


def test_snapshots_are_summed_up_by_user(admin: Person, ann: Person, service: ServiceHub) -> None:
    for number, created in (("old", 5.0), ("new", 9.0)):
        record = SnapshotRecord(f"{ann.name}-{number}", ann.name, "lab", created, 1_000)
        service.store.snapshots.add(record, {})
    found = {row["user"]: row for row in admin.api.get("/admin/snapshots").json()}
    of_ann = {"user": ann.name, "count": 2, "size": 2_000, "oldest": "1970-01-01T00:00:05Z"}
    assert found[ann.name] == of_ann
    assert admin.api.get("/admin/snapshots", params={"user": "x"}).status_code == 400


def test_somebody_who_is_no_admin_is_refused(ann: Person) -> None:
    for method, path in (
        ("GET", "/admin"),
        ("GET", "/admin/runtimes"),
        ("POST", "/admin/runtimes/actions"),
        ("GET", "/admin/images"),
        ("GET", "/admin/gpus"),
        ("GET", "/admin/usage"),
        ("GET", "/admin/snapshots"),
        ("POST", "/admin/drain"),
        ("POST", "/admin/drain/resume"),
        ("DELETE", "/admin/drain"),
    ):
        assert ann.api.request(method, path).status_code == 403


def test_an_engine_without_images_has_an_empty_list(admin: Person) -> None:
    found = admin.api.get("/admin/images").json()
    assert (found["images"], found["pulls"]) == ([], [])
    assert found["disk"]["used"] == 0
    assert admin.api.get("/admin/gpus").json()["queue"] == []
    missing = admin.api.delete("/admin/images/sha256:00")
    assert missing.status_code == 404
