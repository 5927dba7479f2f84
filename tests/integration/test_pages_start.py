"""Start: through the service, through the Hub when there is none, and what bad input looks like."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub, choose, open_advanced

pytestmark = pytest.mark.browser

#: A browser reports refused requests on the console; here they are what is tested.
REFUSED = r"Failed to load resource: the server responded with a status of 4\d\d"


async def gallery(hub: PageHub, browsing: Browsing, user: str, path: str = "/hub/spawn") -> Page:
    page = await browsing.page(hub.origin)
    await hub.sign_in(page, user, path)
    return page


def posts(page: Page) -> list[str]:
    """Where the page posts to, by path, from now on."""
    seen: list[str] = []
    page.on(
        "request",
        lambda r: (
            seen.append(re.sub(r"https?://[^/]+|\?.*", "", r.url)) if r.method == "POST" else None
        ),
    )
    return seen


def servers(hub: PageHub, user: str) -> dict[str, dict[str, object]]:
    """The user's servers that run or start."""
    model = hub.hub.api("GET", f"/users/{user}?include_stopped_servers=1").json()
    return {name: s for name, s in model["servers"].items() if not s["stopped"]}


async def test_start_goes_through_the_service(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "ann")
    sent = posts(page)
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    assert sent == ["/hub/api/users/ann/tokens", "/services/runtiles/api/runtimes"]
    assert servers(page_hub, "ann")[""]["user_options"] == {
        "profile": "quick",
        "tile": "quick",
        "machine": "cpu-small",
    }


@pytest.mark.parametrize("user", ["plain", "lost"])
async def test_start_goes_through_the_hub_where_no_service_answers(
    page_hub: PageHub, browsing: Browsing, user: str
) -> None:
    browsing.allow(REFUSED)
    page = await gallery(page_hub, browsing, user)
    sent = posts(page)
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    assert sent[-1] == "/hub/spawn"
    assert "" in servers(page_hub, user)


async def test_start_needs_no_script(page_hub: PageHub, browsing: Browsing) -> None:
    page = await browsing.page(page_hub.origin, javascript=False)
    await page_hub.sign_in(page, "plain-html")
    await page.locator("#rt-advanced summary").click()
    await page.locator("#rt-f-workspace_ref").fill("v2")
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    options = servers(page_hub, "plain-html")[""]["user_options"]
    assert options == {
        "profile": "quick",
        "tile": "quick",
        "machine": "cpu-small",
        "workspace": {"ref": "v2"},
    }


async def test_without_scripts_a_refusal_names_each_field(
    page_hub: PageHub, browsing: Browsing
) -> None:
    browsing.allow(REFUSED)
    page = await browsing.page(page_hub.origin, javascript=False)
    await page_hub.sign_in(page, "plain-refused")
    await page.locator("#rt-advanced summary").click()
    await page.locator("#rt-f-workspace_url").fill("ftp://<b>git.example</b>")
    await page.locator("#rt-f-time_limit").fill("soon")
    await page.locator("#rt-start").click()
    note = page.locator("#rt-form-error")
    await expect(note).to_contain_text("time_limit: must be a duration")
    await expect(note).to_contain_text("workspace.url: must start with https://")
    await expect(note.locator("li")).to_have_count(2)


@pytest.mark.parametrize("user", ["bea", "plain-bea", "lost-bea"])
async def test_each_bad_field_says_what_is_wrong_and_nothing_is_lost(
    page_hub: PageHub, browsing: Browsing, user: str
) -> None:
    browsing.allow(REFUSED)
    page = await gallery(page_hub, browsing, user)
    await choose(page, "memory")
    await open_advanced(page)
    await page.get_by_label("Workspace URL").fill("http://git.example/x.git")
    await page.get_by_label("Time limit").fill("soon")
    await page.get_by_label("Environment").fill("PATH=/evil\nLD_PRELOAD=x")
    await page.get_by_label("Password or token").fill("hunter2")
    await page.locator("#rt-advanced summary").click()
    await page.locator("#rt-start").click()
    url = page.get_by_label("Workspace URL")
    await expect(page.locator("#rt-e-workspace_url")).to_contain_text("this site clones over https")
    await expect(page.locator("#rt-e-time_limit")).to_contain_text("must be a duration")
    for name in ("PATH", "LD_PRELOAD"):
        await expect(page.locator("#rt-e-environment")).to_contain_text(f"{name}: ")
    await expect(page.locator("#rt-form-error")).to_contain_text("Check the 3 marked fields.")
    assert await url.get_attribute("aria-invalid") == "true"
    assert await page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert await url.input_value() == "http://git.example/x.git"
    assert await page.get_by_label("Password or token").input_value() == "hunter2"
    assert await page.locator('input[name="tile"]:checked').input_value() == "memory"
    assert servers(page_hub, user) == {}
    await expect(page.locator("#rt-start")).to_be_enabled()


