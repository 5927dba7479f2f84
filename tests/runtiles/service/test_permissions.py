"""User A never sees user B; a token does what its scopes say and no more."""

import httpx
import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub

USE = "access:services!service=runtiles"
CALLS = [
    ("GET", "/runtimes"),
    ("POST", "/runtimes"),
    ("POST", "/runtimes/preview"),
    ("GET", "/runtimes/default"),
    ("DELETE", "/runtimes/default"),
    ("POST", "/runtimes/default/start"),
    ("POST", "/runtimes/default/stop"),
    ("GET", "/runtimes/default/progress"),
    ("GET", "/runtimes/default/logs"),
    ("GET", "/secrets"),
    ("PUT", "/secrets/x"),
    ("DELETE", "/secrets/x"),
]


def ask(api: httpx.Client, method: str, path: str, **params: str) -> httpx.Response:
    body = {"value": "v"} if method == "PUT" else None
    return api.request(method, path, params=params, json=body)


def refused(person: Person, method: str, path: str, user: str) -> None:
    answer = ask(person.api, method, path, user=user)
    assert answer.status_code in (403, 404), f"{method} {path}: {answer.text}"
    assert "error" in answer.json()


def test_nobody_reaches_what_is_somebody_elses(
    ann: Person, bob: Person, service: ServiceHub
) -> None:
    ann.launch(tile="quick", name="default")
    ann.wait_for("default", "running")
    for method, path in CALLS:
        refused(bob, method, path, ann.name)
    assert ann.state("default") == "running"
    assert service.store.secrets.list(ann.name) == []


