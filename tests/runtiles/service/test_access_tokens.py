"""POST /runtimes/NAME/access: an address with a token that opens one runtime, for a while."""

from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from tests.fixtures.hub import NAVIGATE, NO_TLS
from tests.runtiles.service.conftest import Person, ServiceHub


def running(person: Person, name: str = "lab") -> None:
    person.launch(tile="quick", name=name)
    person.wait_for(name, "running")


def made(person: Person, name: str = "lab", **body: Any) -> dict[str, Any]:
    answer = person.api.post(f"/runtimes/{name}/access", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def model(service: ServiceHub, token: str) -> httpx.Response:
    """What the Hub says of a token; 403 for one that it does not know."""
    headers = {"Authorization": f"token {token}"}
    return httpx.get(f"{service.hub.api_url}/user", headers=headers, verify=NO_TLS)


def test_the_token_opens_this_runtime_and_nothing_else(ann: Person, service: ServiceHub) -> None:
    running(ann)
    access = made(ann)
    assert access["url"] == f"{service.hub.origin}/user/{ann.name}/lab/"
    assert access["scopes"] == [f"access:servers!server={ann.name}/lab"]
    scopes = model(service, access["token"]).json()["scopes"]
    assert [scope for scope in scopes if "servers" in scope] == access["scopes"]
    with service.client(access["token"]) as api:
        assert api.get("/runtimes").status_code == 403
    assert access["token"] not in service.hub.log


def test_the_unnamed_server_has_an_address_too(ann: Person, service: ServiceHub) -> None:
    running(ann, "default")
    access = made(ann, "default")
    assert access["url"] == f"{service.hub.origin}/user/{ann.name}/"
    assert access["scopes"] == [f"access:servers!server={ann.name}/"]


def test_it_lives_an_hour_or_as_long_as_asked_for(ann: Person) -> None:
    running(ann)
    bodies: list[dict[str, Any]] = [{}, {"expires_in": 120}, {"expires_in": 86400}]
    for body in bodies:
        life = body.get("expires_in", 3600)
        ends = datetime.fromisoformat(made(ann, **body)["expires_at"].replace("Z", "+00:00"))
        left = ends - datetime.now(timezone.utc)
        assert timedelta(seconds=life - 30) < left <= timedelta(seconds=life + 1)


@pytest.mark.parametrize(
    "body",
    [
        {"expires_in": 86401},
        {"expires_in": 59},
        {"expires_in": True},
        {"expires_in": "1h"},
        {"expires_in": 0.5},
        {"expire_in": 600},
        {"scopes": ["self"]},
    ],
)
def test_more_than_a_day_and_anything_unknown_is_refused(ann: Person, body: Any) -> None:
    answer = ann.api.post("/runtimes/lab/access", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["fields"].keys() == {next(iter(body))}


def test_the_address_is_the_one_that_the_request_came_by(ann: Person, service: ServiceHub) -> None:
    running(ann)
    headers = {"Host": "lab.example.org", "X-Forwarded-Proto": "https"}
    answer = ann.api.post("/runtimes/lab/access", headers=headers)
    assert answer.json()["url"] == f"https://lab.example.org/user/{ann.name}/lab/"


def test_a_runtime_that_does_not_run_has_no_address(ann: Person) -> None:
    assert ann.api.post("/runtimes/nothing/access").status_code == 404
    running(ann)
    ann.api.post("/runtimes/lab/stop")
    ann.wait_for("lab", "stopped")
    answer = ann.api.post("/runtimes/lab/access")
    assert answer.status_code == 409
    assert "Start it" in answer.json()["error"]["details"]["hint"]


def test_who_may_not_make_tokens_is_told_what_to_do(ann: Person, service: ServiceHub) -> None:
    running(ann)
    with service.client(ann.server_token("lab")) as runtime:
        answer = runtime.post("/runtimes/lab/access")
    assert answer.status_code == 403
    assert "log in with a token of your own" in answer.json()["error"]["details"]["hint"]
    with ann.limited("tokens!user", "read:servers!user", "access:services!service=runtiles") as api:
        assert api.post("/runtimes/lab/access").status_code == 403


def test_a_browser_may_not(ann: Person, service: ServiceHub) -> None:
    running(ann)
    with service.hub.browser(ann.name) as browser:
        browser.get("/services/runtiles/login", params={"next": "/hub/home"}, headers=NAVIGATE)
        answer = browser.post("/services/runtiles/api/runtimes/lab/access")
        assert answer.status_code == 403


def test_nobody_gets_into_somebody_elses(ann: Person, bob: Person, service: ServiceHub) -> None:
    running(ann)
    answer = bob.api.post(f"/runtimes/lab/access?user={ann.name}")
    assert answer.status_code in (403, 404)


def test_it_can_be_taken_back_and_others_cannot(
    ann: Person, bob: Person, service: ServiceHub
) -> None:
    running(ann)
    access = made(ann)
    assert bob.api.delete(f"/runtimes/lab/access/{access['id']}").status_code == 404
    assert ann.api.delete(f"/runtimes/other/access/{access['id']}").status_code == 404
    assert ann.api.delete(f"/runtimes/lab/access/{access['id']}").status_code == 204
    assert model(service, access["token"]).status_code == 403
    assert ann.api.delete(f"/runtimes/lab/access/{access['id']}").status_code == 404


def test_no_other_token_is_taken_back_here(ann: Person, service: ServiceHub) -> None:
    running(ann)
    for token in service.hub.api("GET", f"/users/{ann.name}/tokens").json()["api_tokens"]:
        assert ann.api.delete(f"/runtimes/lab/access/{token['id']}").status_code == 404
    assert ann.api.get("/runtimes").status_code == 200


def test_it_is_in_the_audit_log_without_the_token(ann: Person, service: ServiceHub) -> None:
    running(ann)
    access = made(ann, expires_in=600)
    _, entries = service.store.audit.page(actor=ann.name, action="access")
    assert entries[0].target == f"runtime:{ann.name}/lab"
    assert entries[0].details == {"token": access["id"], "expires_in": 600}
