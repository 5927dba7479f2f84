"""The pages over HTTP: who gets them, what a browser may do with them, what is kept how long."""

from collections.abc import Iterator

import httpx
import pytest

from tests.fixtures.hub import NAVIGATE, NO_TLS
from tests.runtiles.service.conftest import Person, ServiceHub

HOME = "/services/runtiles/"


@pytest.fixture
def stranger(service: ServiceHub) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.hub.origin, verify=NO_TLS, timeout=30) as client:
        yield client


@pytest.fixture
def browser(ann: Person, service: ServiceHub) -> Iterator[httpx.Client]:
    with service.hub.browser(ann.name) as client:
        yield client


def test_the_runtimes_page_is_for_who_is_signed_in(
    stranger: httpx.Client, browser: httpx.Client, ann: Person
) -> None:
    asked = stranger.get(HOME, headers=NAVIGATE)
    assert asked.status_code == 302
    assert "/hub/api/oauth2/authorize" in asked.headers["Location"]
    page = browser.get(HOME, headers=NAVIGATE)
    assert page.status_code == 200
    assert f'name="runtiles-user" content="{ann.name}"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_of_snapshots_is_for_who_is_signed_in(
    stranger: httpx.Client, browser: httpx.Client
) -> None:
    assert stranger.get(f"{HOME}snapshots", headers=NAVIGATE).status_code == 302
    page = browser.get(f"{HOME}snapshots", headers=NAVIGATE)
    assert page.status_code == 200
    assert "<h1>Snapshots</h1>" in page.text


def test_without_a_slash_it_is_the_same_page(browser: httpx.Client) -> None:
    assert browser.get(HOME.rstrip("/"), headers=NAVIGATE).url.path == HOME


def test_a_page_that_is_not_there_is_told_to_people_as_a_page(stranger: httpx.Client) -> None:
    page = stranger.get(f"{HOME}nothing", headers=NAVIGATE)
    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert "There is no such page." in page.text
    unknown = stranger.get(f"{HOME}api/nothing")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["code"] == "not_found"


def test_the_launch_page_and_the_badge_are_for_anybody(stranger: httpx.Client) -> None:
    page = stranger.get(f"{HOME}launch", headers=NAVIGATE)
    assert page.status_code == 200
    assert "Nothing is started before you say so." in page.text
    badge = stranger.get(f"{HOME}badge.svg")
    assert badge.status_code == 200
    assert badge.headers["Content-Type"] == "image/svg+xml"
    assert badge.headers["Cache-Control"].startswith("public")
    assert "Open in Runtiles" in badge.text


def test_files_are_kept_for_as_long_as_they_are_the_same(stranger: httpx.Client) -> None:
    page = stranger.get(f"{HOME}launch", headers=NAVIGATE).text
    path = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    file = stranger.get(path)
    assert file.headers["Content-Type"].startswith("text/css")
    assert "immutable" in file.headers["Cache-Control"]
    version = path.split("/")[-2]
    old = stranger.get(path.replace(version, "0" * len(version)))
    assert old.headers["Cache-Control"] == "no-cache"
    assert old.text == file.text
    again = stranger.get(path, headers={"If-None-Match": file.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["nothing.js", "../app.py", "..%2fapp.py", "base.html", "%2e%2e/templates/base.html"]
)
def test_there_are_no_other_files(stranger: httpx.Client, name: str) -> None:
    assert stranger.get(f"{HOME}static/00/{name}").status_code == 404


def test_admins_are_led_to_the_panel(browser: httpx.Client, service: ServiceHub) -> None:
    panel = 'href="/services/runtiles/admin"'
    assert panel not in browser.get(HOME, headers=NAVIGATE).text
    with service.hub.browser("admin") as admin:
        assert panel in admin.get(HOME, headers=NAVIGATE).text
