"""Pause, freeze, kernels, variables and transfer on the runtimes page, over a real Hub and service."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.pretend_runtime import PretendRuntime, kernel, planned, pretend_runtime
from tests.integration.test_pages_access import Theme, violations
from tests.integration.test_runtimes_page import (
    EVIL,
    HOME,
    in_dialog,
    launched,
    press,
    row,
    sign_in,
)
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

pytestmark = pytest.mark.browser

LOSS = {"variable": EVIL, "path": f"{EVIL}[0]", "type": EVIL, "reason": EVIL}
HELD = {
    "kernel": "one",
    "variables": [
        {"name": "data", "type": "numpy.ndarray", "bytes": 8_000, "status": "saved", "reason": ""},
        {"name": "np", "type": "module", "bytes": 0, "status": "by_reference", "reason": ""},
        {"name": EVIL, "type": EVIL, "bytes": 5, "status": "skipped", "reason": EVIL},
    ],
    "losses": [LOSS],
    "notes": [EVIL],
    "bytes": 8_005,
    "seconds": 0.1,
}
_number = iter(range(1, 1000))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("pausing-page")) as service:
        yield service


@pytest.fixture
def pia(hub: ServiceHub) -> Iterator[Person]:
    with person(hub, f"pia-{next(_number)}") as found:
        yield found


@pytest_asyncio.fixture
async def runtime(hub: ServiceHub, pia: Person) -> AsyncIterator[PretendRuntime]:
    """Of pia, called x."""
    await launched(pia, tile="quick", name="x")
    await asyncio.to_thread(pia.wait_for, "x", "running")
    with pretend_runtime() as found:
        found.stands_for(hub.store, pia.name, "x")
        yield found


@pytest_asyncio.fixture
async def page(hub: ServiceHub, pia: Person, runtime: PretendRuntime, browsing: Browsing) -> Page:
    page = await browsing.page(hub.hub.origin)
    await sign_in(page, pia.name)
    await expect(row(page, "x")).to_contain_text("running")
    return page


async def look(page: Page) -> Locator:
    """The dialog before a pause, when it has looked."""
    await press(page, "x", "Pause: ")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Pause", exact=False).last).to_be_enabled()
    return dialog


async def kernels(page: Page) -> Locator:
    await press(page, "x", "Kernels and variables")
    drawer = page.get_by_role("dialog", name="Kernels of Quick start")
    await expect(drawer.locator('[data-kernel="one"]')).to_be_visible()
    return page.get_by_role("dialog")


async def test_a_pause_is_watched_and_the_runtime_waits_with_its_snapshot(
    page: Page, runtime: PretendRuntime, pia: Person
) -> None:
    dialog = await look(page)
    await expect(dialog).to_contain_text(
        "Nothing is lost. Your variables are saved: 12 MB in about 2 s."
    )
    await expect(dialog).to_contain_text("All of it is saved: 12 variables, 12 MB.")
    await expect(dialog.get_by_role("button", name="Freeze instead")).to_be_hidden()
    await in_dialog(page, "Pause").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    waiting = {"kernel": "one", "path": "one.ipynb", "busy_seconds": 9.0, "stuck": False}
    runtime.pause.update(waiting_for=[waiting])
    await expect(row(page, "x")).to_contain_text("Waiting for one.ipynb, busy")
    runtime.pause.update(state="saving", waiting_for=[], done=3_000_000, total=12_000_000)
    await expect(row(page, "x")).to_contain_text("Saving the variables · 3.0 MB of 12 MB")
    await expect(row(page, "x").get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    runtime.pause.update(state="verifying")
    await expect(row(page, "x")).to_contain_text("Checking what was saved")
    runtime.saved()
    await expect(row(page, "x")).to_contain_text("Paused")
    await expect(row(page, "x")).to_contain_text("12 MB saved")
    await expect(row(page, "x").get_by_role("button", name="Resume: ")).to_be_visible()
    assert await asyncio.to_thread(pia.state, "x") == "paused"
    await press(page, "x", "Start empty")
    await expect(page.get_by_role("dialog")).to_contain_text("they stay on the Snapshots page")
    await page.keyboard.press("Escape")
    await press(page, "x", "Resume as a second runtime")
    await expect(page.get_by_label("Name of the new runtime")).to_have_value("x-2")
    await in_dialog(page, "Resume").click()
    await expect(row(page, "x-2")).to_contain_text("Running for")
    await row(page, "x").get_by_role("button", name="Resume: ").click()
    await expect(row(page, "x")).to_contain_text("Running for")


async def test_what_would_be_lost_is_said_plainly_and_needs_another_word(
    page: Page, runtime: PretendRuntime
) -> None:
    other = {"status": "not_carried", "language": "R", "reason": "Only Python is carried."}
    runtime.plan = [planned("one", losses=[LOSS]), planned("two", **other)]
    dialog = await look(page)
    await expect(dialog).to_contain_text("1 thing cannot be saved and would be lost.")
    await expect(dialog).to_contain_text("All variables of 1 notebook would be lost")
    await expect(dialog.get_by_role("list", name="Lost of one.ipynb")).to_contain_text(EVIL)
    await expect(dialog.get_by_role("button", name="Freeze instead")).to_be_visible()
    assert await page.locator("#rt-main img, dialog img").count() == 0
    await in_dialog(page, "Cancel").click()
    assert [body for body in runtime.bodies("POST", "pause") if not body.get("dry_run")] == []
    await look(page)
    await in_dialog(page, "Pause anyway").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    runtime.saved()
    await expect(row(page, "x")).to_contain_text("Paused")
    await expect(row(page, "x")).to_contain_text("1 thing could not be")


async def test_what_runs_in_terminals_is_named_and_needs_another_word(
    page: Page, runtime: PretendRuntime
) -> None:
    runtime.terminals = [
        {"name": "1", "job": EVIL, "status": "running"},
        {"name": "2", "job": "vim", "status": "waiting"},
        {"name": "3", "job": None, "status": "prompt"},
    ]
    dialog = await look(page)
    await expect(dialog).to_contain_text("1 program in terminals would be ended.")
    named = dialog.get_by_role("list", name="Kernels and terminals").get_by_role("listitem")
    await expect(named.nth(1)).to_contain_text(f"{EVIL} runs there: a pause ends it.")
    await expect(named.nth(2)).to_contain_text("vim is open there, and is closed.")
    await expect(named.nth(3)).to_contain_text("It is at its prompt, and is closed.")
    assert await page.locator("dialog img").count() == 0
    assert await violations(page, "dialog") == []
    await in_dialog(page, "Pause anyway").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    runtime.terminals = []
    await page.reload()
    runtime.saved()
    await expect(row(page, "x")).to_contain_text("Paused")


async def test_what_is_busy_is_waited_for_or_interrupted(
    page: Page, runtime: PretendRuntime
) -> None:
    runtime.plan = [planned("one", status="busy", busy_seconds=131.0, bytes=0, variables=0)]
    dialog = await look(page)
    await expect(dialog).to_contain_text("busy for 2 min")
    await expect(dialog).to_contain_text("The pause waits until its cell has ended.")
    await dialog.get_by_label("Interrupt what runs").check()
    await expect(dialog).to_contain_text("Its cell is interrupted first.")
    await in_dialog(page, "Pause").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    (body,) = [body for body in runtime.bodies("POST", "pause") if not body.get("dry_run")]
    assert body["interrupt"] is True
    runtime.plan = [planned("one", losses=[LOSS])]
    runtime.saved()
    await expect(row(page, "x")).to_contain_text("It was not paused, and goes on running.")
    await expect(row(page, "x")).to_contain_text("Press Pause to see what it is")
    await expect(row(page, "x")).to_contain_text("running")


async def test_a_pause_that_waits_is_called_off(page: Page, runtime: PretendRuntime) -> None:
    await look(page)
    await in_dialog(page, "Pause").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    waiting = {"kernel": "one", "path": "one.ipynb", "busy_seconds": 9.0, "stuck": False}
    runtime.pause.update(waiting_for=[waiting])
    await expect(row(page, "x")).to_contain_text("Waiting for one.ipynb")
    await row(page, "x").get_by_role("button", name="Call off: ").click()
    await expect(row(page, "x")).to_contain_text("Running for")
    await expect(row(page, "x").get_by_role("button", name="Call off: ")).to_be_hidden()
    await expect(row(page, "x").locator(".rt-runtime-error")).to_be_hidden()
    assert runtime.bodies("DELETE", "pause")


async def test_a_link_points_out_a_paused_runtime(page: Page, runtime: PretendRuntime) -> None:
    await look(page)
    await in_dialog(page, "Pause").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    await page.goto(f"{HOME}?runtime=x")
    await expect(row(page, "x")).to_have_class(re.compile("rt-runtime-wanted"))
    await expect(row(page, "x").get_by_role("heading")).to_be_focused()
    assert await violations(page, "body") == []
    runtime.saved()
    await expect(row(page, "x").get_by_role("button", name="Resume: ")).to_be_focused()
    await page.goto(f"{HOME}?runtime=x")
    await expect(row(page, "x").get_by_role("button", name="Resume: ")).to_be_focused()
    await page.goto(f"{HOME}?runtime=y")
    await expect(page.get_by_text("There is no runtime called y.")).to_be_visible()


async def test_a_failed_pause_says_why(page: Page, runtime: PretendRuntime) -> None:
    await look(page)
    await in_dialog(page, "Pause").click()
    await expect(row(page, "x")).to_contain_text("pausing")
    error = {"code": "no_space", "message": f"The storage is full {EVIL}", "hint": "Delete files."}
    runtime.pause.update(state="failed", error=error)
    await expect(row(page, "x")).to_contain_text(f"The storage is full {EVIL}")
    await expect(row(page, "x")).to_contain_text("Delete files.")
    await expect(row(page, "x").get_by_role("button", name="Pause: ")).to_be_visible()


async def test_freeze_and_thaw(page: Page, runtime: PretendRuntime) -> None:
    runtime.plan = [planned("one", status="busy", busy_seconds=5.0)]
    await look(page)
    await in_dialog(page, "Freeze instead").click()
    await expect(row(page, "x")).to_contain_text("Its clock stands still")
    await row(page, "x").get_by_role("button", name="Thaw: ").click()
    await expect(row(page, "x")).to_contain_text("Running for")


async def test_kernels_are_interrupted_and_restarted(page: Page, runtime: PretendRuntime) -> None:
    runtime.kernels = [
        kernel("one", execution_state="busy", busy_seconds=131.0),
        kernel("two", language="R", carried=False),
    ]
    drawer = await kernels(page)
    first, second = drawer.locator('[data-kernel="one"]'), drawer.locator('[data-kernel="two"]')
    await expect(first).to_contain_text("busy for 2 min")
    await expect(second).to_contain_text("A pause cannot carry its variables.")
    await expect(second.get_by_role("button", name="Variables")).to_be_hidden()
    await first.get_by_role("button", name="Interrupt").click()
    await expect(first).to_contain_text("It was asked to stop its cell.")
    await second.get_by_role("button", name="Restart").click()
    await (
        page.get_by_role("dialog", name="Restart two.ipynb?")
        .get_by_role("button", name="Restart", exact=True)
        .click()
    )
    await expect(second).to_contain_text("It has begun anew, without variables.")
    assert runtime.bodies("POST", "kernels/one/interrupt")
    assert runtime.bodies("POST", "kernels/two/restart")
    runtime.kernels = [kernel("one")]
    await expect(first).to_contain_text("idle")
    await expect(second).to_have_count(0)


async def test_variables_are_listed_with_what_a_pause_makes_of_them(
    page: Page, runtime: PretendRuntime, browsing: Browsing
) -> None:
    browsing.allow("status of 409")
    drawer = await kernels(page)
    await drawer.get_by_role("button", name="Variables: one.ipynb").click()
    await expect(drawer).to_contain_text("What it holds can be listed when its cell has ended.")
    runtime.variables["one"] = HELD
    await drawer.get_by_role("button", name="Ask again").click()
    table = drawer.get_by_role("table", name="Variables")
    await expect(table.get_by_role("row", name="data")).to_contain_text("ndarray")
    await expect(table.get_by_role("row", name="np module")).to_contain_text("yes, by its name")
    await expect(table).to_contain_text(f"no: {EVIL}")
    assert await page.locator("dialog img").count() == 0
    await drawer.get_by_label("Search variables").fill("ndarr")
    await expect(table.locator("tbody tr")).to_have_count(1)
    await drawer.get_by_role("button", name="All kernels").click()
    await expect(drawer.locator('[data-kernel="one"]')).to_be_visible()


async def test_variables_are_copied_to_another_kernel(page: Page, runtime: PretendRuntime) -> None:
    runtime.variables["one"] = HELD
    runtime.kernels = [kernel("one"), kernel("two"), kernel("three", carried=False)]
    base = {"type": "numpy.ndarray", "bytes": 8_000, "reason": ""}
    results = [
        {**base, "name": "data", "as": "numbers", "status": "copied"},
        {**base, "name": "np", "as": "np", "status": "kept"},
    ]
    told = {"variables": results, "losses": [LOSS], "bytes": 8_000, "seconds": 0.2}
    runtime.transfer = {**told, "way": "kernel"}
    drawer = await kernels(page)
    await drawer.get_by_role("button", name="Transfer: one.ipynb").click()
    await expect(drawer.get_by_label("Kernel")).to_have_text("two.ipynb")
    transfer = drawer.get_by_role("button", name="Transfer", exact=False).last
    await expect(transfer).to_be_disabled()
    await drawer.get_by_label("Choose np").check()
    await drawer.get_by_label("New name of data").fill("numbers")
    await expect(drawer.get_by_label("Choose data")).to_be_checked()
    await drawer.get_by_role("button", name="Try it first").click()
    await expect(drawer).to_contain_text("1 variable would be copied: 8.0 kB. 1 not.")
    await drawer.get_by_role("button", name="Transfer 2 variables").click()
    happened = drawer.get_by_role("table", name="What happened")
    await expect(happened.get_by_role("row", name="data")).to_contain_text("numbers")
    await expect(happened.get_by_role("row", name="np")).to_contain_text("There is one of this")
    await expect(drawer.get_by_role("list", name="Left out")).to_contain_text(EVIL)
    body = runtime.bodies("POST", "transfer")[-1]
    assert sorted(body["names"]) == ["data", "np"]
    assert body["rename"] == {"data": "numbers"}
    assert body["to"]["kernel"] == "two"
    assert await violations(page, "dialog") == []


async def test_axe_and_narrow_screens(
    hub: ServiceHub, pia: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    runtime.variables["one"] = HELD
    other = {"status": "stuck", "busy_seconds": 3_700.0, "reason": "It is inside of C code."}
    runtime.plan = [planned("one", losses=[LOSS], notes=[EVIL]), planned("two", **other)]
    looks: list[tuple[Theme, int]] = [("light", 1280), ("dark", 400)]
    for theme, width in looks:
        page = await browsing.page(hub.hub.origin, theme=theme, width=width)
        await sign_in(page, pia.name)
        await expect(row(page, "x")).to_contain_text("running")
        await look(page)
        await complain_about_nothing(page, width)
        await page.keyboard.press("Escape")
        drawer = await kernels(page)
        await complain_about_nothing(page, width)
        for view in ("Variables: one.ipynb", "Transfer: one.ipynb"):
            await drawer.get_by_role("button", name=view).click()
            await expect(drawer.get_by_role("table").first).to_be_visible()
            await complain_about_nothing(page, width)
            await drawer.get_by_role("button", name="All kernels").click()


async def complain_about_nothing(page: Page, width: int) -> None:
    assert await violations(page, "dialog") == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_pause_needs_no_mouse(page: Page, runtime: PretendRuntime) -> None:
    await row(page, "x").get_by_role("button", name="Pause: ").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Pause", exact=True)).to_be_enabled()
    await dialog.get_by_role("button", name="Pause", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(row(page, "x")).to_contain_text("pausing")
    focused: Any = await page.evaluate("document.activeElement.closest('[data-name]') !== null")
    assert focused
    runtime.saved()
    await expect(row(page, "x")).to_contain_text("Paused")
