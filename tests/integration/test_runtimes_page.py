"""The runtimes page in a browser, over a real Hub and service."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub
from tests.fixtures.service_process import kill_service, kill_with_keeper
from tests.integration.test_pages_access import Theme, both_themes, violations
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

pytestmark = pytest.mark.browser

HOME = "/services/runtiles/"
EVIL = '<img src=x onerror=alert("title")> & "quoted" {{ 7 * 7 }}'


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("runtimes-page")) as service:
        yield service


@pytest.fixture
def ida(hub: ServiceHub, request: pytest.FixtureRequest) -> Iterator[Person]:
    """A user of the test's own."""
    name = re.sub(r"[^a-z]+", "-", request.node.name.lower())[5:40].strip("-")
    with person(hub, f"ida-{name}") as found:
        yield found


@pytest_asyncio.fixture
async def page(hub: ServiceHub, ida: Person, browsing: Browsing) -> AsyncIterator[Page]:
    """At the runtimes page, as after a sign-in."""
    page = await browsing.page(hub.hub.origin)
    await sign_in(page, ida.name)
    yield page


async def sign_in(page: Page, user: str, path: str = HOME) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    await page.goto("/hub/login")
    await page.fill("#username_input", user)
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await page.wait_for_url(f"**{HOME}")
    await expect(page.locator("#rt-loading")).to_be_hidden()
    if path != HOME:
        await page.goto(path)


def row(page: Page, name: str) -> Locator:
    return page.locator(f'[data-name="{name}"]')


async def press(page: Page, name: str, button: str) -> None:
    """A button of a runtime, out of its menu if it is there."""
    found = row(page, name).get_by_role("button", name=button)
    if not await found.is_visible():
        await row(page, name).get_by_role("button", name="More for").click()
    await found.click()


def in_dialog(page: Page, button: str) -> Locator:
    return page.get_by_role("dialog").get_by_role("button", name=button, exact=True)


async def tab_to(page: Page, name: str, within: int = 3) -> None:
    """On to a control whose name begins like this; what is passed can be reached, too."""
    for _ in range(within):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        text = await focused.get_attribute("aria-label") or await focused.text_content() or ""
        if text.startswith(name):
            return
    pytest.fail(f"{name!r} cannot be reached with the keyboard")


async def launched(ida: Person, **options: str) -> None:
    """In a thread: the page goes on listening."""
    await asyncio.to_thread(lambda: ida.launch(**options))


async def test_people_land_here_and_are_told_how_to_begin(page: Page) -> None:
    await expect(page.get_by_role("heading", name="No runtimes yet")).to_be_visible()
    first = page.get_by_role("link", name="Choose a tile")
    assert await first.get_attribute("href") == "/hub/spawn"


async def test_a_launch_is_watched_without_a_reload(page: Page, ida: Person) -> None:
    await page.evaluate("void (window.same = true)")
    await launched(ida, tile="gated", name="slow")
    slow = row(page, "slow")
    await expect(slow).to_contain_text("starting")
    await expect(slow).to_contain_text("Getting the image · 50 %")
    bar = slow.get_by_role("progressbar")
    await expect(bar).to_have_attribute("aria-valuenow", "50")
    await expect(slow.get_by_role("link", name="Progress")).to_have_attribute(
        "href", f"/hub/spawn-pending/{ida.name}/slow"
    )
    ida.open_gate()
    await expect(slow).to_contain_text("Running for")
    await expect(slow).to_contain_text("Runs until you stop it.")
    await expect(slow.get_by_role("link", name="Open")).to_have_attribute(
        "href", f"/user/{ida.name}/slow/"
    )
    await expect(bar).to_be_hidden()
    await press(page, "slow", "Stop")
    await expect(page.get_by_role("dialog")).to_contain_text("Its variables are lost")
    await in_dialog(page, "Stop").click()
    await expect(slow).to_contain_text("Stopped")
    await expect(slow.get_by_role("button", name="Start: ")).to_be_visible()
    assert await page.evaluate("window.same") is True