def test_only_who_may_list_users_sees_everybodys_runtimes(ann: Person) -> None:
    answer = ann.api.get("/runtimes", params={"all": "1"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_allowed"


def test_an_admin_sees_and_stops_everybodys(ann: Person, bob: Person, admin: Person) -> None:
    for person in (ann, bob):
        person.launch(tile="quick", name="default")
        person.wait_for("default", "running")
    everybody = admin.api.get("/runtimes", params={"all": "1"}).json()
    assert {ann.name, bob.name} <= {runtime["user"] for runtime in everybody}
    hers = admin.api.get("/runtimes", params={"user": ann.name}).json()
    assert [runtime["user"] for runtime in hers] == [ann.name]
    stopped = admin.api.post("/runtimes/default/stop", params={"user": ann.name})
    assert stopped.status_code == 200
    assert ann.state("default") == "stopped"
    assert bob.state("default") == "running"
    assert admin.api.get("/runtimes/default/logs", params={"user": ann.name}).status_code == 200


@pytest.mark.parametrize("token", ["-", "0" * 32])
def test_without_a_valid_token_there_is_nothing(service: ServiceHub, token: str) -> None:
    with service.client(token) as nobody:
        for method, path in [*CALLS, ("GET", "/tiles"), ("GET", "/machines")]:
            answer = nobody.request(method, path)
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.json()["error"]["code"] == "unauthenticated"


def test_a_token_without_the_services_scope_is_refused(ann: Person) -> None:
    with ann.limited("servers!user") as api:
        answer = api.get("/runtimes")
        assert answer.status_code == 403
        assert "access:services!service=runtiles" in answer.json()["error"]["details"]["hint"]


def test_a_token_that_may_only_use_the_service_reads_the_catalogue_and_no_more(ann: Person) -> None:
    ann.launch(tile="quick", name="default")
    # What a runtime has where the site keeps its token narrow (hub_config: runtimes_act=False).
    with ann.limited(USE, "users:activity!user") as api:
        assert api.get("/tiles").status_code == 200
        for method, path in CALLS:
            assert ask(api, method, path).status_code == 403, f"{method} {path}"


def test_a_token_that_may_only_read_reads_and_no_more(ann: Person) -> None:
    ann.launch(tile="quick", name="default")
    ann.wait_for("default", "running")
    with ann.limited(USE, "read:servers!user") as api:
        assert api.get("/runtimes").json()[0]["name"] == "default"
        assert api.post("/runtimes/default/stop").status_code == 403
        assert api.delete("/runtimes/default").status_code == 403
        assert api.post("/runtimes", json={"tile": "quick", "name": "x"}).status_code == 403
        assert api.get("/secrets").status_code == 403
    assert ann.state("default") == "running"


def test_a_runtimes_own_token_manages_its_owners_runtimes_and_nobody_elses(
    ann: Person, bob: Person, service: ServiceHub
) -> None:
    for somebody in (ann, bob):
        somebody.launch(tile="quick", name="default")
        somebody.wait_for("default", "running")
    with service.client(ann.server_token()) as runtime:
        assert [found["name"] for found in runtime.get("/runtimes").json()] == ["default"]
        for method, path in CALLS:
            answer = ask(runtime, method, path, user=bob.name)
            assert answer.status_code in (403, 404), f"{method} {path}"
        assert runtime.post("/runtimes/default/access").status_code == 403
    assert bob.state("default") == "running"
    assert service.store.secrets.list(bob.name) == []


def test_a_runtime_of_an_admin_is_no_admin(admin: Person, service: ServiceHub) -> None:
    admin.launch(tile="quick", name="default")
    admin.wait_for("default", "running")
    try:
        with service.client(admin.server_token()) as runtime:
            assert admin.api.get("/admin/audit").status_code == 200
            assert runtime.get("/admin/audit").status_code == 403
            assert runtime.get("/runtimes", params={"all": "1"}).status_code == 403
    finally:
        admin.api.delete("/runtimes/default")


def test_who_may_only_read_leaves_no_secret_behind(ann: Person, service: ServiceHub) -> None:
    workspace = {"url": "https://git.example/x.git", "username": "a", "password": "hunter2"}
    with ann.limited(USE, "read:servers!user") as api:
        answer = api.post("/runtimes", json={"tile": "quick", "workspace": workspace})
    assert answer.status_code == 403
    assert service.store.secrets.list(ann.name) == []


def test_names_from_outside_stay_names(ann: Person, bob: Person) -> None:
    """A name must not become another path of the Hub's API."""
    bob.launch(tile="quick", name="default")
    for name in ("..%2F..%2Fusers", "a%2Fb", "default%3Fx=1", "%00", "a%20b", "é"):
        answer = ann.api.get(f"/runtimes/{name}")
        assert answer.status_code == 404, name
        assert "error" in answer.json()
    for user in (f"../{bob.name}", f"{bob.name}/servers", "..", "%2e%2e", f"{bob.name}?x"):
        answer = ann.api.get("/runtimes", params={"user": user})
        assert answer.status_code in (403, 404), user


def test_a_look_at_one_runtime_tells_nothing_of_the_others(ann: Person, admin: Person) -> None:
    ann.launch(tile="quick", name="seen")
    ann.launch(tile="quick", name="other", environment={"PLACE": "unseen"})
    one = f"read:servers!server={ann.name}/seen"
    for body in ({}, {"description": "x"}):
        with admin.limited(USE, one, f"read:users:name!user={ann.name}") as api:
            assert api.get("/runtimes/seen", params={"user": ann.name}).status_code == 200
            assert api.get("/runtimes/other", params={"user": ann.name}).status_code == 404
            answer = api.post("/runtimes/preview", params={"user": ann.name}, json=body)
        assert "unseen" not in answer.text
    assert "unseen" in ann.api.post("/runtimes/preview", json={}).text


def test_what_somebody_does_to_anothers_runtime_is_in_the_audit_log(
    ann: Person, admin: Person, service: ServiceHub
) -> None:
    hers = {"user": ann.name}
    launched = admin.api.post("/runtimes", json={"tile": "quick", "name": "q"}, params=hers)
    assert launched.status_code == 201
    ann.wait_for("q", "running")
    assert admin.api.patch("/runtimes/q", json={"title": "T"}, params=hers).status_code == 200
    assert admin.api.post("/runtimes/q/stop", params=hers).status_code == 200
    ann.wait_for("q", "stopped")
    # Her own doings are her own.
    assert ann.api.post("/runtimes/q/start").status_code == 200
    ann.wait_for("q", "running")
    assert admin.api.delete("/runtimes/q", params=hers).status_code == 204
    _, entries = service.store.audit.page(target=f"runtime:{ann.name}/q")
    done = [(entry.actor, entry.action) for entry in entries]
    wanted = ("delete", "stop", "rename", "launch")
    assert done == [("admin", f"runtime.{action}") for action in wanted]


def test_why_it_is_alive_is_for_whom_its_output_is(ann: Person, admin: Person) -> None:
    """It names notebooks and programs: who may only see that it runs is told when it ends."""
    ann.launch(tile="quick", name="lab")
    ann.wait_for("lab", "running")
    path = "/runtimes/lab/idle"
    wait_until(lambda: ann.api.get(path).status_code == 200, 60, "it to be watched")
    whole = ann.api.get(path).json()
    assert whole["reason"] == "It has reported nothing yet."
    query = {"user": ann.name}
    with admin.limited(USE, "read:servers", "read:users:name") as api:
        told = api.get("/runtimes/lab/idle", params=query).json()
        listed = api.get("/runtimes/lab", params=query).json()["idle"]
    assert told["reason"] == listed["reason"] == "Idle."
    assert admin.api.get("/runtimes/lab/idle", params=query).json()["reason"] == whole["reason"]
