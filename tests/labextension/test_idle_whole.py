"""Idleness as a person meets it: a real browser, the real service, real kernels and shells."""

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.fixtures.browser import Browsing
from tests.integration.site import Person, Site
from tests.labextension.idle_tab import (
    AFTER,
    GONE,
    PATIENCE_MS,
    activity,
    alive,
    lab,
    let_go,
    notebook,
    paused,
    ready,
    status,
    told,
    until,
)
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_pauses_whole import ask, server

pytestmark = pytest.mark.browser

#: Short enough to wait for.
TIMEOUT_S = 15
#: Half of it is the notice that everybody gets, and longer than an open page is silent.
_HEARD_S = 40
BEAT = re.compile("/runtiles/api/activity/input")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    policy = {"idle_warnings": ["285s"], "max_hold": "2h"}
    with process_site(tmp_path_factory.mktemp("idle-lab"), policy=policy) as found:
        yield found


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


async def test_an_open_tab_that_nobody_touches_keeps_nothing_alive_but_a_connection_does(
    person: Person, browsing: Browsing
) -> None:
    browsing.allow(GONE)
    kinds = {
        "quiet": ("activity", _HEARD_S),
        "still": ("work", _HEARD_S),
        "joined": ("kernel_connections", TIMEOUT_S),
    }
    pages = {}
    for name, (kind, timeout) in kinds.items():
        await ready(person, kind, timeout, name)
        await notebook(person, name=name)
        pages[name] = await lab(person, browsing, name, "lab/tree/work.ipynb")
    for name in kinds:
        await let_go(person, name)
    for name in ("quiet", "still"):
        await paused(person, name)
        card = pages[name].locator(".rt-away-card")
        await expect(card).to_contain_text(AFTER, timeout=PATIENCE_MS)
    # It had more time than it would have got without.
    found = await asyncio.to_thread(told, person, "joined")
    assert [each["kind"] for each in found["alive"]] == ["kernel_connected"], found
    assert found["reason"].startswith("Alive because the kernel work.ipynb is open in a tab;")
    await pages["joined"].close()
    await paused(person, "joined")


async def test_a_cell_runs_on_in_a_closed_tab(person: Person, browsing: Browsing) -> None:
    await ready(person, "activity", TIMEOUT_S)
    await notebook(person, "import time\ntime.sleep(3600)")
    page = await lab(person, browsing, path="lab/tree/work.ipynb")
    await page.locator(".jp-Notebook .jp-InputArea-editor").first.click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#jp-main-statusbar")).to_contain_text("Busy", timeout=PATIENCE_MS)
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
    await ready(person, "work", 3600)
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
    async with page.expect_response(BEAT, timeout=PATIENCE_MS):
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
    await ready(person, "work", TIMEOUT_S)
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
