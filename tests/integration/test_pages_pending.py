"""The pending page and the failure card in a real browser, for default and named servers."""

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub, launch
from tests.fixtures.relay import relayed

pytestmark = pytest.mark.browser

#: A failed launch has status 500 at the Hub, 502 at the service; a browser says so on its console.
FAILED_PAGE = "status of 50[02]"


async def signed_in(hub: PageHub, browsing: Browsing, user: str, path: str = "/hub/spawn") -> Page:
    page = await browsing.page(hub.origin)
    page.on("dialog", lambda dialog: browsing.problems.append(f"dialog: {dialog.message}"))
    await hub.sign_in(page, user, path)
    return page


async def states(page: Page) -> dict[str, str]:
    found: dict[str, str] = await page.locator(".rt-phase").evaluate_all(
        """rows => Object.fromEntries(rows.map(
             row => [row.querySelector(".rt-phase-name").textContent, row.dataset.state]))"""
    )
    return found


async def test_a_launch_is_shown_phase_by_phase(page_hub: PageHub, browsing: Browsing) -> None:
    page = await signed_in(page_hub, browsing, "phil")
    await launch(page, "pull")
    await expect(page.locator("#rt-title")).to_have_text("Starting Large image")
    await expect(page.locator(".rt-launch-head")).to_contain_text("Default runtime · One GPU")
    await expect(page.get_by_text("2nd in line for one of 4 GPUs")).to_be_visible()

    page_hub.open_gate("phil", "queued")
    row = page.locator(".rt-phase", has_text="Getting the image")
    await expect(row).to_contain_text("nvcr.io/nvidia/pytorch:21.09-py3 · 2.8 GB of 6.8 GB")
    await expect(row.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "41")
    assert await states(page) == {
        "Waiting for a free machine": "done",
        "Getting the image": "running",
        "Creating the container": "waiting",
        "Starting the container": "waiting",
        "Getting the workspace": "waiting",
        "Starting the server": "waiting",
    }
    await expect(page.locator("#rt-spoken")).to_have_text("Getting the image")

    page_hub.open_gate("phil", "pulling")
    await expect(page.locator("#rt-spoken")).to_have_text("Getting the workspace")
    await expect(page.get_by_text("https://git.example/<b>PyTorch</b>")).to_be_visible()
    await page.locator("#rt-log summary").click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Receiving objects: line 60 <img src=x onerror=alert(1)>")
    assert await log.locator("img").count() == 0

    page_hub.open_gate("phil", "workspace")
    await expect(page.locator("#rt-notices")).to_contain_text("The ref was not found")
    page_hub.open_gate("phil", "server")
    await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
    assert page.url.split("?")[0].endswith("/user/phil/")


