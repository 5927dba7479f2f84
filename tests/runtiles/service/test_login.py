"""Browsers: OAuth, cookies, XSRF, and where a login may lead."""

from collections.abc import Iterator

import httpx
import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles.service.pages import local_path
from tests.fixtures.hub import FETCH, NAVIGATE
from tests.runtiles.service.conftest import Person, ServiceHub, script_headers

_LOGIN = "/services/runtiles/login"
_API = "/services/runtiles/api"


@pytest.fixture
def browser(ann: Person, service: ServiceHub) -> Iterator[httpx.Client]:
    """Signed in at the Hub, not yet at the service."""
    with service.hub.browser(ann.name) as client:
        yield client


def test_a_login_leads_through_oauth_to_the_asked_path(browser: httpx.Client) -> None:
    page = browser.get(_LOGIN, params={"next": "/hub/home?x=1"}, headers=NAVIGATE)
    assert (page.status_code, page.url.path, page.url.query) == (200, "/hub/home", b"x=1")
    seen = [response.url.path for response in page.history]
    assert "/hub/api/oauth2/authorize" in seen
    assert "/services/runtiles/oauth_callback" in seen


def test_after_the_login_the_runtimes_page_is_shown(browser: httpx.Client) -> None:
    page = browser.get("/hub/", headers=NAVIGATE)
    assert (page.status_code, page.url.path) == (200, "/services/runtiles/")
    assert "<h1>Runtimes</h1>" in page.text


def test_a_stranger_is_asked_to_sign_in(service: ServiceHub) -> None:
    with httpx.Client(base_url=service.hub.origin, follow_redirects=True) as client:
        page = client.get(_LOGIN, params={"next": "/hub/home"}, headers=NAVIGATE)
        assert page.url.path == "/hub/login"


def test_a_script_reads_and_writes_with_cookie_and_xsrf_token(
    browser: httpx.Client, ann: Person
) -> None:
    headers = script_headers(browser)
    assert browser.get(f"{_API}/tiles", headers=headers).status_code == 200
    put = browser.put(f"{_API}/secrets/x", json={"value": "v"}, headers=headers)
    assert put.status_code == 204
    posted = browser.post(f"{_API}/runtimes", json={"tile": "quick"}, headers=headers)
    assert posted.status_code == 201
    assert posted.json()["user"] == ann.name
    assert browser.delete(f"{_API}/runtimes/quick", headers=headers).status_code == 204


@pytest.mark.parametrize("token", [None, "", "wrong", "2|abcd|ef"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_script_without_the_xsrf_token_is_refused(
    browser: httpx.Client, method: str, token: str | None
) -> None:
    script_headers(browser)
    headers = FETCH if token is None else {**FETCH, "X-XSRFToken": token}
    answer = browser.request(method, f"{_API}/runtimes", headers=headers)
    assert answer.status_code in (403, 405)
    if answer.status_code == 403:
        assert answer.json()["error"]["code"] == "xsrf"


def test_an_old_browser_without_fetch_metadata_is_checked_as_well(browser: httpx.Client) -> None:
    script_headers(browser)
    answer = browser.post(f"{_API}/runtimes", json={"tile": "quick"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "xsrf")


def test_the_token_of_one_browser_is_nothing_in_anothers(
    browser: httpx.Client, bob: Person, service: ServiceHub
) -> None:
    mine = script_headers(browser)
    with service.hub.browser(bob.name) as other:
        script_headers(other)
        assert other.get(f"{_API}/secrets", headers=mine).status_code == 403


def test_the_cookies_are_out_of_reach_of_users_servers(browser: httpx.Client) -> None:
    script_headers(browser)
    ours = {c.name: c for c in browser.cookies.jar if c.path == "/services/runtiles/"}
    assert ours.keys() >= {"service-runtiles", "_xsrf"}
    assert ours["service-runtiles"].has_nonstandard_attr("HttpOnly")
    assert not [c.name for c in browser.cookies.jar if "runtiles" in c.name and c.path == "/"]


def test_a_browsers_token_has_only_what_the_service_needs(
    browser: httpx.Client, ann: Person, service: ServiceHub
) -> None:
    script_headers(browser)
    tokens = service.hub.api("GET", f"/users/{ann.name}/tokens").json()["api_tokens"]
    (token,) = [t for t in tokens if "runtiles" in t["oauth_client"]]
    bases = {scope.partition("!")[0] for scope in token["scopes"]}
    assert bases <= {
        *("access:services", "read:users:name", "read:users:groups", "read:users"),
        *("servers", "read:servers", "start:servers", "delete:servers", "list:users"),
    }
    owners = {s.partition("!")[2] for s in token["scopes"] if s.startswith(("servers", "start"))}
    assert owners == {f"user={ann.name}"}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "hub/home",
        "",
        "/a b",
        "/x\r\nSet-Cookie: a=b",
    ],
)
def test_a_login_leads_nowhere_else(browser: httpx.Client, target: str) -> None:
    with pytest.raises(InvalidRequest):
        local_path(target)
    page = browser.get(_LOGIN, params={"next": target}, headers=NAVIGATE)
    assert page.url.path == _LOGIN
    assert page.status_code == 400
    assert "This did not work" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self';")


@pytest.mark.parametrize("target", ["/", "/hub/spawn", "/hub/spawn?a=1#tile=x", "/user/é%20x/lab"])
def test_paths_of_this_site_pass(target: str) -> None:
    assert local_path(target) == target


def test_a_forged_way_back_from_oauth_is_refused(browser: httpx.Client) -> None:
    path = "/services/runtiles/oauth_callback"
    for query in ({}, {"code": "x"}, {"code": "x", "state": "y"}, {"error": "<b>no</b>"}):
        page = browser.get(path, params=query, headers=NAVIGATE)
        assert page.status_code in (400, 403)
        assert "<b>" not in page.text