async def test_the_time_that_is_left_is_shown(page: Page, ida: Person) -> None:
    await launched(ida, tile="quick", name="x", time_limit="2h")
    await expect(row(page, "x")).to_contain_text("1 h 59 min left (until")
    await expect(row(page, "x")).to_contain_text("Runs until its time limit or until you stop it.")


async def test_a_failure_says_why_and_is_started_on_another_machine(
    page: Page, ida: Person
) -> None:
    await launched(ida, tile="broken", name="b")
    failed = row(page, "b")
    await expect(failed).to_contain_text("failed")
    await expect(failed).to_contain_text("There is no such image.")
    await expect(failed).to_contain_text("Try another one.")
    await press(page, "b", "Start on another machine")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Starts when its GPUs are free")
    await expect(dialog.get_by_label("Small")).to_be_checked()
    await dialog.get_by_label("Large").check()
    await in_dialog(page, "Start").click()
    await expect(dialog).to_have_count(0)
    await expect(failed).to_contain_text("b · Large")


async def test_rename_and_delete(page: Page, ida: Person) -> None:
    await launched(ida, tile="quick", name="x")
    await expect(row(page, "x").get_by_role("heading")).to_have_text("Quick start")
    await press(page, "x", "Rename")
    await page.get_by_label("Title").fill(EVIL)
    await in_dialog(page, "Save").click()
    await expect(row(page, "x").get_by_role("heading")).to_have_text(EVIL)
    await expect(row(page, "x")).to_contain_text("x · Quick start · Small")
    await press(page, "x", "Delete")
    await in_dialog(page, "Cancel").click()
    await expect(row(page, "x")).to_be_visible()
    await press(page, "x", "Delete")
    await in_dialog(page, "Delete").click()
    await expect(row(page, "x")).to_have_count(0)
    await expect(page.get_by_role("heading", name="No runtimes yet")).to_be_visible()


async def test_what_is_refused_is_said_at_the_runtime(
    page: Page, ida: Person, browsing: Browsing
) -> None:
    browsing.allow("status of 429")
    await launched(ida, tile="quick", name="x")
    await expect(row(page, "x")).to_contain_text("running")
    await press(page, "x", "Stop")
    await in_dialog(page, "Stop").click()
    await expect(row(page, "x")).to_contain_text("Stopped")
    for name in ("y", "z"):
        await launched(ida, tile="quick", name=name)
    await press(page, "x", "Start: ")
    await expect(row(page, "x").get_by_role("alert").first).to_contain_text("2 runtimes running")


async def test_the_log_is_followed_filtered_and_closed(page: Page, ida: Person) -> None:
    await launched(ida, tile="quick", name="x")
    await expect(row(page, "x")).to_contain_text("running")
    await press(page, "x", "Logs")
    drawer = page.get_by_role("dialog")
    log = drawer.get_by_role("log")
    await expect(log).to_contain_text("first line\nsecond line")
    await expect(drawer.get_by_label("Follow")).to_be_checked()
    await drawer.get_by_label("Filter lines").fill("second")
    await expect(log).to_have_text("second line")
    await drawer.get_by_label("Times").check()
    await expect(log).to_contain_text(re.compile(r"\d:\d\d.*second line"))
    await page.keyboard.press("Escape")
    await expect(drawer).to_have_count(0)
    await expect(row(page, "x").get_by_role("button", name="Logs")).to_be_focused()


async def test_a_notice_is_shown_at_once_and_dismissed(
    page: Page, ida: Person, hub: ServiceHub
) -> None:
    hub.store.notices.send([ida.name], f"Down at 5 {EVIL}", author=EVIL)
    await expect(page.locator("#rt-notices")).to_contain_text(f"Down at 5 {EVIL}")
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.locator("#rt-notices > *")).to_have_count(0)
    assert hub.store.notices.of_user(ida.name) == []


