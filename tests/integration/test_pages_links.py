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


# -- the short form, /services/runtiles/launch#tile=… --------------------------------------------------


async def test_a_short_link_leads_to_the_gallery(page_hub: PageHub, browsing: Browsing) -> None:
    page = await browsing.page(page_hub.origin)
    await page_hub.sign_in(page, "short", "/hub/home")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"/services/runtiles/launch#tile=memory&workspace={WORKSPACE}&name=other")
    note = page.locator("#rt-link-note")
    await expect(note).to_contain_text("Tile: Hungry server")
    await expect(note).to_contain_text(f"Workspace: {WORKSPACE}")
    assert await not_started(page_hub, "short")
    assert not any("git.example" in url.partition("#")[0] for url in asked)


async def test_a_short_link_survives_the_sign_in(page_hub: PageHub, browsing: Browsing) -> None:
    page = await browsing.page(page_hub.origin)
    await page.goto("/services/runtiles/launch#tile=secret-course")
    await page.fill("#username_input", "shortlate")
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await expect(page.locator("#rt-link-note")).to_contain_text("Tile: Hidden course")


async def test_a_link_never_lands_in_the_runtime_that_is_there(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page_hub.hub.user("busy")
    page_hub.hub.api("POST", "/users/busy/server", {"user_options": {"tile": "quick"}})
    page = await browsing.page(page_hub.origin)
    await page_hub.sign_in(page, "busy", "/hub/home")
    await page.goto(f"/services/runtiles/launch#tile=pull&workspace={WORKSPACE}")
    await expect(page.locator("#rt-link-note")).to_contain_text("Tile: Large image")
    assert page.url.endswith("/hub/spawn/busy/pull")
    await page.goto("/services/runtiles/")
    await page.get_by_role("banner").get_by_role("link", name="New runtime").click()
    await page.wait_for_url("**/hub/spawn/busy/runtime")
    await expect(page.get_by_role("heading", name="Start a runtime")).to_be_visible()


async def test_links_and_badges_are_made_for_passing_on(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await browsing.page(page_hub.origin)
    await page_hub.sign_in(page, "maker", "/services/runtiles/")
    await page.get_by_role("button", name="Launch link…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Tile").select_option("pull")
    await dialog.get_by_label("Workspace URL").fill("https://git.example/a(b)/c d.git")
    await dialog.get_by_label("Ref", exact=True).fill("v1")
    link = await dialog.get_by_label("Link", exact=True).input_value()
    box = dialog.get_by_role("textbox", name="Markdown with the badge")
    markdown = await box.input_value()
    assert link == (
        f"{page_hub.origin}/services/runtiles/launch"
        "#tile=pull&workspace=https%3A%2F%2Fgit.example%2Fa%28b%29%2Fc+d.git&ref=v1"
    )
    badge = f"{page_hub.origin}/services/runtiles/badge.svg"
    assert markdown == f"[![Open in Runtiles]({badge})]({link})"
    picture = dialog.get_by_role("img", name="Open in Runtiles")
    assert await picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 148
    await page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject())")
    await dialog.get_by_role("button", name="Copy: Link").click()
    await expect(dialog.get_by_text("press Ctrl+C")).to_be_visible()
    await page.goto(link)
    note = page.locator("#rt-link-note")
    await expect(note).to_contain_text("Workspace: https://git.example/a(b)/c d.git")
