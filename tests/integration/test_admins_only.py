"""Every address below /admin is for the admins of the site, whatever is asked there."""

import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
from tornado.web import RequestHandler

from runtiles.service.app import API
from tests.fixtures.hub import NO_TLS
from tests.integration.catalogue_site import CatalogueSite, catalogue_site

USE = "access:services!service=runtiles"
_BARE = secrets.token_hex(16)
_BARE_SERVICE = f"""
c.JupyterHub.services = [*c.JupyterHub.services, {{"name": "bare", "api_token": "{_BARE}"}}]
c.JupyterHub.load_roles = [
    *c.JupyterHub.load_roles, {{"name": "bare", "services": ["bare"], "scopes": ["{USE}"]}}
]
"""
_METHODS = ("get", "post", "put", "patch", "delete")


def calls() -> list[tuple[str, str]]:
    """Method and path of everything below /admin, with a name filled in where one belongs."""
    return [
        (method.upper(), re.sub(r"\([^)]*\)", "plain", pattern))
        for pattern, handler in API
        if pattern.startswith("/admin")
        for method in _METHODS
        if getattr(handler, method) is not getattr(RequestHandler, method)
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogueSite]:
    with catalogue_site(tmp_path_factory.mktemp("admins"), _BARE_SERVICE) as running:
        yield running


def test_there_is_something_to_ask() -> None:
    assert {("PUT", "/admin/tiles/plain"), ("GET", "/admin/audit")} <= set(calls())


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("ann", ()),
        ("ann", (USE, "servers!user")),
        ("admin", (USE, "servers!user=admin", "list:users")),
        ("admin", (USE, "read:servers", "start:servers", "delete:servers")),
    ],
    ids=["a user", "a user's token", "an admin's filtered token", "a part of the scope"],
)
def test_whoever_does_not_manage_all_servers_is_refused(
    site: CatalogueSite, name: str, scopes: tuple[str, ...]
) -> None:
    with site.user(name, *scopes) as client:
        assert client.get("/tiles").status_code == 200
        all_refused(client)


def test_a_service_without_scopes_is_refused(site: CatalogueSite) -> None:
    with site.api(_BARE) as client:
        assert client.get("/tiles").status_code == 200
        all_refused(client)


def test_nobody_at_all_is_refused(site: CatalogueSite) -> None:
    with httpx.Client(base_url=f"{site.hub.origin}/services/runtiles/api", verify=NO_TLS) as client:
        for method, path in calls():
            assert client.request(method, path).status_code == 401, f"{method} {path}"


def all_refused(client: httpx.Client) -> None:
    for method, path in calls():
        body: dict[str, str] | None = {} if method in ("POST", "PUT", "PATCH") else None
        answer = client.request(method, path, json=body)
        assert answer.status_code == 403, f"{method} {path}: {answer.text}"
        assert answer.json()["error"]["details"]["scope"] == "servers", f"{method} {path}"