async def test_nothing_that_people_write_becomes_markup(
    page: Page, ida: Person, hub: ServiceHub
) -> None:
    await asyncio.to_thread(
        lambda: ida.launch(
            tile="markup", name="x", description=EVIL, environment={"A": EVIL, "B": "</script>"}
        )
    )
    await expect(row(page, "x")).to_contain_text('<img src=x onerror=alert("title")>')
    await expect(row(page, "x")).to_contain_text("running")
    await press(page, "x", "Launch link and badge")
    await expect(page.get_by_role("dialog").get_by_label("Tile")).to_have_value("markup")
    await page.keyboard.press("Escape")
    assert await page.locator("#rt-main img").count() == 0


async def test_two_people_see_their_own_runtimes_only(
    page: Page, ida: Person, hub: ServiceHub, browsing: Browsing
) -> None:
    with person(hub, "otto") as otto:
        other = await browsing.page(hub.hub.origin)
        await sign_in(other, "otto")
        await asyncio.gather(
            launched(ida, tile="quick", name="hers"), launched(otto, tile="quick", name="his")
        )
        await expect(row(page, "hers")).to_contain_text("running")
        await expect(row(other, "his")).to_contain_text("running")
        await expect(page.locator("#rt-list > *")).to_have_count(1)
        await expect(other.locator("#rt-list > *")).to_have_count(1)


async def test_several_tabs_say_the_same(page: Page, ida: Person) -> None:
    second = await page.context.new_page()
    await second.goto(HOME)
    await launched(ida, tile="quick", name="x")
    for tab in (page, second):
        await expect(row(tab, "x")).to_contain_text("running")
    await press(second, "x", "Rename")
    await second.get_by_label("Title").fill("Renamed")
    await in_dialog(second, "Save").click()
    await expect(row(page, "x").get_by_role("heading")).to_have_text("Renamed")


async def test_everything_can_be_done_with_the_keyboard(page: Page, ida: Person) -> None:
    await launched(ida, tile="quick", name="x")
    await expect(row(page, "x")).to_contain_text("running")
    await page.reload()
    await expect(row(page, "x")).to_contain_text("running")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    for name in ("Launch link…", "New runtime", "Open Quick start", "Stop: ", "Logs: ", "More for"):
        await tab_to(page, name)
    await page.keyboard.press("Enter")
    menu = row(page, "x").locator(".rt-menu-list")
    await expect(menu).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    await expect(row(page, "x").get_by_role("button", name="More for")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, "Rename: ", within=6)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Title")).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("By hand")
    await page.keyboard.press("Enter")
    await expect(row(page, "x").get_by_role("heading")).to_have_text("By hand")
    await expect(row(page, "x").get_by_role("button", name="More for")).to_be_focused()


async def test_many_are_searched(page_hub: PageHub, browsing: Browsing) -> None:
    page_hub.hub.user("mila")
    page = await browsing.page(page_hub.origin)
    await sign_in(page, "mila")
    for number in range(7):
        tile = "markup" if number == 3 else "quick"
        path = f"/users/mila/servers/many-{number}"
        page_hub.hub.api("POST", path, {"user_options": {"tile": tile, "machine": "cpu-small"}})
    # This Hub's spawner writes no records: nothing tells the page.
    await page.reload()
    await expect(page.locator("#rt-list > *")).to_have_count(7)
    await page.get_by_label("Search runtimes").fill("many-5")
    await expect(page.locator("#rt-list > :not([hidden])")).to_have_count(1)
    await page.get_by_label("Search runtimes").fill("MARKUP many")
    await expect(page.locator("#rt-list > :not([hidden])")).to_have_count(1)
    await page.get_by_label("Search runtimes").fill("nothing like it")
    await expect(page.get_by_text("No runtime matches.")).to_be_visible()
    page_hub.hub.api("DELETE", "/users/mila/servers/many-2")
    await page.reload()
    await page.get_by_label("Which runtimes").select_option("idle")
    await expect(page.locator("#rt-list > :not([hidden])")).to_have_count(1)
    assert await violations(page, "body") == []


