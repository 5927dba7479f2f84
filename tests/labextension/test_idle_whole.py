"""Idleness as a person meets it: a real browser, the real service, real kernels and shells."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Locator, Page, expect
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.fixtures.browser import Browsing
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site
from tests.labextension.notebook import CELL, NOTEBOOK
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_idle_whole import opened
from tests.runtiles.service.test_pauses_whole import ask, server

pytestmark = pytest.mark.browser

_PATIENCE_S = 150.0
_PATIENCE_MS = 90_000
#: Short enough to wait for. However long a page takes to open: it is kept meanwhile.
TIMEOUT_S = 15
#: Half of it is the notice that everybody gets, and longer than JupyterLab needs to hear of it.
_HEARD_S = 100
POLICY = {
    "idle_warnings": ["285s"],
    "max_time_limit": "4h",
    "default_time_limit": "3h",
    "max_hold": "2h",
}
BEAT = re.compile("/runtiles/api/activity/input")
#: What JupyterLab itself says, in many words, when its server goes.
GONE = "."
#: What a tab says of a pause that came by itself, however short it was.
AFTER = "Its variables are safe"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("idle-lab"), policy=POLICY) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


async def ready(person: Person, kind: str, name: str = "lab", timeout: int = TIMEOUT_S) -> None:
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
    await expect(status(page)).to_contain_text(f"{name} · running", timeout=_PATIENCE_MS)
    if "ipynb" in path:
        await expect(page.locator("#jp-main-statusbar")).to_contain_text(
            re.compile(r"\| Idle"), timeout=_PATIENCE_MS
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


async def test_an_open_tab_that_nobody_touches_keeps_nothing_alive_but_a_connection_does(
    person: Person, browsing: Browsing
) -> None:
    browsing.allow(GONE)
    kinds = {"quiet": "activity", "still": "work", "joined": "kernel_connections"}
    pages = {}
    for name, kind in kinds.items():
        await ready(person, kind, name, _HEARD_S)
        await notebook(person, name=name)
        pages[name] = await lab(person, browsing, name, "lab/tree/work.ipynb")
    for name in kinds:
        await let_go(person, name)
    for name in ("quiet", "still"):
        await paused(person, name)
        card = pages[name].locator(".rt-away-card")
        await expect(card).to_contain_text(AFTER, timeout=_PATIENCE_MS)
    # It had as much time as the others, and more.
    found = await asyncio.to_thread(told, person, "joined")
    assert [each["kind"] for each in found["alive"]] == ["kernel_connected"], found
    assert found["reason"].startswith("Alive because the kernel work.ipynb is open in a tab;")
    await pages["joined"].close()
    await paused(person, "joined")


async def test_a_cell_runs_on_in_a_closed_tab(person: Person, browsing: Browsing) -> None:
    await ready(person, "activity")
    await notebook(person, "import time\ntime.sleep(3600)")
    page = await lab(person, browsing, path="lab/tree/work.ipynb")
    await page.locator(".jp-Notebook .jp-InputArea-editor").first.click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#jp-main-statusbar")).to_contain_text("Busy", timeout=_PATIENCE_MS)
    await page.close()
    await let_go(person)

    def long_alone() -> bool:
        (kernel,) = activity(person)["kernels"]
        return kernel["connections"] == 0 and (kernel["busy_for"] or 0) > 1.5 * TIMEOUT_S

    await until(long_alone, "a long computation without a page")
    found = await asyncio.to_thread(told, person)
    words = (
        r"Alive because the kernel work\.ipynb has been busy for \d+s; would pause at \d\d:\d\d UTC"
    )
    assert re.match(words, found["reason"]), found
    assert (await asyncio.to_thread(person.runtime))["state"] == "running"
    (kernel,) = (await asyncio.to_thread(activity, person))["kernels"]
    body = {"kernel": kernel["id"]}
    await asyncio.to_thread(lambda: ask(person, "POST", "/runtimes/lab/interrupt", json=body))
    await paused(person)


async def test_who_works_in_the_tab_counts_and_who_looks_elsewhere_does_not(
    person: Person, browsing: Browsing
) -> None:
    await ready(person, "work", timeout=3600)
    page = await lab(person, browsing)
    await let_go(person)
    # Every page of an automated browser believes that somebody looks at it: this one is as behind another.
    await page.evaluate("document.hasFocus = () => false")
    await page.mouse.move(300, 300)
    await page.mouse.wheel(0, 50)
    await page.keyboard.press("Shift")
    assert (await asyncio.to_thread(activity, person))["input_for"] is None
    await page.evaluate("delete document.hasFocus")
    # Had what was done before been told of, this would not be: once a minute is enough.
    async with page.expect_response(BEAT, timeout=_PATIENCE_MS):
        await page.keyboard.press("Shift")
    await until(lambda: alive(person) == ["input"], "the service to know of it")
    assert "somebody is working in it" in (await asyncio.to_thread(told, person))["reason"]


async def terminal(person: Person) -> WebSocketClientConnection:
    """A shell as JupyterLab's own terminals have one, at its prompt."""
    name = server(person, "POST", "api/terminals")["name"]
    origin = person.site.hub.origin.replace("http", "ws", 1)
    url = f"{origin}/user/{person.name}/lab/terminals/websocket/{name}"
    headers = {"Authorization": f"token {person.token}"}
    return await websocket_connect(HTTPRequest(url, headers=headers, connect_timeout=30))


async def typed(shell: WebSocketClientConnection, text: str) -> None:
    await shell.write_message(json.dumps(["stdin", text]))


async def test_a_program_in_a_terminal_counts_and_an_open_shell_does_not(
    person: Person, browsing: Browsing
) -> None:
    browsing.allow(GONE)
    await ready(person, "work")
    page = await lab(person, browsing)
    shell = await terminal(person)
    await typed(shell, "sleep 3600\r")
    await let_go(person)

    def long_running() -> bool:
        (one,) = activity(person)["terminals"]
        return one["running"] == "sleep" and one["running_for"] > 1.5 * TIMEOUT_S

    await until(long_running, "a program that runs for long")
    found = await asyncio.to_thread(told, person)
    assert [each["kind"] for each in found["alive"]] == ["terminal_running"], found
    assert "sleep has been running in a terminal for" in found["reason"]
    await typed(shell, "\x03")
    await paused(person)
    await expect(status(page)).to_contain_text(re.compile("paused|not answering"))
    shell.close()


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
    await ready(person, "activity", timeout=300)
    page = await lab(person, browsing)
    runtimes = await page.context.new_page()
    await runtimes.goto("/services/runtiles/")
    card = runtimes.locator('[data-name="lab"]')
    note = card.locator(".rt-runtime-ending")

    async def warned(of: str) -> None:
        await expect(toast(page)).to_contain_text(of, timeout=_PATIENCE_MS)
        await expect(note).to_be_visible(timeout=_PATIENCE_MS)
        await expect(runtimes.locator("[data-notice]")).to_have_count(0)

    async def calm() -> None:
        await expect(toast(page)).to_have_count(0, timeout=_PATIENCE_MS)
        await expect(note).to_be_hidden(timeout=_PATIENCE_MS)

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
    await expect(page.locator(".rt-away-card")).to_contain_text(AFTER, timeout=_PATIENCE_MS)
    await expect(card).to_contain_text("paused")
    await expect(note).to_be_hidden()
