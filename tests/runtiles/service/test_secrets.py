"""Secrets over HTTP: whose they are, who may write them, and that nobody reads them back."""

import itertools

import httpx
import pytest

from runtiles.store import LaunchRecord
from tests.runtiles.service.conftest import Person, ServiceHub, script_headers

USE = "access:services!service=runtiles"
_numbers = itertools.count(1)


def newest(person: Person) -> LaunchRecord:
    latest = person.service.store.launches.latest(person.name, "")
    assert latest is not None
    return latest


def new_team(admin: Person, *members: Person) -> str:
    """A group of the Hub with these members."""
    name = f"team-{next(_numbers)}"
    users = {"users": [person.name for person in members]}
    headers = {"Authorization": f"token {admin.token}"}
    for path, body in ((f"/groups/{name}", None), (f"/groups/{name}/users", users)):
        url = admin.service.hub.api_url + path
        assert httpx.post(url, headers=headers, json=body).status_code < 300
    return name


def names(person: Person, **query: str) -> list[tuple[str, str | None]]:
    answer = person.api.get("/secrets", params=query)
    assert answer.status_code == 200, answer.text
    return [(secret["name"], secret["team"]) for secret in answer.json()]


def test_a_secret_is_written_listed_deleted_and_never_read(ann: Person) -> None:
    assert ann.api.get("/secrets").json() == []
    assert ann.api.put("/secrets/git", json={"value": "canary-77"}).status_code == 204
    listed = ann.api.get("/secrets")
    (secret,) = listed.json()
    assert secret.keys() == {"name", "scope", "team", "created", "updated"}
    assert (secret["scope"], secret["team"]) == ("user", None)
    assert "canary-77" not in listed.text
    assert ann.api.get("/secrets/git").status_code == 405
    assert ann.api.delete("/secrets/git").status_code == 204
    assert ann.api.delete("/secrets/git").status_code == 404


def test_bad_names_and_values_are_explained(ann: Person) -> None:
    name = ann.api.put("/secrets/a%20b", json={"value": "x"})
    assert (name.status_code, list(name.json()["error"]["details"]["fields"])) == (400, ["name"])
    for body, field in ((None, "value"), ({"value": 5}, "value"), ({"value": "x", "y": 1}, "y")):
        answer = ann.api.put("/secrets/a", json=body)
        assert answer.status_code == 400
        assert list(answer.json()["error"]["details"]["fields"]) == [field]


def test_users_do_not_share_secrets(ann: Person, bob: Person) -> None:
    ann.api.put("/secrets/git", json={"value": "x"})
    assert bob.api.get("/secrets").json() == []
    assert bob.api.delete("/secrets/git").status_code == 404


# -- teams ----------------------------------------------------------------------------------------


