"""axe-core finds nothing to object to in our pages, in both themes."""

from importlib.resources import files
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub, choose, launch, open_advanced

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
Theme = Literal["light", "dark"]
both_themes = pytest.mark.parametrize("theme", ["light", "dark"])


async def violations(page: Page, where: str = "main") -> list[str]:
    await page.evaluate(AXE)
    result: dict[str, Any] = await page.evaluate(
        "where => axe.run(where, {resultTypes: ['violations'], preload: false})", where
    )
    return [
        f"{found['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


async def signed_in(hub: PageHub, browsing: Browsing, theme: Theme, user: str) -> Page:
    page = await browsing.page(hub.origin, theme=theme)
    await hub.sign_in(page, f"{user}-{theme}")
    return page


@both_themes
async def test_sign_in(page_hub: PageHub, browsing: Browsing, theme: Theme) -> None:
    page = await browsing.page(page_hub.origin, theme=theme)
    await page.goto("/hub/login")
    assert await violations(page, "#login-main") == []


@both_themes
async def test_gallery(page_hub: PageHub, browsing: Browsing, theme: Theme) -> None:
    browsing.allow("status of 400")
    page = await signed_in(page_hub, browsing, theme, "ada")
    assert await page.locator("html").get_attribute("data-bs-theme") == theme
    await choose(page, "pytorch-1-10")
    await open_advanced(page)
    await page.get_by_label("Time limit").fill("soon")
    await page.locator("#rt-start").click()
    await expect(page.locator("#rt-e-time_limit")).not_to_be_empty()
    assert await violations(page) == []


@both_themes
async def test_launch_link(page_hub: PageHub, browsing: Browsing, theme: Theme) -> None:
    page = await signed_in(page_hub, browsing, theme, "bob")
    await page.goto("/hub/home")
    await page.goto("/hub/spawn#tile=markup&machine=none")
    await expect(page.locator("#rt-link-note")).to_be_visible()
    await page.get_by_label("Search tiles").fill("nothing at all")
    assert await violations(page) == []


@both_themes
async def test_pending(page_hub: PageHub, browsing: Browsing, theme: Theme) -> None:
    page = await signed_in(page_hub, browsing, theme, "cyd")
    page_hub.open_gate(f"cyd-{theme}", "queued", "pulling")
    await launch(page, "pull")
    await page.locator("#rt-log summary").click()
    await expect(page.locator("#rt-spoken")).to_have_text("Getting the workspace")
    assert await violations(page) == []
    page_hub.open_gate(f"cyd-{theme}", "workspace")
    await expect(page.locator("#rt-notices")).to_be_visible()
    assert await violations(page) == []
    await page.goto("/hub/home")
    assert await violations(page) == []


@both_themes
async def test_failure(page_hub: PageHub, browsing: Browsing, theme: Theme) -> None:
    browsing.allow("status of 500")
    page = await signed_in(page_hub, browsing, theme, "dan")
    await launch(page, "memory")
    await expect(page.locator("#rt-spoken")).to_have_text("Starting the server")
    page_hub.open_gate(f"dan-{theme}", "memory")
    await expect(page.locator("#rt-failure")).to_be_visible()
    assert await violations(page) == []
    await page.reload()
    await expect(page.locator("#rt-failure")).to_be_visible()
    assert await violations(page) == []
    await page.goto("/hub/home")
    assert await violations(page) == []


@both_themes
async def test_not_running(page_hub: PageHub, browsing: Browsing, theme: Theme) -> None:
    browsing.allow("status of 424")
    page = await signed_in(page_hub, browsing, theme, "eve")
    await page.goto(f"/user/eve-{theme}/tree")
    await expect(page.get_by_role("link", name="Start it")).to_be_visible()
    assert await violations(page) == []
