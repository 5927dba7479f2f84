"""The life of runtimes through the API, with a real Hub."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub

KEYS = {
    *("name", "user", "tile", "title", "description", "image", "image_digest", "machine", "gpus"),
    *("state", "phase", "progress", "url", "started_at", "expires_at", "idle", "snapshot"),
    *("usage", "last_error", "since", "actions"),
}


def test_a_launch_is_answered_with_the_runtime_and_gets_running(ann: Person) -> None:
    launched = ann.launch(tile="quick", name="first", description="Mine")
    assert launched.keys() == KEYS
    assert (launched["name"], launched["user"]) == ("first", ann.name)
    assert (launched["tile"], launched["title"]) == ("quick", "Quick start")
    assert launched["description"] == "Mine"
    ann.wait_for("first", "running")
    running = ann.api.get("/runtimes/first").json()
    assert running["url"] == f"/user/{ann.name}/first/"
    assert running["started_at"]
    assert [runtime["name"] for runtime in ann.api.get("/runtimes").json()] == ["first"]


def test_a_slow_launch_is_answered_long_before_it_is_done(ann: Person) -> None:
    launched = ann.launch(tile="gated", name="slow")
    assert launched["state"] == "starting"
    wait_until(lambda: ann.api.get("/runtimes/slow").json()["phase"] == "pulling", 60, "a pull")
    runtime = ann.api.get("/runtimes/slow").json()
    assert runtime["progress"] == {"percent": 50.0, "done": 5, "total": 10, "message": None}
    assert runtime["url"] is None
    ann.open_gate()
    ann.wait_for("slow", "running")


def test_without_a_name_the_tile_lends_its_own(ann: Person) -> None:
    assert ann.launch(tile="quick")["name"] == "quick"
    assert ann.launch(tile="quick")["name"] == "quick-2"


def test_an_empty_request_repeats_the_last_tile(ann: Person) -> None:
    assert ann.launch()["tile"] == "quick"
    assert ann.launch(tile="broken", name="b")["tile"] == "broken"
    assert ann.launch(name="again")["tile"] == "broken"


def test_the_default_runtime_is_the_unnamed_server(ann: Person) -> None:
    assert ann.api.get("/runtimes").json() == []
    assert ann.launch(tile="quick", name="default")["name"] == "default"
    ann.wait_for("default", "running")
    assert ann.api.get("/runtimes/default").json()["url"] == f"/user/{ann.name}/"


def test_bad_fields_are_all_named_and_nothing_starts(ann: Person) -> None:
    answer = ann.api.post(
        "/runtimes", json={"tile": "quack", "machine": "huge", "name": "No!", "colour": "red"}
    )
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["details"]["fields"].keys() == {"tile", "machine", "name", "colour"}
    assert ann.api.get("/runtimes").json() == []


def test_a_taken_name_is_a_conflict(ann: Person) -> None:
    ann.launch(tile="gated", name="mine")
    running = ann.api.post("/runtimes", json={"tile": "quick", "name": "mine"})
    assert running.status_code == 409
    ann.api.post("/runtimes/mine/stop")
    ann.wait_for("mine", "failed")  # its launch was cancelled
    stopped = ann.api.post("/runtimes", json={"tile": "quick", "name": "mine"})
    assert stopped.status_code == 409
    assert stopped.json()["error"]["code"] == "conflict"


def test_the_sites_limit_on_running_ones_is_kept(ann: Person) -> None:
    ann.launch(tile="quick", name="a")
    ann.launch(tile="quick", name="b")
    third = ann.api.post("/runtimes", json={"tile": "quick", "name": "c"})
    assert third.status_code == 429
    assert third.json()["error"]["code"] == "limit_reached"


def test_the_hubs_limit_on_named_servers_is_explained(ann: Person) -> None:
    for name in ("a", "b", "c"):
        ann.launch(tile="quick", name=name)
        ann.wait_for(name, "running")
        ann.api.post(f"/runtimes/{name}/stop")
    fourth = ann.api.post("/runtimes", json={"tile": "quick", "name": "d"})
    assert fourth.status_code == 429
    assert "maximum of 3" in fourth.json()["error"]["message"]


def test_what_the_hub_refuses_is_an_answer_and_not_a_launch(ann: Person) -> None:
    answer = ann.api.post("/runtimes", json={"tile": "quick", "description": "refused by the Hub"})
    assert answer.status_code == 400
    assert "not this one" in answer.json()["error"]["message"]


def test_a_failed_launch_says_why(ann: Person) -> None:
    ann.launch(tile="broken", name="b")
    ann.wait_for("b", "failed")
    error = ann.api.get("/runtimes/b").json()["last_error"]
    assert error["code"] == "image_not_found"
    assert error["message"] == "There is no such image."
    assert error["details"]["hint"] == "Try another one."


def test_a_defect_before_the_launch_began_is_reported_at_once(ann: Person) -> None:
    answer = ann.api.post("/runtimes", json={"tile": "silent", "name": "s"})
    assert answer.status_code == 502
    assert "defect" not in answer.text


def test_stop_and_start_again_with_the_same_options(ann: Person) -> None:
    ann.launch(tile="quick", name="one", description="Kept")
    ann.wait_for("one", "running")
    assert ann.api.post("/runtimes/one/start").status_code == 409
    assert ann.api.post("/runtimes/one/stop").status_code == 200
    ann.wait_for("one", "stopped")
    assert ann.api.post("/runtimes/one/stop").status_code == 200
    again = ann.api.post("/runtimes/one/start")
    assert again.status_code == 200
    assert again.json()["description"] == "Kept"
    ann.wait_for("one", "running")


def test_start_takes_other_options_but_no_other_name(ann: Person) -> None:
    ann.launch(tile="broken", name="one")
    ann.wait_for("one", "failed")
    assert (
        ann.api.post("/runtimes/one/start", json={"tile": "quick", "name": "two"}).status_code
        == 400
    )
    assert ann.api.post("/runtimes/one/start", json={"tile": "quick"}).status_code == 200
    ann.wait_for("one", "running")


def test_what_is_not_there_yet_says_so(ann: Person) -> None:
    answer = ann.api.get("/datasets")
    assert answer.status_code == 501
    assert answer.json()["error"]["code"] == "not_implemented"
    assert answer.json()["error"]["details"]["action"] == "datasets"


@pytest.mark.parametrize("action", ["extend", "hold"])
def test_what_does_not_run_has_no_end(ann: Person, action: str) -> None:
    body = {"seconds": "30m"}
    assert ann.api.post(f"/runtimes/default/{action}", json=body).status_code == 404
    ann.launch(tile="quick", name="one")
    ann.wait_for("one", "running")
    running = ann.api.post(f"/runtimes/one/{action}", json=body)
    # It has no time limit that could be extended.
    assert running.status_code == (409 if action == "extend" else 200), running.text
    ann.api.post("/runtimes/one/stop")
    ann.wait_for("one", "stopped")
    assert ann.api.post(f"/runtimes/one/{action}", json=body).status_code == 409
    assert ann.api.get("/runtimes/one/idle").status_code == 409


def test_an_action_nobody_knows_is_not_found(ann: Person) -> None:
    assert ann.api.post("/runtimes/default/explode").status_code == 404


@pytest.mark.parametrize("state", ["running", "starting", "stopped", "failed"])
def test_delete_works_from_any_state_and_leaves_nothing(
    ann: Person, service: ServiceHub, state: str
) -> None:
    tile = {"starting": "gated", "failed": "broken"}.get(state, "quick")
    ann.launch(tile=tile, name="gone", workspace=_PRIVATE)
    ann.wait_for("gone", "running" if state == "stopped" else state)
    if state == "stopped":
        ann.api.post("/runtimes/gone/stop")
        ann.wait_for("gone", "stopped")

    assert ann.api.delete("/runtimes/gone").status_code == 204
    assert ann.api.get("/runtimes/gone").status_code == 404
    assert ann.api.get("/runtimes").json() == []
    assert ann.api.delete("/runtimes/gone").status_code == 404
    assert service.store.launches.of_runtime(ann.name, "gone") == []
    assert service.store.secrets.list(ann.name) == []
    assert "gone" not in service.hub.api("GET", f"/users/{ann.name}").json()["servers"]


def test_delete_of_the_default_runtime_stops_and_forgets(ann: Person) -> None:
    ann.launch(tile="quick", name="default")
    ann.wait_for("default", "running")
    assert ann.api.delete("/runtimes/default").status_code == 204
    assert ann.api.get("/runtimes").json() == []


def test_preview_shows_the_merged_plan_and_launches_nothing(
    ann: Person, service: ServiceHub
) -> None:
    answer = ann.api.post("/runtimes/preview", json={"tile": "quick", "workspace": _PRIVATE})
    assert answer.status_code == 200
    plan = answer.json()
    assert plan["name"] == "quick"
    assert plan["image"].endswith("runtiles/quick:1")
    assert _PASSWORD not in answer.text
    assert ann.api.get("/runtimes").json() == []
    assert service.store.secrets.list(ann.name) == []
    assert ann.api.post("/runtimes/preview", json={"tile": "quack"}).status_code == 400


def test_two_starts_at_once_are_one_launch(ann: Person) -> None:
    with ThreadPoolExecutor(2) as pool:
        posts = [
            pool.submit(ann.api.post, "/runtimes", json={"tile": "gated", "name": "one"})
            for _ in range(2)
        ]
    assert sorted(post.result().status_code for post in posts) == [201, 409]


_PASSWORD = "hunter2-canary"
_PRIVATE = {"url": "https://git.example/x.git", "username": "ann", "password": _PASSWORD}


def test_a_typed_password_becomes_a_secret_and_is_nowhere_else(
    ann: Person, service: ServiceHub
) -> None:
    launched = ann.launch(tile="quick", name="p", workspace=_PRIVATE)
    (info,) = service.store.secrets.list(ann.name)
    assert info.name == "launch-p--workspace"
    assert service.store.secrets.get(ann.name, info.name) == _PASSWORD

    shown = service.hub.api("GET", f"/users/{ann.name}").json()["servers"]["p"]["user_options"]
    assert shown["workspace"]["password"] == f"secret:{info.name}"
    written = [path for path in service.folder.rglob("*") if path.is_file()]
    assert len(written) > 5
    assert not [path for path in written if _PASSWORD.encode() in path.read_bytes()]
    assert _PASSWORD not in str(launched)


def test_a_typed_password_of_a_refused_request_is_not_kept(
    ann: Person, service: ServiceHub
) -> None:
    answer = ann.api.post("/runtimes", json={"tile": "quack", "workspace": _PRIVATE})
    assert answer.status_code == 400
    assert _PASSWORD not in answer.text
    assert service.store.secrets.list(ann.name) == []


def test_a_reference_to_a_missing_secret_is_refused_before_the_launch(ann: Person) -> None:
    workspace = {**_PRIVATE, "password": "secret:nope"}
    answer = ann.api.post(
        "/runtimes",
        json={"tile": "quick", "workspace": workspace, "environment": {"A": "secret:no"}},
    )
    assert answer.status_code == 400
    fields = answer.json()["error"]["details"]["fields"]
    assert fields.keys() == {"workspace.password", "environment.A"}