def test_members_see_the_names_and_only_managers_write(
    ann: Person, bob: Person, admin: Person
) -> None:
    team = new_team(admin, ann)
    put = admin.api.put("/secrets/hf", params={"team": team}, json={"value": "canary-78"})
    assert put.status_code == 204
    ann.api.put("/secrets/own", json={"value": "x"})
    assert names(ann) == [("own", None), ("hf", team)]
    assert names(ann, team=team) == [("hf", team)]
    assert names(admin, user=ann.name) == [("own", None), ("hf", team)]
    assert names(bob) == []
    for person in (ann, bob):
        for method, path in (("PUT", "/secrets/hf"), ("DELETE", "/secrets/hf")):
            body = {"value": "y"} if method == "PUT" else None
            answer = person.api.request(method, path, params={"team": team}, json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert bob.api.get("/secrets", params={"team": team}).status_code == 403
    secrets = ann.service.store.secrets
    assert secrets.get(team, "hf", kind="team") == "canary-78"
    assert admin.api.delete("/secrets/hf", params={"team": team}).status_code == 204
    assert names(ann, team=team) == []


def test_a_manager_of_one_team_writes_that_ones(
    ann: Person, admin: Person, service: ServiceHub
) -> None:
    team, other = new_team(admin, ann), new_team(admin, ann)
    token = service.hub.user(admin.name, [USE, f"groups!group={team}"])
    with service.client(token) as manager:
        for name, expected in ((team, 204), (other, 403), (f"{team}x", 403), ("*", 403)):
            answer = manager.put("/secrets/a", params={"team": name}, json={"value": "x"})
            assert answer.status_code == expected, answer.text
        assert manager.get("/secrets", params={"team": team}).status_code == 200
        assert manager.get("/secrets", params={"team": other}).status_code == 403


def test_a_team_that_is_not_there_and_two_owners_are_refused(admin: Person) -> None:
    body = {"value": "x"}
    missing = admin.api.put("/secrets/a", params={"team": "nobody"}, json=body)
    assert (missing.status_code, "'nobody'" in missing.text) == (404, True)
    both = admin.api.put("/secrets/a", params={"team": "x", "user": "admin"}, json=body)
    assert both.status_code == 400


def test_a_browser_of_an_admin_writes_a_teams_secret(
    ann: Person, admin: Person, service: ServiceHub
) -> None:
    team = new_team(admin, ann)
    path = "/services/runtiles/api/secrets/web"
    for person, expected in ((admin, 204), (ann, 403)):
        with service.hub.browser(person.name) as browser:
            headers = script_headers(browser)
            answer = browser.put(path, params={"team": team}, json={"value": "x"}, headers=headers)
            assert answer.status_code == expected, answer.text
            listed = browser.get(path.rpartition("/")[0], headers=headers).json()
    assert [(secret["name"], secret["team"]) for secret in listed] == [("web", team)]


def test_a_launch_takes_the_persons_own_then_the_teams(
    ann: Person, admin: Person, service: ServiceHub
) -> None:
    team = new_team(admin, ann)
    for name, value in (("both", "of team"), ("theirs", "canary-79")):
        admin.api.put(f"/secrets/{name}", params={"team": team}, json={"value": value})
    ann.api.put("/secrets/both", json={"value": "of ann"})
    environment = {"BOTH": "secret:both", "THEIRS": "secret:theirs"}
    launched = ann.launch(tile="quick", name="default", environment=environment)
    assert "canary-79" not in str(launched)
    ann.wait_for("default", "running")
    launch = newest(ann)
    with service.client(ann.server_token()) as runtime:
        spec = runtime.get("/launch-spec/default", params={"launch": launch.id}).json()
    assert spec["environment"] == {"BOTH": "of ann", "THEIRS": "canary-79"}
    assert sorted(spec["secret_names"]) == ["BOTH", "THEIRS"]
    assert spec["secret_files"] == {}


def test_a_launch_with_a_secret_of_another_team_is_refused(ann: Person, admin: Person) -> None:
    team = new_team(admin)
    admin.api.put("/secrets/theirs", params={"team": team}, json={"value": "x"})
    for path in ("/runtimes", "/runtimes/preview"):
        options = {"tile": "quick", "environment": {"A": "secret:theirs"}}
        answer = ann.api.post(path, json=options)
        assert answer.status_code == 400
        assert "'theirs'" in answer.json()["error"]["details"]["fields"]["environment.A"]


def test_a_tile_gives_its_secrets_as_files(ann: Person, service: ServiceHub) -> None:
    ann.api.put("/secrets/hf", json={"value": "canary-80"})
    environment = {"HF": "secret:hf", "PLAIN": "1", "TYPED_TOKEN": "canary-81"}
    preview = ann.api.post("/runtimes/preview", json={"tile": "files", "environment": {}}).json()
    assert preview["secrets_as"] == "file"
    ann.launch(tile="files", name="default", environment=environment)
    ann.wait_for("default", "running")
    launch = newest(ann)
    assert "canary" not in str(launch.spec)
    with service.client(ann.server_token()) as runtime:
        spec = runtime.get("/launch-spec/default", params={"launch": launch.id}).json()
    assert spec["environment"] == {"PLAIN": "1"}
    assert spec["secret_files"] == {"HF": "canary-80", "TYPED_TOKEN": "canary-81"}


# -- admins ---------------------------------------------------------------------------------------


def test_an_admin_sees_names_and_nothing_else(ann: Person, admin: Person) -> None:
    team = new_team(admin, ann)
    ann.api.put("/secrets/mine", json={"value": "canary-82"})
    admin.api.put("/secrets/ours", params={"team": team}, json={"value": "canary-83"})
    answer = admin.api.get("/admin/secrets")
    items = answer.json()["items"]
    assert all(item.keys() == {"kind", "owner", "name", "updated"} for item in items)
    found = [(i["kind"], i["owner"], i["name"]) for i in items if i["owner"] in (ann.name, team)]
    assert found == [("user", ann.name, "mine"), ("team", team, "ours")]
    assert "canary" not in answer.text
    assert ann.api.get("/admin/secrets").status_code == 403


def test_what_is_written_and_deleted_is_on_record_without_its_value(
    ann: Person, admin: Person, service: ServiceHub
) -> None:
    team = new_team(admin, ann)
    ann.api.put("/secrets/mine", json={"value": "canary-84"})
    ann.api.delete("/secrets/mine")
    admin.api.put("/secrets/ours", params={"team": team}, json={"value": "canary-85"})
    audit = service.store.audit
    _, hers = audit.page(actor=ann.name)
    target = f"secret:user:{ann.name}/mine"
    assert [(e.action, e.target) for e in hers] == [
        ("secret.delete", target),
        ("secret.put", target),
    ]
    total, entries = audit.page(target=team)
    assert (total, entries[0].actor, entries[0].action) == (1, "admin", "secret.put")
    assert "canary" not in str([hers, entries])


@pytest.mark.parametrize("path", ["/secrets/x", "/secrets/y?team=nobody"])
def test_what_is_refused_is_not_on_record(ann: Person, service: ServiceHub, path: str) -> None:
    assert ann.api.delete(path).status_code in (403, 404)
    assert service.store.audit.page(actor=ann.name)[0] == 0
