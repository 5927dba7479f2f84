"""A notebook in a real JupyterLab, and what to look at on the page."""

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
#: Of a server that does not answer the browser itself says so, and the connection lost to it.
AWAY = r"Failed to load resource|ERR_CONNECTION|WebSocket|Kernel connection disconnected|Canceled"
CELL: dict[str, Any] = {
    "id": "a",
    "cell_type": "code",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
}
NOTEBOOK = {
    "cells": [{**CELL, "source": "import os\nprint('ran in', os.getpid())"}],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


def write_notebook(path: Path) -> None:
    """With one cell, which prints the number of its kernel's process."""
    path.write_text(json.dumps(NOTEBOOK))


async def run_cell(page: Page, before: str = "") -> str:
    """What the notebook's only cell prints now; `before` is what it had printed."""
    # Of a kernel that is not connected yet JupyterLab asks nothing.
    await expect(page.locator("#jp-main-statusbar")).to_contain_text(
        re.compile(r"\| (Idle|Unknown)"), timeout=60_000
    )
    await page.locator(".jp-Notebook .jp-InputArea-editor").first.click()
    await page.keyboard.press("Control+Enter")
    output = page.locator(".jp-OutputArea-output")
    if before:
        await expect(output).not_to_have_text(before)
    await expect(output).to_contain_text("ran in")
    return await output.inner_text()


async def picture(page: Page, name: str) -> None:
    """Kept when RUNTILES_SCREENSHOTS names a folder: for people to look at."""
    folder = os.environ.get("RUNTILES_SCREENSHOTS")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"labextension-{name}.png"))


async def complaints(page: Page, where: str) -> list[Any]:
    """Of axe-core, about our own part of the page."""
    await page.evaluate(AXE)
    found = await page.evaluate(
        "where => axe.run(where, {resultTypes: ['violations'], preload: false})", where
    )
    return [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]
