"""Why a runtime is alive, warnings and their answers on the runtimes page and in the admin panel."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from runtiles.contract.activity import Activity, Kernel
from tests.fixtures.browser import Browsing
from tests.fixtures.pretend_runtime import PretendRuntime, pretend_runtime
from tests.integration.test_pages_access import Theme, violations
from tests.integration.test_runtimes_page import EVIL, in_dialog, press, row, sign_in
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

pytestmark = pytest.mark.browser

IDLE = {"timeout": "10m", "type": "activity", "action": "pause"}
_number = iter(range(1, 1000))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("idle-page")) as service:
        yield service


@pytest.fixture
def ivy(hub: ServiceHub) -> Iterator[Person]:
    with person(hub, f"ivy-{next(_number)}") as found:
        yield found


@pytest_asyncio.fixture
async def runtime() -> AsyncIterator[PretendRuntime]:
    with pretend_runtime() as found:
        yield found


async def ready(ivy: Person, runtime: PretendRuntime, **options: Any) -> str:
    """Her runtime x runs; the id of its launch."""
    await asyncio.to_thread(lambda: ivy.launch(tile="quick", name="x", **options))
    await asyncio.to_thread(ivy.wait_for, "x", "running")
    store = ivy.service.store
    runtime.stands_for(store, ivy.name, "x")
    launch = store.launches.latest(ivy.name, "x")
    assert launch is not None
    return launch.id


async def reports(ivy: Person, launch: str, quiet_for: float, **kernel: Any) -> None:
    """As the runtime itself does."""
    one = Kernel("one", f"{EVIL}.ipynb", quiet_for=quiet_for, **kernel)
    report = Activity(sequence=1, up_for=3600.0 + time.monotonic(), kernels=(one,)).to_dict()
    key = ivy.service.store.state_keys.control_key(ivy.name, launch)

    def tell() -> int:
        answer = ivy.api.post(
            f"/launch-spec/x/activity?launch={launch}",
            json=report,
            headers={"Authorization": f"Runtiles {key}"},
        )
        return answer.status_code

    deadline = time.monotonic() + 20
    # The service watches it a moment after it runs.
    while await asyncio.to_thread(tell) != 200:
        assert time.monotonic() < deadline, "the service does not know of the runtime"
        await asyncio.sleep(0.1)


async def opened(
    ivy: Person, browsing: Browsing, theme: Theme = "light", width: int = 1280
) -> Page:
    page = await browsing.page(ivy.service.hub.origin, theme=theme, width=width)
    await sign_in(page, ivy.name)
    await expect(row(page, "x")).to_contain_text("running")
    return page


def warning(page: Page) -> Locator:
    return row(page, "x").locator(".rt-runtime-ending")


async def test_an_idle_one_is_warned_of_and_kept(
    ivy: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    launch = await ready(ivy, runtime, idle=IDLE)
    page = await opened(ivy, browsing)
    await expect(warning(page)).to_be_hidden()
    await reports(ivy, launch, quiet_for=400.0)
    await expect(warning(page)).to_contain_text("Nobody has used it for 6 min: it pauses in")
    await expect(page.locator("#rt-spoken")).to_contain_text("Nobody has used it for 6 min")
    # It is a notice too, for those who read them elsewhere.
    notices = (await asyncio.to_thread(ivy.api.get, "/notices")).json()
    assert [each["runtime"] for each in notices] == ["x"]
    await expect(page.locator("[data-notice]")).to_have_count(0)
    await press(page, "x", "Why is it alive?")
    dialog = page.get_by_role("dialog", name="Why is Quick start alive?")
    await expect(dialog).to_contain_text(f"Idle: the kernel {EVIL}.ipynb was last heard")
    await expect(dialog).to_contain_text("paused after 10 min in which no kernel is busy")
    assert await page.locator("dialog img").count() == 0
    await page.keyboard.press("Escape")
    await warning(page).get_by_role("button", name="Keep until: ").click()
    await expect(page.get_by_role("dialog")).to_contain_text("At most until")
    await in_dialog(page, "Keep").click()
    await expect(warning(page)).to_be_hidden()
    await expect(row(page, "x")).to_contain_text("Kept until")
    await press(page, "x", "Keep no longer")
    await expect(warning(page)).to_be_visible()
    await warning(page).get_by_role("button", name="Extend: ").click()
    await expect(page.get_by_role("dialog")).to_contain_text("though it may be idle.")
    await in_dialog(page, "Extend").click()
    await expect(row(page, "x")).to_contain_text("Kept until")
    assert (await asyncio.to_thread(ivy.api.get, "/runtimes/x/idle")).json()["held_until"]


async def test_a_time_limit_is_extended_and_a_pause_asked_for(
    ivy: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    launch = await ready(ivy, runtime, time_limit="2h")
    page = await opened(ivy, browsing)
    await expect(row(page, "x")).to_contain_text("left (until")
    await expect(warning(page)).to_be_hidden()
    now = time.time()
    ivy.service.store.launches.update(launch, started_at=now - 1000, expires_at=now + 290)
    await expect(warning(page)).to_contain_text("Its time limit ends: it pauses in 4 min")
    await warning(page).get_by_role("button", name="Pause now: ").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Nothing is lost.")
    await page.keyboard.press("Escape")
    await warning(page).get_by_role("button", name="Extend: ").click()
    await page.get_by_label("How much longer?").select_option(label="30 min")
    await expect(page.get_by_role("dialog")).to_contain_text("instead of")
    await in_dialog(page, "Extend").click()
    await expect(warning(page)).to_be_hidden()
    await expect(row(page, "x")).to_contain_text("34 min left")


async def test_a_card_follows_what_the_runtime_reports(
    ivy: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    """Nothing of it is in the database, and no warning is due."""
    launch = await ready(ivy, runtime, idle={**IDLE, "timeout": "5h"})
    page = await opened(ivy, browsing)
    await reports(ivy, launch, quiet_for=3000.0)
    await expect(row(page, "x")).to_contain_text("Idle for 50 min: it pauses at")
    await picture(page, "countdown")
    await reports(ivy, launch, quiet_for=0.0, busy_for=1.0)
    await expect(row(page, "x")).to_contain_text("Pauses after 5 h without activity.")


async def test_who_works_is_not_warned_and_can_ask_why(
    ivy: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    launch = await ready(ivy, runtime, idle=IDLE)
    await reports(ivy, launch, quiet_for=0.0, busy_for=2520.0)
    page = await opened(ivy, browsing)
    await expect(row(page, "x")).to_contain_text("Pauses after 10 min without activity.")
    await expect(warning(page)).to_be_hidden()
    await press(page, "x", "Why is it alive?")
    told = page.get_by_role("dialog")
    await expect(told).to_contain_text(f"Alive because the kernel {EVIL}.ipynb has been busy for")
    await expect(told).to_contain_text("; would pause at")
    # The hour is that of the reader's clock.
    await expect(told).not_to_contain_text("UTC")


async def test_admins_see_what_is_idle_and_why(
    hub: ServiceHub, ivy: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    launch = await ready(ivy, runtime, idle=IDLE)
    await reports(ivy, launch, quiet_for=400.0)
    with person(hub, "admin"):
        page = await browsing.page(hub.hub.origin, width=1500)
        await sign_in(page, "admin")
        await page.goto(f"/services/runtiles/admin#runtimes?user={ivy.name}")
        line = page.locator(f'[data-key="{ivy.name}/x"]')
        await expect(line).to_contain_text("pauses in")
        title = str(await line.locator('[title^="Idle: the kernel"]').get_attribute("title"))
        assert EVIL in title
        assert "UTC" not in title
        await line.get_by_role("button", name="Why is Quick start of ").click()
        dialog = page.get_by_role("dialog", name=f"Why is Quick start of {ivy.name} alive?")
        await expect(dialog).to_contain_text("Idle: the kernel")
        assert await violations(page, "body") == []
        await picture(page, "admin")


async def test_axe_and_narrow_screens(
    ivy: Person, runtime: PretendRuntime, browsing: Browsing
) -> None:
    launch = await ready(ivy, runtime, idle=IDLE, time_limit="2h")
    await reports(ivy, launch, quiet_for=400.0)
    looks: list[tuple[Theme, int]] = [("light", 1280), ("dark", 400)]
    for theme, width in looks:
        page = await opened(ivy, browsing, theme, width)
        await expect(warning(page)).to_be_visible()
        await complain_about_nothing(page, width, f"card-{theme}")
        await press(page, "x", "Why is it alive?")
        await expect(page.get_by_role("dialog")).to_contain_text("Idle: the kernel")
        await complain_about_nothing(page, width, f"why-{theme}")
        await page.keyboard.press("Escape")
        for button in ("Keep until: ", "Extend: "):
            await warning(page).get_by_role("button", name=button).click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await complain_about_nothing(page, width, f"{button[:4]}-{theme}")
            await page.keyboard.press("Escape")
        await press(page, "x", "Keep until: ")
        await in_dialog(page, "Keep").click()
        await expect(row(page, "x")).to_contain_text("Kept until")
        await complain_about_nothing(page, width, f"hold-{theme}")
        await press(page, "x", "Keep no longer")
        await expect(warning(page)).to_be_visible()


async def complain_about_nothing(page: Page, width: int, name: str) -> None:
    assert await violations(page, "body") == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await picture(page, name)


async def picture(page: Page, name: str) -> None:
    """Kept when RUNTILES_SCREENSHOTS names a folder: for people to look at."""
    folder = os.environ.get("RUNTILES_SCREENSHOTS")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"idle-{name}.png"))
