"""A page of JupyterLab on a runtime that may be idle: what both are asked, and how they are waited for."""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from playwright.async_api import Locator, Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.hub import wait_until
from tests.integration.site import Person
from tests.labextension.notebook import CELL, NOTEBOOK
from tests.runtiles.service.test_pauses_whole import ask, server

_PATIENCE_S = 150.0
PATIENCE_MS = 90_000
#: What JupyterLab itself says, in many words, when its server goes.
GONE = "."
#: What a tab says of a pause, however short it was.
AFTER = "Its variables are safe"


async def ready(person: Person, kind: str, timeout: int, name: str = "lab") -> None:
    """It runs, and is kept until it is let go: however long a page takes to open."""
    idle = {"timeout": f"{timeout}s", "type": kind, "action": "pause"}
    await asyncio.to_thread(lambda: person.ready(name=name, idle=idle))
    await keep(person, name, {"seconds": "1h"})


async def keep(person: Person, name: str, wish: dict[str, Any]) -> None:
    await asyncio.to_thread(lambda: ask(person, "POST", f"/runtimes/{name}/hold", json=wish))


async def let_go(person: Person, name: str = "lab") -> None:
    """From now on only what is going on keeps it alive."""
    await keep(person, name, {"until": None})


async def until(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_until, condition, _PATIENCE_S, what)


def told(person: Person, name: str = "lab") -> Any:
    return ask(person, "GET", f"/runtimes/{name}/idle")


def alive(person: Person, name: str = "lab") -> list[str]:
    return [each["kind"] for each in told(person, name)["alive"]]


def activity(person: Person, name: str = "lab") -> Any:
    return server(person, "GET", "runtiles/api/activity", name=name)


async def notebook(person: Person, source: str = "1", name: str = "lab") -> None:
    """work.ipynb with one cell."""
    content = {**NOTEBOOK, "cells": [{**CELL, "source": source}]}
    body = {"type": "notebook", "format": "json", "content": content}
    answer = await asyncio.to_thread(person.put, "api/contents/work.ipynb", body, name)
    assert answer.status_code < 300, answer.text


async def lab(person: Person, browsing: Browsing, name: str = "lab", path: str = "lab") -> Page:
    """Open, with its kernels connected, and nobody has touched it."""
    page = await browsing.page(person.site.hub.origin)
    await sign_in(page, person, f"/user/{person.name}/{name}/{path}")
    await expect(status(page)).to_contain_text(f"{name} · running", timeout=PATIENCE_MS)
    if "ipynb" in path:
        await expect(page.locator("#jp-main-statusbar")).to_contain_text(
            re.compile(r"\| Idle"), timeout=PATIENCE_MS
        )
    return page


async def sign_in(page: Page, person: Person, path: str) -> None:
    await page.goto(f"/hub/login?next={quote(path)}")
    await page.fill("#username_input", person.name)
    await page.fill("#password_input", "any")
    await page.click("#login_submit")


def status(page: Page) -> Locator:
    return page.locator(".rt-status-button")


async def paused(person: Person, name: str = "lab") -> None:
    def there() -> bool:
        runtime = person.runtime(name)
        assert runtime["last_error"] is None, runtime
        return bool(runtime["state"] == "paused")

    await until(there, f"{name} to be paused")
