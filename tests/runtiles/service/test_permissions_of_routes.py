"""The rules about who may what, asked of every route there is."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtiles.service.app import API, PAGES
from runtiles.service.openapi import USER
from runtiles.service.openapi.routes import Endpoint, endpoints, filled
from runtiles.store import SnapshotRecord
from tests.fixtures.hub import NAVIGATE, NO_TLS
from tests.runtiles.service.conftest import Person, ServiceHub, person
from tests.runtiles.service.footprint import footprint

ALL = [endpoint for endpoint in endpoints(API) if endpoint.operation]
OF_USERS = [e for e in ALL if e.operation and USER in e.operation.query]
GUARDED = [e for e in ALL if e.operation and e.operation.access != "public"]
OF_ADMINS = [e for e in ALL if e.operation and e.operation.access == "admin"]

#: Where launch links lead, what pages are made of, and OAuth's way back.
_PUBLIC_PAGES = ("launch", "badge", "static", "oauth_callback")
_GROUP = re.compile(r"\([^()]*\)")

#: What is there of the victim, for requests that would reach it if they could.
_HERS = {"name": "default", "action": "stop", "slug": "quick"}
_BODIES: dict[str, Any] = {
    "/secrets/{name}": {"value": "v"},
    "/runtimes": {"tile": "quick", "name": "intruder"},
    "/runtimes/{name}": {"title": "Another"},
    "/snapshots/{snapshot}": {"name": "Another"},
    "/admin/runtimes/actions": {"action": "stop", "runtimes": []},
    "/admin/drain": {"action": "stop", "message": "x"},
    "/admin/images/budget": {"bytes": 1},
}


@pytest.fixture(scope="module")
def victim(service: ServiceHub) -> Iterator[Person]:
    """Somebody with a running runtime, a secret and a snapshot."""
    with person(service, "victim") as found:
        found.launch(tile="quick", name="default")
        found.wait_for("default", "running")
        assert found.api.put("/secrets/default", json={"value": "hers"}).status_code == 204
        service.store.notices.send(["victim"], "for her eyes", author="admin")
        # A path's parameter is filled with its own name.
        snapshot = SnapshotRecord("snapshot", "victim", "", 1.0, 10, trusted=False)
        service.store.snapshots.add(snapshot, {"kernels": []})
        yield found


@pytest.fixture(scope="module")
def intruder(service: ServiceHub) -> Iterator[Person]:
    with person(service, "intruder") as found:
        yield found


def ask(client: httpx.Client, endpoint: Endpoint, **params: str) -> httpx.Response:
    body = None if endpoint.method == "get" else _BODIES.get(endpoint.path, {})
    path = filled(endpoint, _HERS)
    return client.request(endpoint.method.upper(), path, params=params, json=body)


def test_every_route_says_who_may_call_it() -> None:
    """Only these answer anybody."""
    public = {e.path for e in ALL if e.operation and e.operation.access == "public"}
    assert public == {"/", "/openapi.json"}
    assert {e.path.startswith("/admin") for e in OF_ADMINS} == {True}
    assert [e for e in ALL if e.path.startswith("/admin") and e not in OF_ADMINS] == []


@pytest.mark.parametrize("endpoint", OF_USERS, ids=lambda e: e.name)
def test_nobody_reaches_what_is_somebody_elses(
    service: ServiceHub, victim: Person, intruder: Person, endpoint: Endpoint
) -> None:
    before = footprint(service, victim.name)
    answer = ask(intruder.api, endpoint, user=victim.name)
    assert answer.status_code in (403, 404), answer.text
    assert footprint(service, victim.name) == before


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda e: e.name)
def test_whatever_a_user_asks_leaves_others_alone(
    service: ServiceHub, victim: Person, intruder: Person, endpoint: Endpoint
) -> None:
    """Also by names and numbers that are the victim's, and without saying whose."""
    before = footprint(service, victim.name)
    if not endpoint.path.endswith(("/events", "/progress")):
        answer = ask(intruder.api, endpoint)
        assert "for her eyes" not in answer.text
        assert victim.name not in answer.text
    assert footprint(service, victim.name) == before


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda e: e.name)
@pytest.mark.parametrize("token", [None, "0" * 32], ids=["no token", "unknown token"])
def test_who_is_unknown_is_told_nothing(
    service: ServiceHub, endpoint: Endpoint, token: str | None
) -> None:
    with service.client(token or "") as nobody:
        if token is None:
            del nobody.headers["Authorization"]
        answer = ask(nobody, endpoint, launch="x")
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"]["code"] == "unauthenticated"


@pytest.mark.parametrize("endpoint", OF_ADMINS, ids=lambda e: e.name)
def test_what_is_for_admins_is_for_admins(
    service: ServiceHub, intruder: Person, endpoint: Endpoint
) -> None:
    before = footprint(service)
    with intruder.limited("access:services!service=runtiles", "servers!user") as narrow:
        for client in (intruder.api, narrow):
            answer = ask(client, endpoint)
            assert answer.status_code == 403, answer.text
            assert answer.json()["error"]["code"] == "not_allowed"
    assert footprint(service) == before


@pytest.mark.parametrize("pattern", [route[0] for route in PAGES])
def test_a_page_is_for_who_is_logged_in(service: ServiceHub, pattern: str) -> None:
    path = f"/services/runtiles/{_GROUP.sub('0', pattern).replace(chr(92), '')}"
    with httpx.Client(base_url=service.hub.origin, verify=NO_TLS, timeout=30) as nobody:
        answer = nobody.get(path, headers=NAVIGATE)
    if pattern.startswith(_PUBLIC_PAGES):
        assert answer.status_code in (200, 400, 404)
        assert "victim" not in answer.text
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/hub/api/oauth2/authorize")


def test_the_service_itself_can_end_servers_and_nothing_else(
    service: ServiceHub, victim: Person
) -> None:
    """Its account sees and stops them, for what outlasts whoever asked; it may not call our API."""
    before = footprint(service, victim.name)
    token = service_token(service)
    with httpx.Client(
        base_url=service.hub.api_url,
        headers={"Authorization": f"token {token}"},
        verify=NO_TLS,
        timeout=30,
    ) as account:
        me = account.get("/user")
        assert me.json()["name"] == "runtiles"
        for method, path in (
            ("POST", "/users/victim/servers/started-by-the-service"),
            ("POST", "/users/victim/server"),
            ("POST", "/users/victim/tokens"),
            ("POST", "/users/nobody-yet"),
            ("GET", "/groups"),
            ("POST", "/shutdown"),
        ):
            answer = account.request(method, path)
            assert answer.status_code in (403, 404), f"{method} {path}: {answer.text}"
    with service.client(token) as account:
        for endpoint in OF_USERS:
            answer = ask(account, endpoint, user=victim.name)
            assert answer.status_code in (403, 404), f"{endpoint.name}: {answer.text}"
        for endpoint in OF_ADMINS:
            assert ask(account, endpoint).status_code == 403, endpoint.name
    assert footprint(service, victim.name) == before


def service_token(service: ServiceHub) -> str:
    """The one that the Hub gave the service, from the environment of its process."""
    assert service.hub.process is not None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = process.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) != service.hub.process.pid:
                continue
            environment = process.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        found = dict(item.partition(b"=")[::2] for item in environment)
        if os.fsdecode(found.get(b"JUPYTERHUB_SERVICE_NAME", b"")) == "runtiles":
            return os.fsdecode(found[b"JUPYTERHUB_API_TOKEN"])
    raise AssertionError("the Hub runs no service")
