"""Whatever changes something is refused to a browser that cannot prove which page asked: on every route
there is, also on those that are yet to be written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from runtiles.service.app import API
from runtiles.service.openapi.routes import Endpoint, endpoints, filled
from tests.fixtures.hub import FETCH, NAVIGATE
from tests.runtiles.service.conftest import Person, ServiceHub, person
from tests.runtiles.service.footprint import footprint

_BASE = "/services/runtiles/api"
_LOOKS = ("get", "head", "options")
#: What a runtime tells is no browser's business: there no cookie is looked at.
CHANGING = [
    endpoint
    for endpoint in endpoints(API)
    if endpoint.method not in _LOOKS and endpoint.described.access != "runtime"
]

#: What would do something, were it not refused; `{}` for the others.
_BODIES: dict[str, Any] = {
    "/secrets/{name}": {"value": "v"},
    "/runtimes/{name}": {"title": "Another"},
    "/admin/drain": {"action": "stop", "message": "x"},
    "/admin/images/budget": {"bytes": 1},
    "/admin/tiles/{slug}": {"title": "Another"},
    "/admin/machines/{slug}": {"title": "Another"},
}


@dataclass(frozen=True)
class Browsing:
    """An admin's browser, logged in at the service: nothing but XSRF stands in its way."""

    client: httpx.Client
    who: Person
    service: ServiceHub


@pytest.fixture(scope="module")
def browsing(service: ServiceHub) -> Iterator[Browsing]:
    with person(service, "admin") as admin, service.hub.browser("admin") as client:
        client.get("/services/runtiles/login", params={"next": "/hub/home"}, headers=NAVIGATE)
        admin.api.post("/runtimes", json={"tile": "quick", "name": "default"})
        admin.wait_for("default", "running")
        yield Browsing(client, admin, service)
        admin.api.delete("/runtimes/default")


def _request(endpoint: Endpoint) -> dict[str, Any]:
    path = filled(endpoint, {"name": "default", "action": "stop", "slug": "quick"})
    body = _BODIES.get(endpoint.path, {})
    return {"method": endpoint.method.upper(), "url": _BASE + path, "json": body}


@pytest.mark.parametrize("endpoint", CHANGING, ids=lambda e: e.name)
@pytest.mark.parametrize("proof", [None, "", "2|abcd|ef"], ids=["none", "empty", "wrong"])
def test_a_browser_without_proof_changes_nothing(
    browsing: Browsing, endpoint: Endpoint, proof: str | None
) -> None:
    before = footprint(browsing.service)
    headers = FETCH if proof is None else {**FETCH, "X-XSRFToken": proof}
    answer = browsing.client.request(**_request(endpoint), headers=headers)
    assert answer.status_code == 403, answer.text
    assert answer.json()["error"]["code"] == "xsrf"
    assert footprint(browsing.service) == before


def test_a_page_of_another_site_changes_nothing(browsing: Browsing) -> None:
    """A form on somebody's page: the cookie may come along, the proof never does."""
    before = footprint(browsing.service)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    for endpoint in CHANGING:
        for mode in ("navigate", "no-cors", "cors"):
            headers = {**elsewhere, "Sec-Fetch-Mode": mode}
            answer = browsing.client.request(**_request(endpoint), headers=headers)
            assert answer.status_code in (401, 403), f"{endpoint.name}: {answer.text}"
    assert footprint(browsing.service) == before


@pytest.mark.parametrize("endpoint", CHANGING, ids=lambda e: e.name)
def test_a_token_in_a_header_needs_no_proof(ann: Person, endpoint: Endpoint) -> None:
    request = {**_request(endpoint), "url": _request(endpoint)["url"].removeprefix(_BASE)}
    answer = ann.api.request(**request)
    refused = answer.json()["error"]["code"] if answer.status_code == 403 else ""
    assert refused in ("", "not_allowed")
    assert answer.status_code != 401


def test_a_token_in_a_header_counts_and_the_cookie_beside_it_does_not(
    browsing: Browsing, bob: Person
) -> None:
    before = footprint(browsing.service, "admin")
    headers = {**FETCH, "Authorization": f"token {bob.token}"}
    client = browsing.client
    assert client.get(f"{_BASE}/runtimes", headers=headers).json() == []
    put = client.put(f"{_BASE}/secrets/both", json={"value": "v"}, headers=headers)
    assert put.status_code == 204
    assert [s["name"] for s in bob.api.get("/secrets").json()] == ["both"]
    stop = client.post(f"{_BASE}/runtimes/default/stop?user=admin", headers=headers)
    assert stop.status_code in (403, 404)
    assert client.get(f"{_BASE}/admin/audit", headers=headers).status_code == 403
    assert footprint(browsing.service, "admin") == before


def test_a_wrong_token_is_not_made_good_by_a_cookie(browsing: Browsing) -> None:
    for token in ("token wrong", "Bearer wrong"):
        answer = browsing.client.get(f"{_BASE}/runtimes", headers={"Authorization": token})
        assert answer.status_code in (401, 403), answer.text
