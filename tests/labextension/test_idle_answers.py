"""A warning of an end, in JupyterLab and on the runtimes page, and each answer that it can get."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fixtures.browser import Browsing
from tests.integration.site import Person, Site
from tests.labextension.idle_tab import (
    AFTER,
    GONE,
    PATIENCE_MS,
    lab,
    let_go,
    paused,
    ready,
    status,
    told,
)
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_idle_whole import opened

pytestmark = pytest.mark.browser

POLICY = {
    "idle_warnings": ["285s"],
    "max_time_limit": "4h",
    "default_time_limit": "3h",
    "max_hold": "2h",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("idle-answers"), policy=POLICY) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


def expire(site: Site, person: Person, seconds: float) -> None:
    """Its reservation ends so soon."""
    with opened(site) as store:
        launch = store.launches.latest(person.name, "lab")
        assert launch is not None
        now = time.time()
        store.launches.update(launch.id, started_at=now - 3600, expires_at=now + seconds)


def toast(page: Page) -> Locator:
    return page.locator(".Toastify__toast").filter(has_text="lab pauses")


def in_dialog(page: Page, button: str) -> Locator:
    """Of JupyterLab, or of the runtimes page."""
    dialog = page.locator(".jp-Dialog-content, dialog[open]")
    return dialog.get_by_role("button", name=button, exact=True)


async def test_an_answer_to_a_warning_counts_at_once_and_everywhere(
    site: Site, person: Person, browsing: Browsing
) -> None:
    browsing.allow(GONE)
    await ready(person, "activity", 300)
    page = await lab(person, browsing)
    runtimes = await page.context.new_page()
    await runtimes.goto("/services/runtiles/")
    card = runtimes.locator('[data-name="lab"]')
    note = card.locator(".rt-runtime-ending")

    async def warned(of: str) -> None:
        await expect(toast(page)).to_contain_text(of, timeout=PATIENCE_MS)
        await expect(note).to_be_visible(timeout=PATIENCE_MS)
        await expect(runtimes.locator("[data-notice]")).to_have_count(0)

    async def calm() -> None:
        await expect(toast(page)).to_have_count(0, timeout=PATIENCE_MS)
        await expect(note).to_be_hidden(timeout=PATIENCE_MS)

    await calm()
    await let_go(person)
    await warned("Nobody uses it.")
    await toast(page).get_by_role("button", name="Keep until…").click()
    await in_dialog(page, "Keep").click()
    await calm()
    await expect(card).to_contain_text("Kept until")
    assert (await asyncio.to_thread(told, person))["held_until"]

    await asyncio.to_thread(expire, site, person, 250)
    await warned("Its reservation ends.")
    await toast(page).get_by_role("button", name="Extend…").click()
    await in_dialog(page, "Extend").click()
    await calm()

    await status(page).click()
    await page.locator(".lm-Menu").get_by_text("Keep Runtime No Longer").click()
    await warned("Nobody uses it.")
    await note.get_by_role("button", name="Extend: ").click()
    await in_dialog(runtimes, "Extend").click()
    await calm()
    await expect(card).to_contain_text("Kept until")

    await let_go(person)
    await warned("Nobody uses it.")
    await toast(page).get_by_role("button", name="Pause now").click()
    await in_dialog(page, "Pause").click()
    await paused(person)
    await expect(page.locator(".rt-away-card")).to_contain_text(AFTER, timeout=PATIENCE_MS)
    await expect(card).to_contain_text("paused")
    await expect(note).to_be_hidden()
