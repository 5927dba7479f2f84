"""What a person sees in JupyterLab: the runtime's state, a pause, and a server that goes and comes back."""

import json
import re
from typing import Any, Literal

import pytest
from playwright.async_api import Page, Route, expect

from tests.fixtures.browser import Browsing
from tests.labextension.ending import Ending
from tests.labextension.lab_server import LabServer
from tests.labextension.notebook import AWAY, complaints, picture, run_cell, write_notebook

pytestmark = pytest.mark.browser

PREVIEW = {
    "bytes": 1_400_000_000,
    "seconds": 3.2,
    "free": 90_000_000_000,
    "kernels": [
        {
            "id": "1",
            "name": "python3",
            "language": "python",
            "path": "work/train.ipynb",
            "status": "busy",
            "busy_seconds": 2520,
            "bytes": 1_400_000_000,
            "variables": 23,
            "losses": [{"variable": "server", "type": "socket", "reason": "a connection ends"}],
        },
        {
            "id": "2",
            "name": "ir",
            "language": "R",
            "path": "plots.ipynb",
            "status": "not_carried",
            "reason": "the language R",
        },
    ],
    "terminals": [
        {"name": "1", "job": "sleep", "status": "running"},
        {"name": "2", "job": "vim", "status": "waiting"},
        {"name": "3", "job": None, "status": "prompt"},
    ],
}


async def opened(
    lab: LabServer, browsing: Browsing, theme: Literal["light", "dark"] = "light"
) -> Page:
    lab.use_theme({"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme])
    page = await browsing.page(lab.origin, theme=theme)
    await Ending().serve(page)
    await answers(page, "pause", {"state": "none"})
    await page.goto(lab.page)
    await expect(page.locator(".rt-status-button")).to_have_text("gpu · running")
    return page


async def answers(page: Page, path: str, body: Any, status: int = 200) -> None:
    """Stands in for the service, which is not part of this server."""

    async def reply(route: Route) -> None:
        await route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    await page.route(re.compile(rf"/runtiles/api/{path}(\?|$)"), reply)


async def test_the_status_bar_names_the_runtime_and_opens_a_menu(
    lab: LabServer, browsing: Browsing
) -> None:
    page = await opened(lab, browsing)
    button = page.locator(".rt-status-button")
    assert "pytorch" in (await button.get_attribute("title") or "")
    assert await complaints(page, ".rt-status") == []
    await button.click()
    await expect(page.locator(".lm-Menu").get_by_text("Pause Runtime…")).to_be_visible()
    await picture(page, "status")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_pause_says_what_would_be_lost_before_anything_happens(
    lab: LabServer, browsing: Browsing, theme: Literal["light", "dark"]
) -> None:
    page = await opened(lab, browsing, theme)
    await answers(page, "runtime/pause", PREVIEW)
    await page.locator(".rt-status-button").click()
    await page.locator(".lm-Menu").get_by_text("Pause Runtime…").click()
    dialog = page.locator(".jp-Dialog-content")
    await expect(dialog).to_contain_text("Pause gpu?")
    for words in (
        "1.4 GB",
        "server (socket): a connection ends",
        "busy for 42 min",
        "not carried",
        "1 program in a terminal would be ended. It is named below.",
        "Terminal 1 sleep runs there, and would be ended",
        "Terminal 2 vim is open there, and would be closed",
        "Terminal 3 at its prompt, would be closed",
    ):
        await expect(dialog).to_contain_text(words)
    await expect(dialog.get_by_role("button", name="Pause anyway")).to_be_visible()
    assert await complaints(page, ".rt-pause") == []
    await picture(page, f"pause-{theme}")
    # The button was pressed before: so narrow a JupyterLab hides its status bar.
    await page.set_viewport_size({"width": 400, "height": 800})
    box = await dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 400
    await picture(page, f"pause-{theme}-narrow")
    await page.set_viewport_size({"width": 1280, "height": 900})
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(page.locator(".rt-status-button")).to_have_text("gpu · running")


async def test_a_refused_pause_says_why_and_the_runtime_goes_on(
    lab: LabServer, browsing: Browsing
) -> None:
    browsing.allow("Failed to load resource")
    page = await opened(lab, browsing)
    error = {"code": "quota", "message": "Your snapshots take 9 GB.", "details": {"hint": "Delete"}}
    await answers(page, "runtime/pause", {"error": error}, status=409)
    await page.locator(".rt-status-button").click()
    await page.locator(".lm-Menu").get_by_text("Pause Runtime…").click()
    await expect(page.get_by_text("Your snapshots take 9 GB. Delete").first).to_be_visible()
    await expect(page.locator(".rt-status-button")).to_have_text("gpu · running")


async def test_a_tab_says_that_its_runtime_is_paused_and_finds_its_kernel_again(
    lab: LabServer, browsing: Browsing
) -> None:
    browsing.allow(AWAY)
    write_notebook(lab.folder / "train.ipynb")
    page = await browsing.page(lab.origin)
    await answers(page, "pause", {"state": "none"})
    await page.goto(lab.page.replace("lab?", "lab/tree/train.ipynb?"))
    first = await run_cell(page)
    await answers(page, "pause", {"state": "saved", "done": 1, "total": 1})
    await answers(page, "runtime/pause", {"bytes": 10, "seconds": 0.1, "kernels": []})
    await page.locator(".rt-status-button").click()
    await page.locator(".lm-Menu").get_by_text("Pause Runtime…").click()
    await page.locator(".jp-Dialog-content").get_by_role("button", name="Pause").click()
    await expect(page.locator(".rt-status-button")).to_have_text("gpu · pausing")
    await expect(page.get_by_text("everything is saved").first).to_be_visible()
    # In this order: the server itself knows of no pause, and would say so.
    lab.kill()
    await page.unroute_all()
    await expect(page.locator(".rt-away-card")).to_contain_text("Its variables are safe.")
    await expect(page.locator(".jp-Dialog")).to_have_count(0)
    assert await complaints(page, ".rt-away-card") == []
    await picture(page, "paused")
    lab.start()
    await expect(page.locator(".rt-away-card")).to_have_count(0, timeout=60_000)
    await expect(page.locator(".rt-status-button")).to_have_text("gpu · running")
    # The page was not loaded again, and the second kernel has the id of the first.
    await page.keyboard.press("Escape")
    second = await run_cell(page, first)
    assert second != first
    await picture(page, "back")