async def test_errors_go_away_with_what_caused_them(page_hub: PageHub, browsing: Browsing) -> None:
    browsing.allow(REFUSED)
    page = await gallery(page_hub, browsing, "cleo")
    await open_advanced(page)
    await page.get_by_label("Environment").fill("A=1\nnothing")
    await page.locator("#rt-start").click()
    await expect(page.locator("#rt-e-environment")).to_have_text("line 2 must be NAME=value")
    await page.get_by_label("Environment").fill("A=1")
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    assert servers(page_hub, "cleo")[""]["user_options"]["environment"] == {"A": "1"}  # type: ignore[index]


async def test_a_typed_password_is_a_secret_before_the_hub_sees_it(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await gallery(page_hub, browsing, "dora")
    await open_advanced(page)
    await page.get_by_label("Workspace URL").fill("https://git.example/private.git")
    await page.get_by_label("Username", exact=True).fill("dora")
    await page.get_by_label("Password or token").fill("canary-5d1f")
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    workspace = servers(page_hub, "dora")[""]["user_options"]["workspace"]  # type: ignore[index]
    assert workspace["password"].startswith("secret:")
    assert "canary-5d1f" not in page_hub.hub.log
    for name in ("hub.sqlite", "runtiles.sqlite"):
        assert "canary-5d1f" not in dump(page_hub.hub.folder / name)


def dump(path: Path) -> str:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        text = "\n".join(database.iterdump())
    database.close()
    return text


async def test_a_typed_name_starts_another_runtime(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "emma")
    await open_advanced(page)
    name = page.get_by_label("Runtime name")
    await name.fill("Not A Name")
    await page.locator("#rt-start").click()
    await expect(page.locator("#rt-e-name")).to_contain_text("small letters")
    await name.fill("second")
    await page.locator("#rt-start").click()
    await page.wait_for_url("**/user/emma/second/**")
    assert set(servers(page_hub, "emma")) == {"second"}


async def test_a_name_that_is_taken_is_refused(page_hub: PageHub, browsing: Browsing) -> None:
    browsing.allow(REFUSED)
    page_hub.hub.user("fay")
    page_hub.hub.api("POST", "/users/fay/servers/second", {"user_options": {"tile": "quick"}})
    page = await gallery(page_hub, browsing, "fay")
    await open_advanced(page)
    await page.get_by_label("Runtime name").fill("second")
    await page.locator("#rt-start").click()
    await expect(page.locator("#rt-form-error")).to_contain_text("is running or starting")
    assert set(servers(page_hub, "fay")) == {"second"}


@pytest.mark.parametrize("user", ["gina", "plain-gina"])
async def test_a_named_runtime_is_started_from_its_own_page_again_and_again(
    page_hub: PageHub, browsing: Browsing, user: str
) -> None:
    page = await gallery(page_hub, browsing, user, f"/hub/spawn/{user}/lab")
    await expect(page.locator("#rt-main")).to_contain_text("Runtime: lab")
    for _ in range(2):
        await page.locator("#rt-start").click()
        await page.wait_for_url(f"**/user/{user}/lab/**")
        assert set(servers(page_hub, user)) == {"lab"}
        page_hub.hub.api("DELETE", f"/users/{user}/servers/lab")
        await page.goto(f"/hub/spawn/{user}/lab")


async def test_the_last_choice_is_remembered(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "hedy")
    await choose(page, "markup")
    await page.locator('[data-machine="cpu-large"]').click()
    await open_advanced(page)
    await page.get_by_label("Description").fill("for <b>later</b>")
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    page_hub.hub.api("DELETE", "/users/hedy/server")
    other = await gallery(page_hub, browsing, "hedy")
    assert await other.locator('input[name="tile"]:checked').input_value() == "markup"
    assert await other.locator('input[name="machine"]:checked').input_value() == "cpu-large"
    assert await other.locator("#rt-f-description").input_value() == "for <b>later</b>"
    await choose(other, "quick")
    assert await other.locator("#rt-f-description").input_value() == "", "it was the tile's"


async def test_an_admin_starts_the_runtime_of_somebody_else(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page_hub.hub.user("iris")
    page = await gallery(page_hub, browsing, "admin", "/hub/spawn/iris")
    await expect(page.locator(".rt-lead").first).to_contain_text("For iris.")
    await page.locator("#rt-start").click()
    await page.wait_for_url(lambda url: "/hub/spawn/iris" not in url)
    assert "" in servers(page_hub, "iris")
    assert servers(page_hub, "admin") == {}


async def test_a_hub_that_does_not_answer_costs_no_input(
    page_hub: PageHub, browsing: Browsing
) -> None:
    browsing.allow("ERR_INTERNET_DISCONNECTED")
    page = await gallery(page_hub, browsing, "judy")
    await open_advanced(page)
    await page.get_by_label("Description").fill("still here")
    await page.context.set_offline(True)
    await page.locator("#rt-start").click()
    await expect(page.locator("#rt-form-error")).to_contain_text("The Hub does not answer.")
    assert await page.get_by_label("Description").input_value() == "still here"
    await page.context.set_offline(False)
    await page.locator("#rt-start").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
