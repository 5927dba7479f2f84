"""The gallery of a site that accepts no launches."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from runtiles.store.drains import Drain
from tests.fixtures.browser import Browsing
from tests.integration.catalogue_site import CatalogueSite, catalogue_site

pytestmark = pytest.mark.browser

DRAINED = Drain("drained", by="admin", message="Back at <noon>.")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogueSite]:
    with catalogue_site(tmp_path_factory.mktemp("drained")) as running:
        yield running


@pytest.fixture(autouse=True)
def accepting_again(site: CatalogueSite) -> Iterator[None]:
    yield
    site.store.drains.set(Drain())


async def gallery(site: CatalogueSite, browsing: Browsing, user: str) -> Page:
    page = await browsing.page(site.hub.origin)
    await page.goto("/hub/login?next=/hub/spawn")
    await page.fill("#username_input", user)
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await page.wait_for_url("**/hub/spawn")
    return page


async def test_start_cannot_be_pressed_and_the_page_says_why(
    site: CatalogueSite, browsing: Browsing
) -> None:
    site.store.drains.set(DRAINED)
    page = await gallery(site, browsing, "ann")
    await expect(page.locator("#rt-closed")).to_contain_text("Back at <noon>.")
    await page.locator('[data-tile="plain"]').click()
    await expect(page.locator("#rt-start-text")).to_contain_text("Plain tile")
    await expect(page.locator("#rt-start")).to_be_disabled()
    await expect(page.locator("#rt-start")).to_have_accessible_description(
        "No runtimes can be started now. Back at <noon>."
    )


@pytest.mark.parametrize("user", ["ben", "plain-ben"])
async def test_who_opened_the_page_before_is_told_at_the_start(
    site: CatalogueSite, browsing: Browsing, user: str
) -> None:
    browsing.allow(r"the server responded with a status of 503")
    page = await gallery(site, browsing, user)
    if user.startswith("plain"):
        # No service: the page asks the Hub itself.
        await page.route(
            "**/services/runtiles/**", lambda route: route.fulfill(status=404, body="{}")
        )
        browsing.allow(r"the server responded with a status of 404")
    site.store.drains.set(DRAINED)
    await page.locator('[data-tile="plain"]').click()
    await page.locator("#rt-start").click()
    await expect(page.locator("#rt-form-error")).to_contain_text("Back at <noon>.")
    assert page.url.endswith("/hub/spawn")
