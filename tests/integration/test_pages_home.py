"""Home, and the page of a server that is not running."""

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub

pytestmark = pytest.mark.browser


async def home(hub: PageHub, browsing: Browsing, user: str) -> Page:
    page = await browsing.page(hub.origin)
    await hub.sign_in(page, user, "/hub/home")
    return page


def start(hub: PageHub, user: str, server: str = "", tile: str = "quick") -> None:
    hub.hub.user(user)
    path = f"/users/{user}/servers/{server}" if server else f"/users/{user}/server"
    hub.hub.api("POST", path, {"user_options": {"tile": tile, "machine": "cpu-large"}})


async def test_each_runtime_says_what_it_is_and_how_it_is(
    page_hub: PageHub, browsing: Browsing
) -> None:
    start(page_hub, "nora")
    start(page_hub, "nora", "second", "pull")
    page = await home(page_hub, browsing, "nora")
    first, second = page.locator('[data-server=""]'), page.locator('[data-server="second"]')
    await expect(first).to_contain_text("Default runtime")
    await expect(first).to_contain_text("Quick start · Large · last used just now")
    await expect(first).to_contain_text("running")
    await expect(second).to_contain_text("starting")
    await second.get_by_role("link", name="Show progress").click()
    assert page.url.endswith("/hub/spawn-pending/nora/second")
    await page.goto("/hub/home")
    await first.get_by_role("link", name="Open").click()
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()


async def test_stop_and_delete_end_the_right_one(page_hub: PageHub, browsing: Browsing) -> None:
    start(page_hub, "maud")
    start(page_hub, "maud", "second")
    page = await home(page_hub, browsing, "maud")
    page.on("dialog", lambda dialog: dialog.accept())
    second = page.locator('[data-server="second"]')
    await second.get_by_role("button", name="Stop").click()
    await expect(second).to_contain_text("stopped")
    assert list(page_hub.hub.api("GET", "/users/maud").json()["servers"]) == [""]
    await second.get_by_role("button", name="Delete").click()
    await expect(second).to_have_count(0)
    first = page.locator('[data-server=""]')
    await first.get_by_role("button", name="Stop").click()
    await expect(first.get_by_role("link", name="Start")).to_be_visible()
    await expect(first).to_contain_text("Quick start · Large")


async def test_a_new_runtime_is_named_first(page_hub: PageHub, browsing: Browsing) -> None:
    page = await home(page_hub, browsing, "nell")
    name = page.get_by_label("Another runtime")
    await name.fill("123 !")
    await page.get_by_role("button", name="Choose a tile").click()
    await expect(page.locator("#rt-new-error")).to_contain_text("at least one letter")
    await name.fill("Größe 7: GPU box")
    await page.get_by_role("button", name="Choose a tile").click()
    await page.wait_for_url("**/hub/spawn/nell/gro-e-7-gpu-box?display_name=**")
    await page.locator("#rt-start").click()
    await page.wait_for_url("**/user/nell/gro-e-7-gpu-box/**")
    await page.goto("/hub/home")
    await expect(page.get_by_role("heading", name="Größe 7: GPU box")).to_be_visible()


async def test_a_server_that_does_not_run_is_offered(page_hub: PageHub, browsing: Browsing) -> None:
    browsing.allow("status of 424")
    page = await home(page_hub, browsing, "opal")
    await page.goto("/user/opal/lab/tree#tile=memory")
    await expect(
        page.get_by_text("This runtime is not running. Its files are kept.")
    ).to_be_visible()
    await page.get_by_role("link", name="Start it").click()
    await expect(page.locator("#rt-link-note")).to_contain_text("Tile: Hungry server")


async def test_every_page_of_the_hub_leads_to_the_runtimes_page(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await home(page_hub, browsing, "pam")
    navigation = page.get_by_role("navigation")
    await expect(navigation.get_by_role("link", name="Admin panel")).to_have_count(0)
    await navigation.get_by_role("link", name="Runtimes").click()
    await page.wait_for_url("**/services/runtiles/")
    await page.get_by_role("link", name="Hub home").click()
    await page.get_by_role("link", name="The runtimes page").click()
    await page.wait_for_url("**/services/runtiles/")
    admin = await home(page_hub, browsing, "admin")
    panel = admin.get_by_role("navigation").get_by_role("link", name="Admin panel")
    await expect(panel).to_have_attribute("href", "/services/runtiles/admin")