@both_themes
@pytest.mark.parametrize("width", [1280, 400])
async def test_axe_finds_nothing_to_object_to(
    hub: ServiceHub, browsing: Browsing, theme: Theme, width: int
) -> None:
    with person(hub, f"axe-{theme}-{width}") as axe:
        page = await browsing.page(hub.hub.origin, theme=theme, width=width)
        await sign_in(page, axe.name)
        await expect(page.locator("#rt-empty")).to_be_visible()
        assert await violations(page, "body") == []
        await launched(axe, tile="broken", name="broken")
        await launched(axe, tile="quick", name="default", time_limit="2h")
        await launched(axe, tile="gated", name="slow")
        hub.store.notices.send([axe.name], "Soon", author="admin")
        await expect(row(page, "slow")).to_contain_text("50 %")
        await expect(row(page, "broken")).to_contain_text("failed")
        await expect(page.locator("#rt-notices > *")).to_have_count(1)
        assert await violations(page, "body") == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await row(page, "broken").get_by_role("button", name="More for").click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.keyboard.press("Escape")
        for button in ("Start on another machine", "Rename", "Launch link and badge", "Delete"):
            await press(page, "broken", button)
            await expect(page.get_by_role("dialog")).to_be_visible()
            assert await violations(page, "dialog") == []
            await page.keyboard.press("Escape")
        await press(page, "default", "Logs")
        await expect(page.get_by_role("log")).to_contain_text("second line")
        assert await violations(page, "dialog") == []
        axe.open_gate()


async def test_a_question_that_is_never_answered_holds_up_no_list(
    hub: ServiceHub, ida: Person, browsing: Browsing
) -> None:
    """As one does that a service took along when it was killed: the proxy holds the connection."""
    await launched(ida, tile="quick", name="x")
    page = await browsing.page(hub.hub.origin)
    await page.route("**/services/runtiles/api/tiles", lambda _: asyncio.sleep(0))
    await sign_in(page, ida.name)
    await expect(row(page, "x")).to_be_visible()


async def test_a_service_that_was_killed_comes_back_to_the_open_page(
    browsing: Browsing, tmp_path: Path
) -> None:
    browsing.allow("status of (50[234]|404)|Failed to load|ERR_")
    with running_service(tmp_path) as own, person(own, "ida") as ida:
        page = await browsing.page(own.hub.origin)
        await sign_in(page, "ida")
        await launched(ida, tile="quick", name="x")
        await expect(row(page, "x")).to_contain_text("running")
        await asyncio.to_thread(kill_service, f"{own.folder}/")
        await expect(page.locator("#rt-lost")).to_contain_text("This is the list of")
        await expect(row(page, "x")).to_be_visible()
        await expect(page.locator("#rt-lost")).to_be_hidden(timeout=60_000)
        await asyncio.to_thread(lambda: ida.api.patch("/runtimes/x", json={"title": "Back"}))
        await expect(row(page, "x").get_by_role("heading")).to_have_text("Back")


async def test_while_the_service_is_down_the_hub_offers_its_own_page(
    browsing: Browsing, tmp_path: Path
) -> None:
    browsing.allow("status of (50[234]|404)")
    with running_service(tmp_path) as own:
        await asyncio.to_thread(kill_with_keeper, f"{own.folder}/")
        page = await browsing.page(own.hub.origin)
        await page.goto("/hub/login")
        await page.fill("#username_input", "ida")
        await page.fill("#password_input", "any")
        await page.click("#login_submit")
        await page.wait_for_url(f"**{HOME}")
        await expect(page.locator("body")).to_contain_text("503")
