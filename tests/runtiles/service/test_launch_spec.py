"""The LaunchSpec goes to the runtime that it was made for, and to nobody else."""

import httpx
import pytest

from tests.fixtures.hub import NAVIGATE
from tests.runtiles.service.conftest import Person, ServiceHub

_PASSWORD = "canary-hunter2"
_OPTIONS = {
    "tile": "quick",
    "workspace": {"url": "https://git.example/x.git", "username": "a", "password": _PASSWORD},
    "environment": {"PLAIN": "1", "HF_TOKEN": "secret:hf"},
}


def launched(person: Person, name: str = "default", **options: object) -> str:
    """A running runtime; returns its launch id."""
    person.api.put("/secrets/hf", json={"value": "canary-hf"})
    person.launch(name=name, **{**_OPTIONS, **options})
    person.wait_for(name, "running")
    server = "" if name == "default" else name
    latest = person.service.store.launches.latest(person.name, server)
    assert latest is not None
    return latest.id


def ask(service: ServiceHub, token: str, name: str, launch: str) -> httpx.Response:
    with service.client(token) as api:
        return api.get(f"/launch-spec/{name}", params={"launch": launch})


def test_the_runtimes_own_token_gets_it_with_secrets(ann: Person, service: ServiceHub) -> None:
    launch = launched(ann)
    answer = ask(service, ann.server_token(), "default", launch)
    assert answer.status_code == 200
    spec = answer.json()
    assert spec["workspace"]["password"] == _PASSWORD
    assert spec["environment"] == {"PLAIN": "1", "HF_TOKEN": "canary-hf"}
    assert spec["protocol"] == 1
    keys = service.store.state_keys
    assert spec["snapshot_key"] == keys.snapshot_key(ann.name)
    assert spec["control_key"] == keys.control_key(ann.name, launch)
    assert "snapshot_key" not in service.store.launches.get(launch).spec.get("environment", {})
    assert not service.store.launches.get(launch).spec["control_key"]
    assert _PASSWORD not in service.hub.log


@pytest.mark.parametrize("description", ["", "no token recorded"])
def test_no_other_token_gets_it(
    ann: Person, bob: Person, admin: Person, service: ServiceHub, description: str
) -> None:
    launch = launched(ann, description=description)
    launched(ann, "other", description=description)
    launched(bob, description=description)
    access = service.hub.user(ann.name, ["access:servers!user"])
    assert ask(service, ann.token, "default", launch).status_code == 403
    assert ask(service, access, "default", launch).status_code == 403
    assert ask(service, ann.server_token("other"), "default", launch).status_code == 403
    assert ask(service, bob.server_token(), "default", launch).status_code == 404
    assert ask(service, bob.token, "default", launch).status_code == 404
    assert ask(service, admin.token, "default", launch).status_code == 404
    assert ask(service, service.hub.token, "default", launch).status_code == 401
    assert ask(service, "0" * 32, "default", launch).status_code == 401


def test_a_browser_never_gets_it(ann: Person, service: ServiceHub) -> None:
    launch = launched(ann)
    with service.hub.browser(ann.name) as browser:
        browser.get("/services/runtiles/login", params={"next": "/hub/home"}, headers=NAVIGATE)
        path = f"/services/runtiles/api/launch-spec/default?launch={launch}"
        assert browser.get(path, headers=NAVIGATE).status_code == 401


def test_wrong_names_and_launches_are_not_found(ann: Person, service: ServiceHub) -> None:
    launch = launched(ann)
    other = launched(ann, "other")
    token = ann.server_token()
    assert ask(service, token, "default", "0" * 16).status_code == 404
    assert ask(service, token, "default", other).status_code == 404
    assert ask(service, token, "other", launch).status_code == 404
    assert ask(service, token, "default", "").status_code == 400


def test_a_launch_that_ended_gives_nothing_more(ann: Person, service: ServiceHub) -> None:
    launch, token = launched(ann), ann.server_token()
    ann.api.post("/runtimes/default/stop")
    ann.wait_for("default", "stopped")
    # The Hub has revoked the token; our own word counts as well.
    assert ask(service, token, "default", launch).status_code in (401, 403)


def test_a_secret_that_was_deleted_meanwhile_is_named(ann: Person, service: ServiceHub) -> None:
    launch = launched(ann)
    ann.api.delete("/secrets/hf")
    answer = ask(service, ann.server_token(), "default", launch)
    assert answer.status_code == 404
    assert "'hf'" in answer.json()["error"]["message"]


def test_without_a_recorded_token_nobody_gets_it(ann: Person, service: ServiceHub) -> None:
    launch = launched(ann, description="no token recorded")
    assert ask(service, ann.server_token(), "default", launch).status_code == 403


@pytest.mark.parametrize("description", ["", "no token recorded"])
def test_an_address_for_other_programs_does_not_get_it(
    ann: Person, service: ServiceHub, description: str
) -> None:
    """It has the very scopes of the own token of a runtime that may do little."""
    launch = launched(ann, description=description)
    access = ann.api.post("/runtimes/default/access").json()
    answer = ask(service, access["token"], "default", launch)
    assert answer.status_code == 403
    assert "canary" not in answer.text