async def test_a_reload_and_a_second_tab_see_everything_from_the_start(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await signed_in(page_hub, browsing, "rita")
    page_hub.open_gate("rita", "queued", "pulling")
    await launch(page, "pull")
    await expect(page.locator("#rt-log-count")).to_have_text("(60)")
    before = await states(page)
    await page.reload()
    await expect(page.locator("#rt-log-count")).to_have_text("(60)")
    assert await states(page) == before
    tab = await page.context.new_page()
    await tab.goto("/hub/spawn-pending/rita")
    await expect(tab.locator("#rt-log-count")).to_have_text("(60)")
    assert await states(tab) == before
    page_hub.open_gate("rita", "workspace", "server")
    for each in (page, tab):
        await expect(each.get_by_role("heading", name="The server is here")).to_be_visible()


async def test_a_lost_connection_is_said_and_nothing_counts_twice(
    page_hub: PageHub, browsing: Browsing
) -> None:
    browsing.allow("net::ERR_")
    page_hub.open_gate("lou", "queued", "pulling")
    async with relayed(page_hub.origin) as network:
        page = await browsing.page(network.origin)
        await page_hub.sign_in(page, "lou")
        await launch(page, "pull")
        await expect(page.locator("#rt-log-count")).to_have_text("(60)")
        network.cut()
        await expect(page.locator("#rt-lost")).to_be_visible()
        network.mend()
        await expect(page.locator("#rt-lost")).to_be_hidden(timeout=20_000)
        await expect(page.locator("#rt-log-count")).to_have_text("(60)")
        page_hub.open_gate("lou", "workspace", "server")
        await expect(page.get_by_role("heading", name="The server is here")).to_be_visible()
        await page.context.close()


async def test_cancel_stops_this_server_and_no_other(page_hub: PageHub, browsing: Browsing) -> None:
    page = await signed_in(page_hub, browsing, "carl")
    await launch(page, "quick")
    await page.wait_for_url("**/user/carl/**")
    await page.goto("/hub/spawn/carl/second")
    await launch(page, "pull")
    await expect(page.locator(".rt-launch-head")).to_contain_text("second · One GPU")
    await page.get_by_role("button", name="Cancel").click()
    card = page.locator("#rt-failure")
    await expect(card).to_contain_text("The launch was cancelled")
    await expect(card).to_contain_text("your files are kept")
    await expect(page.locator("#rt-title")).to_have_text("Large image")
    await expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    running = page_hub.hub.api("GET", "/users/carl").json()["servers"]
    assert list(running) == [""], "the default server goes on"
    await page.get_by_role("link", name="Try again").click()
    assert page.url.endswith("/hub/spawn/carl/second")
    assert await page.locator('input[name="tile"]:checked').input_value() == "pull"


async def test_the_failure_card_has_reason_hint_facts_and_the_last_lines(
    page_hub: PageHub, browsing: Browsing
) -> None:
    browsing.allow(FAILED_PAGE)
    page = await signed_in(page_hub, browsing, "olga", "/hub/spawn/olga/second")
    await launch(page, "memory")
    await expect(page.locator("#rt-spoken")).to_have_text("Starting the server")
    page_hub.open_gate("olga", "memory")
    card = page.get_by_role("alert").filter(has_text="The runtime did not start")
    await expect(card).to_be_visible()
    assert (await states(page))["Starting the server"] == "failed"
    await page.reload()
    for _ in range(2):
        for text in (
            "The container ran out of memory while starting: it reached its limit of 2 GiB.",
            "Choose a machine with more memory.",
            "Exit code137",
            "Out of memoryyes",
            "WhileStarting the server",
            "loading shard 30 </pre><b>bold</b>",
        ):
            await expect(page.locator("#rt-failure")).to_contain_text(text)
        assert await page.locator("#rt-failure b").count() == 0
        await page.goto("/hub/spawn-pending/olga/second")
    await page.goto("/hub/home")
    row = page.locator('[data-server="second"]')
    await expect(row).to_contain_text("failed")
    await expect(row).to_contain_text("The container ran out of memory")
    await row.get_by_role("link", name="Why?").click()
    await page.get_by_role("link", name="Choose another tile").click()
    await expect(page.get_by_label("Search tiles")).to_be_focused()
    assert await page.locator('input[name="tile"]:checked').input_value() == "memory"


@pytest.mark.parametrize("user", ["ida", "plain-ida"])
async def test_a_launch_that_fails_at_once_has_its_card_too(
    page_hub: PageHub, browsing: Browsing, user: str
) -> None:
    browsing.allow(FAILED_PAGE)
    page = await signed_in(page_hub, browsing, user)
    page_hub.open_gate(user, "missing")
    await launch(page, "missing")
    card = page.locator("#rt-failure")
    await expect(card).to_contain_text("has no image <b>registry.example/nothing:1</b>.")
    await expect(card).to_contain_text("Check the container's name and tag")
    await card.get_by_role("link", name="Try again").click()
    assert await page.locator('input[name="tile"]:checked').input_value() == "missing"


async def test_the_stop_of_a_launch_from_elsewhere_ends_the_page_too(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await signed_in(page_hub, browsing, "otto")
    await launch(page, "pull")
    await expect(page.get_by_text("2nd in line")).to_be_visible()
    page_hub.hub.api("DELETE", "/users/otto/server")
    await expect(page.locator("#rt-failure")).to_contain_text("The launch was cancelled")
