"""Launch links: they fill in the form, and never more than that."""

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub, open_advanced

pytestmark = pytest.mark.browser

WORKSPACE = "https://git.example/other.git"


async def follow(hub: PageHub, browsing: Browsing, user: str, fragment: str) -> Page:
    """Somebody who is signed in opens a link."""
    page = await browsing.page(hub.origin)
    await hub.sign_in(page, user, "/hub/home")
    await page.goto(f"/hub/spawn#{fragment}")
    return page


async def not_started(hub: PageHub, user: str) -> bool:
    servers = hub.hub.api("GET", f"/users/{user}").json()["servers"]
    return all(server["stopped"] for server in servers.values())


async def test_a_link_fills_in_the_form_and_starts_nothing(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await follow(
        page_hub,
        browsing,
        "linked",
        f"tile=memory&machine=cpu-large&workspace={WORKSPACE}&ref=v1&name=other&command=evil"
        "&environment=A%3D1&workspace_password=x",
    )
    note = page.locator("#rt-link-note")
    await expect(note).to_contain_text("This form was filled in by a link: check before you start.")
    for text in ("Tile: Hungry server", "Machine: Large", f"Workspace: {WORKSPACE}", "Ref: v1"):
        await expect(note).to_contain_text(text)
    assert await page.locator('input[name="tile"]:checked').input_value() == "memory"
    assert await page.locator('input[name="machine"]:checked').input_value() == "cpu-large"
    await open_advanced(page)
    assert await page.get_by_label("Workspace URL").input_value() == WORKSPACE
    assert await page.get_by_label("Runtime name").input_value() == "other"
    for field in ("Command", "Environment", "Password or token"):
        assert await page.get_by_label(field).input_value() == ""
    assert "#" not in page.url, "a reload does not fill it in again"
    assert await not_started(page_hub, "linked")


async def test_a_link_is_kept_through_the_sign_in(page_hub: PageHub, browsing: Browsing) -> None:
    page = await browsing.page(page_hub.origin)
    await page.goto("/hub/spawn#tile=secret-course")
    await page.fill("#username_input", "late")
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await expect(page.locator("#rt-link-note")).to_contain_text("Tile: Hidden course")
    await expect(page.locator("#rt-start-text")).to_contain_text("Hidden course")


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("tile=old", "Tile: Quick start, which takes the place of Old tile (deprecated)"),
        ("tile=nothing", "No tile here is called “nothing”."),
        ("tile=quick&machine=huge", "The machine “huge” cannot be had here."),
        ("tile=quick&image=evil/image:1", "Image evil/image:1 is not allowed here."),
        ("tile=<img src=x onerror=alert(1)>", "No tile here is called “<img"),
        ("tile=__proto__", "No tile here is called “__proto__”."),
    ],
)
async def test_what_a_link_asks_for_in_vain_is_said(
    page_hub: PageHub, browsing: Browsing, fragment: str, text: str
) -> None:
    page = await follow(page_hub, browsing, "vain", fragment)
    await expect(page.locator("#rt-link-note")).to_contain_text(text)
    assert await page.locator('input[name="tile"]:checked').input_value() == "quick"


async def test_nothing_of_the_persons_own_goes_where_a_link_points(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await browsing.page(page_hub.origin)
    await page_hub.sign_in(page, "careful")
    await open_advanced(page)
    await page.get_by_label("Workspace URL").fill("https://git.example/private.git")
    await page.get_by_label("Username", exact=True).fill("careful")
    await page.get_by_label("Password or token").fill("hunter2")
    await page.locator("#rt-start").click()
    await page.wait_for_url("**/user/careful/**")
    page_hub.hub.api("DELETE", "/users/careful/server")
    await page.goto("/hub/spawn")
    await open_advanced(page)
    kept = await page.get_by_label("Password or token").input_value()
    assert kept.startswith("secret:")
    await page.goto(f"/hub/home#{WORKSPACE}")
    await page.goto(f"/hub/spawn#tile=quick&workspace={WORKSPACE}")
    await open_advanced(page)
    assert await page.get_by_label("Workspace URL").input_value() == WORKSPACE
    assert await page.get_by_label("Username", exact=True).input_value() == ""
    assert await page.get_by_label("Password or token").input_value() == ""


async def test_a_choice_can_be_passed_on_as_a_link(page_hub: PageHub, browsing: Browsing) -> None:
    page = await browsing.page(page_hub.origin)
    await page_hub.sign_in(page, "giver")
    await open_advanced(page)
    await page.get_by_label("Workspace URL").fill(WORKSPACE)
    await page.get_by_label("Password or token").fill("hunter2")
    await page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject())")
    await page.get_by_role("button", name="Copy a link to this choice").click()
    link = await page.locator("#rt-copied").text_content() or ""
    assert "hunter2" not in link
    await page.goto("/hub/home")
    await page.goto(link)
    await expect(page.locator("#rt-link-note")).to_contain_text(f"Workspace: {WORKSPACE}")
