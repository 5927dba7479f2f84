"""Before a runtime ends: what the status bar says, the warning and its answers, and who is at work."""

import re
from typing import Any, Literal

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fixtures.browser import Browsing
from tests.labextension.ending import Ending, told
from tests.labextension.lab_server import LabServer
from tests.labextension.notebook import complaints, picture

pytestmark = pytest.mark.browser

Theme = Literal["light", "dark"]
BEAT = re.compile("/runtiles/api/activity/input")


async def opened(
    lab: LabServer, browsing: Browsing, ending: Ending, theme: Theme = "light"
) -> Page:
    lab.use_theme({"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme])
    page = await browsing.page(lab.origin, theme=theme)
    await ending.serve(page)
    return await shown(lab, page)


async def shown(lab: LabServer, page: Page) -> Page:
    await page.goto(lab.page)
    await expect(status(page)).to_contain_text("gpu · running")
    return page


def status(page: Page) -> Locator:
    return page.locator(".rt-status-button")


def warning(page: Page) -> Locator:
    return page.locator(".Toastify__toast").filter(has_text="gpu pauses")


def dialog(page: Page) -> Locator:
    return page.locator(".jp-Dialog-content")


async def look_again(page: Page) -> None:
    """As somebody who comes back to the tab: it asks at once."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_without_an_end_nothing_is_said(lab: LabServer, browsing: Browsing) -> None:
    said: dict[str, Any] = {**told(60), "ends": None, "reason": "Alive because somebody works."}
    page = await opened(lab, browsing, Ending(said))
    await expect(status(page)).to_have_text("gpu · running")
    title = "Runtime gpu (tile pytorch): running\nAlive because somebody works."
    await expect(status(page)).to_have_attribute("title", title)
    await expect(warning(page)).to_have_count(0)


async def test_a_reservation_is_counted_down(lab: LabServer, browsing: Browsing) -> None:
    ending = Ending(told(7900, "expired"))
    page = await opened(lab, browsing, ending)
    await expect(status(page)).to_have_text("gpu · running · 2 h 11 min left")
    await expect(warning(page)).to_have_count(0)
    assert await complaints(page, ".rt-status") == []
    await picture(page, "reservation")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_one_warning_is_brought_up_to_date_and_goes_with_its_end(
    lab: LabServer, browsing: Browsing, theme: Theme
) -> None:
    ending = Ending(told(570))
    page = await opened(lab, browsing, ending, theme)
    await expect(status(page)).to_have_text("gpu · running · pauses in 9 min")
    await expect(warning(page)).to_contain_text("Nobody uses it.")
    assert await complaints(page, ".rt-status") == []
    assert await complaints(page, ".Toastify__toast-body") == []
    await picture(page, f"warning-{theme}")
    ending.told = told(45)
    await look_again(page)
    await expect(status(page)).to_have_text("gpu · running · pauses in less than 1 min")
    await expect(warning(page)).to_have_count(1)
    ending.told = told(3600)
    await look_again(page)
    await expect(warning(page)).to_have_count(0)
    await expect(status(page)).to_have_text("gpu · running")


async def test_who_hides_a_warning_is_left_alone_until_the_next(
    lab: LabServer, browsing: Browsing
) -> None:
    first = told(290)
    ending = Ending(first)
    page = await opened(lab, browsing, ending)
    await warning(page).locator(".jp-Notification-Toast-Close").click()
    await expect(warning(page)).to_have_count(0)
    ending.told = {**first, "ends": {**first["ends"], "seconds": 170}}
    await look_again(page)
    await expect(status(page)).to_have_text("gpu · running · pauses in 2 min")
    await expect(warning(page)).to_have_count(0)
    ending.told = {**first, "ends": {**first["ends"], "seconds": 55}}
    await look_again(page)
    await expect(warning(page)).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_reservation_is_extended_from_its_warning(
    lab: LabServer, browsing: Browsing, theme: Theme
) -> None:
    ending = Ending(told(290, "expired"))
    page = await opened(lab, browsing, ending, theme)
    await expect(warning(page)).to_contain_text("Its reservation ends.")
    await warning(page).get_by_role("button", name="Extend…").click()
    field = dialog(page).get_by_label("By how long?")
    await expect(field).to_be_focused()
    assert await field.locator("option").all_inner_texts() == ["15 min", "30 min", "1 h", "2 h"]
    assert await complaints(page, ".rt-keep") == []
    await picture(page, f"extend-{theme}")
    await dialog(page).get_by_role("button", name="Cancel").click()
    await expect(warning(page)).to_have_count(1)
    await warning(page).get_by_role("button", name="Extend…").click()
    await field.select_option("30 min")
    await dialog(page).get_by_role("button", name="Extend").click()
    await expect(warning(page)).to_have_count(0)
    await expect(status(page)).to_have_text("gpu · running · 34 min left")
    assert ending.asked == [("extend", {"seconds": 1800})]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_an_idle_runtime_is_kept_and_let_go_again(
    lab: LabServer, browsing: Browsing, theme: Theme
) -> None:
    ending = Ending(told(290))
    page = await opened(lab, browsing, ending, theme)
    await warning(page).get_by_role("button", name="Keep until…").click()
    await expect(dialog(page)).to_contain_text("It can be kept until")
    # The hour of the sentence is that of the reader's clock.
    await expect(dialog(page)).to_contain_text("It will pause at")
    await expect(dialog(page)).not_to_contain_text("UTC")
    assert await complaints(page, ".rt-keep") == []
    await picture(page, f"keep-{theme}")
    await dialog(page).get_by_role("button", name="Keep").click()
    await expect(warning(page)).to_have_count(0)
    (action, wish), *rest = ending.asked
    assert (action, rest) == ("hold", [])
    # The field shows whole minutes.
    assert 3500 < wish["seconds"] <= 3600
    await status(page).click()
    await page.locator(".lm-Menu").get_by_text("Keep Runtime No Longer").click()
    await expect(page.locator(".lm-Menu")).to_have_count(0)
    await status(page).click()
    await expect(page.locator(".lm-Menu").get_by_text("Keep Runtime Until…")).to_be_visible()
    await expect(page.locator(".lm-Menu").get_by_text("Keep Runtime No Longer")).to_be_hidden()
    assert ending.asked[1:] == [("hold", {"until": None})]


async def test_a_refusal_says_why_and_the_warning_stays(lab: LabServer, browsing: Browsing) -> None:
    browsing.allow("Failed to load resource")
    refusal = {"code": "limit_reached", "message": "It can be extended until noon at most."}
    ending = Ending(told(290, "expired"), refusal)
    page = await opened(lab, browsing, ending)
    await warning(page).get_by_role("button", name="Extend…").click()
    await dialog(page).get_by_role("button", name="Extend").click()
    await expect(page.get_by_text("It can be extended until noon at most.").first).to_be_visible()
    await expect(warning(page)).to_have_count(1)


async def test_an_answer_closes_the_warning_in_every_tab_and_browser(
    lab: LabServer, browsing: Browsing
) -> None:
    ending = Ending(told(290, "expired"))
    page = await opened(lab, browsing, ending)
    beside = await shown(lab, await page.context.new_page())
    elsewhere = await opened(lab, browsing, ending)
    for each in (page, beside, elsewhere):
        await expect(warning(each)).to_have_count(1)
    await warning(page).get_by_role("button", name="Extend…").click()
    await dialog(page).get_by_role("button", name="Extend").click()
    for each in (page, beside, elsewhere):
        await expect(warning(each)).to_have_count(0)


async def test_pause_now_asks_as_every_pause_does(lab: LabServer, browsing: Browsing) -> None:
    page = await opened(lab, browsing, Ending(told(290)))
    preview = '{"bytes": 10, "seconds": 0.1, "kernels": []}'
    await page.route(
        re.compile(r"/runtiles/api/runtime/pause"),
        lambda route: route.fulfill(content_type="application/json", body=preview),
    )
    await warning(page).get_by_role("button", name="Pause now").click()
    await expect(dialog(page)).to_contain_text("Pause gpu?")
    await dialog(page).get_by_role("button", name="Cancel").click()
    await expect(warning(page)).to_have_count(1)


async def test_only_a_person_at_work_is_told_of_and_once_a_minute(
    lab: LabServer, browsing: Browsing
) -> None:
    ending = Ending(told(3600))
    page = await browsing.page(lab.origin)
    await ending.serve(page)
    await page.clock.install()
    await shown(lab, page)
    # An open page, its polls, and what scripts do.
    await page.clock.run_for(600_000)
    script = "document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true}))"
    await page.evaluate(script)
    assert ending.beats == 0
    async with page.expect_response(BEAT):
        await page.keyboard.press("Shift")
    await page.mouse.wheel(0, 10)
    await page.clock.run_for(50_000)
    await page.keyboard.press("Shift")
    assert ending.beats == 1
    await page.clock.run_for(10_000)
    async with page.expect_response(BEAT):
        await page.mouse.click(5, 5)
    assert ending.beats == 2
