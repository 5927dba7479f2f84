"""What a person sees: sign in, choose a tile, watch it start, work in JupyterLab; and each failure card."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.git_servers import NewGitServer
from tests.fixtures.page_hub import choose, open_advanced
from tests.integration.site import Person, Site

pytestmark = [pytest.mark.engine, pytest.mark.browser]


async def sign_in(site: Site, page: Page, user: str, path: str = "/hub/spawn") -> None:
    await page.goto(f"/hub/login?next={path}")
    await page.fill("#username_input", user)
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await page.wait_for_url(f"**{path}")


async def picture(page: Page, name: str) -> None:
    """Kept when RUNTILES_SCREENSHOTS names a folder: for people to look at."""
    folder = os.environ.get("RUNTILES_SCREENSHOTS")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))


async def test_from_the_sign_in_page_to_the_files_in_jupyterlab(
    site: Site, person: Person, browsing: Browsing, new_git_server: NewGitServer
) -> None:
    # JupyterLab's own page logs what is no error of ours.
    browsing.allow("")
    server = new_git_server(site.gateway)
    server.create("course").commit({"lesson.md": b"# Hello\n"})
    page = await browsing.page(site.hub.origin)
    await sign_in(site, page, person.name)
    await picture(page, "gallery")
    await choose(page, "plain")
    await open_advanced(page)
    await page.get_by_label("Workspace URL").fill(server.address("course"))
    await page.locator("#rt-start").click()
    await page.wait_for_url(f"**/user/{person.name}/**", timeout=60_000)
    file = page.locator(".jp-DirListing-item").filter(has_text="lesson.md")
    await expect(file).to_be_visible(timeout=60_000)
    await expect(page.locator(".jp-Launcher-body")).to_be_visible()
    await expect(page.get_by_text("Jupyter news")).to_have_count(0)
    await picture(page, "lab")
    assert browsing.foreign == []


async def test_a_slow_launch_is_watched_and_cancelled(
    site: Site, person: Person, browsing: Browsing
) -> None:
    page = await browsing.page(site.hub.origin)
    await sign_in(site, page, person.name)
    await choose(page, "slow-hook")
    await page.locator("#rt-start").click()
    await page.wait_for_url("**/hub/spawn-pending/**")
    await expect(page.locator("body")).to_contain_text("hook begins", timeout=30_000)
    await picture(page, "pending")
    await page.get_by_role("button", name="Cancel").click()
    person.nothing_left()


@pytest.mark.parametrize(
    ("tile", "words"),
    [
        ("exits", ["exit code 3", "last words"]),
        ("missing", ["make image"]),
        ("hungry", ["ran out of memory", "more memory"]),
    ],
)
async def test_each_failure_card_says_why_and_what_to_do(
    site: Site, person: Person, browsing: Browsing, tile: str, words: list[str]
) -> None:
    browsing.allow("500|not running|503")
    page = await browsing.page(site.hub.origin)
    await sign_in(site, page, person.name)
    await choose(page, tile)
    await page.locator("#rt-start").click()
    for word in words:
        await expect(page.locator("body")).to_contain_text(word, timeout=60_000)
    await picture(page, f"failed-{tile}")
    again = page.get_by_role("link", name="Try again").or_(
        page.get_by_role("button", name="Try again")
    )
    await expect(again.first).to_be_visible()
