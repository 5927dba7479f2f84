"""Pause and resume as people see them, with the real engine and JupyterLab open all the while."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fixtures.browser import Browsing
from tests.integration.site import Person, Site
from tests.labextension.notebook import CELL, NOTEBOOK

pytestmark = [pytest.mark.engine, pytest.mark.browser]

HOME = "/services/runtiles/"
#: A container's start on a loaded machine, and JupyterLab's longest pause between two attempts.
_PATIENCE_MS = 120_000
CELLS = [
    "import os\nnumbers = [1, 2, 3]\nsame = numbers\ndef more():\n    numbers.append(len(numbers) + 1)\n"
    "print('in process', os.getpid())",
    "more()\nprint(same, same is numbers)",
]


def notebook(*sources: str) -> dict[str, Any]:
    cells = [{**CELL, "id": f"c{number}", "source": text} for number, text in enumerate(sources)]
    return {"type": "notebook", "format": "json", "content": {**NOTEBOOK, "cells": cells}}


async def picture(page: Page, name: str) -> None:
    """Kept when RUNTILES_SCREENSHOTS names a folder: for people to look at."""
    folder = os.environ.get("RUNTILES_SCREENSHOTS")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"pause-{name}.png"))


async def opened(site: Site, person: Person, browsing: Browsing) -> Page:
    """The notebook in JupyterLab, of somebody who signed in."""
    page = await browsing.page(site.hub.origin)
    await page.goto(f"/hub/login?next=/user/{person.name}/lab/lab/tree/work.ipynb")
    await page.fill("#username_input", person.name)
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(CELLS), timeout=60_000)
    # A cell that is run before its kernel is there asks for one.
    idle = page.get_by_role("button", name="Python 3 (ipykernel) | Idle")
    await expect(idle).to_be_visible(timeout=60_000)
    return page


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


async def run(page: Page, number: int, words: str) -> str:
    """What the cell printed, when `words` are in it."""
    await cell(page, number).locator(".jp-InputArea-editor").click()
    await page.keyboard.press("Control+Enter")
    output = cell(page, number).locator(".jp-OutputArea-output")
    await expect(output).to_contain_text(words, timeout=_PATIENCE_MS)
    return await output.inner_text()


async def runtimes_page(page: Page) -> Locator:
    """In another tab of the same browser; the runtime's row."""
    other = await page.context.new_page()
    await other.goto(HOME)
    found = other.locator('[data-name="lab"]')
    await expect(found).to_contain_text("running")
    return found


def kernels_and_sessions(person: Person) -> tuple[list[str], list[str]]:
    kernels = person.server("api/kernels").json()
    sessions = person.server("api/sessions").json()
    return [one["id"] for one in kernels], [one["id"] for one in sessions]


async def test_an_open_tab_goes_on_where_it_was(
    site: Site, person: Person, browsing: Browsing
) -> None:
    # JupyterLab logs that its server is gone for a while, and that is what this test is about.
    browsing.allow("")
    await asyncio.to_thread(person.ready)
    await asyncio.to_thread(person.put, "api/contents/work.ipynb", notebook(*CELLS))
    lab = await opened(site, person, browsing)
    await run(lab, 0, "in process")
    before = await asyncio.to_thread(kernels_and_sessions, person)
    row = await runtimes_page(lab)
    await row.get_by_role("button", name="Pause: ").click()
    dialog = row.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("work.ipynb")
    await expect(dialog).to_contain_text("All of it is saved: ")
    await picture(row.page, "dialog")
    await dialog.get_by_role("button", name="Pause", exact=True).click()
    await expect(row).to_contain_text("Paused", timeout=_PATIENCE_MS)
    await asyncio.to_thread(person.nothing_left)
    await expect(row).to_contain_text("saved")
    await picture(row.page, "paused")
    await picture(lab, "lab-away")
    await row.get_by_role("button", name="Resume: ").click()
    await expect(row).to_contain_text("Running for", timeout=_PATIENCE_MS)
    assert await asyncio.to_thread(kernels_and_sessions, person) == before
    await lab.bring_to_front()
    await run(lab, 1, "[1, 2, 3, 4] True")
    await expect(cell(lab, 1).locator(".jp-InputArea-prompt")).to_have_text("[2]:")
    await picture(lab, "lab-back")


async def test_what_would_be_lost_is_said_before_anything_happens(
    site: Site, person: Person, browsing: Browsing
) -> None:
    browsing.allow("")
    await asyncio.to_thread(person.ready)
    sources = ("import socket\nline = socket.socket()\nprint('open')", "print(line.fileno() > 0)")
    await asyncio.to_thread(person.put, "api/contents/work.ipynb", notebook(*sources))
    lab = await opened(site, person, browsing)
    await run(lab, 0, "open")
    row = await runtimes_page(lab)
    await row.get_by_role("button", name="Pause: ").click()
    dialog = row.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 thing cannot be saved and would be lost")
    await expect(dialog.get_by_role("list", name="Lost of work.ipynb")).to_contain_text("line")
    await expect(dialog.get_by_role("button", name="Pause anyway")).to_be_visible()
    await picture(row.page, "losing")
    await dialog.get_by_role("button", name="Freeze instead").click()
    await expect(row).to_contain_text("Frozen")
    await row.get_by_role("button", name="Thaw: ").click()
    await expect(row).to_contain_text("Running for")
    await run(lab, 1, "True")
