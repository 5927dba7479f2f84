"""Where the Hub's pages offer Start, a paused runtime is offered Resume."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from runtiles.store import KeyFile, SnapshotRecord, Store
from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub, running_page_hub
from tests.integration.test_pages_access import violations
from tests.integration.test_pages_home import home, start

pytestmark = pytest.mark.browser

OPTIONS = {"tile": "quick", "machine": "cpu-large"}


@contextmanager
def store_of(hub: PageHub) -> Iterator[Store]:
    folder = hub.gates.parent
    store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(folder / "key"))
    yield store
    store.close()


@pytest.fixture
def store(page_hub: PageHub) -> Iterator[Store]:
    with store_of(page_hub) as found:
        yield found


def paused(page_hub: PageHub, store: Store, user: str) -> None:
    """The user's default runtime ran once, and waits with a snapshot."""
    start(page_hub, user)
    page_hub.hub.api("DELETE", f"/users/{user}/server")
    snapshot, launch = f"{user}-snapshot", f"{user}-launch"
    store.launches.record(
        user, "", launch, options=OPTIONS, spec={}, tile="quick", machine="cpu-large", image="i"
    )
    store.snapshots.add(SnapshotRecord(snapshot, user, "", 1.0, 5, options=OPTIONS), {})
    store.launches.update(launch, snapshot=snapshot)
    store.launches.finish(launch, "stopped")


async def test_home_resumes(page_hub: PageHub, browsing: Browsing, store: Store) -> None:
    paused(page_hub, store, "rosa")
    page = await home(page_hub, browsing, "rosa")
    row = page.locator('[data-server=""]')
    await expect(row).to_contain_text("paused")
    await expect(row.get_by_role("link", name="Start empty")).to_be_visible()
    assert await violations(page) == []
    await row.get_by_role("button", name="Resume").click()
    await page.wait_for_url(re.compile("spawn-pending|/user/rosa"))
    options = page_hub.hub.api("GET", "/users/rosa").json()["servers"][""]["user_options"]
    assert options["resume"] == "rosa-snapshot"


async def test_the_gallery_and_the_page_of_a_stopped_server_resume(
    page_hub: PageHub, browsing: Browsing, store: Store
) -> None:
    browsing.allow("status of 424")
    paused(page_hub, store, "ruth")
    page = await home(page_hub, browsing, "ruth")
    await page.goto("/hub/spawn/ruth")
    await expect(page.locator("#rt-paused")).to_contain_text("Resume brings its variables back")
    assert await violations(page) == []
    await page.goto("/hub/user/ruth/lab")
    await expect(page.locator("#rt-is")).to_contain_text("its variables are kept")
    assert await violations(page) == []
    await page.get_by_role("button", name="Resume it").click()
    await page.wait_for_url(re.compile("spawn-pending|/user/ruth/$"))


async def test_who_has_nothing_paused_is_offered_to_start(
    page_hub: PageHub, browsing: Browsing
) -> None:
    start(page_hub, "runa")
    page_hub.hub.api("DELETE", "/users/runa/server")
    page = await home(page_hub, browsing, "runa")
    await expect(page.get_by_role("link", name="Start", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Resume")).to_have_count(0)


async def test_what_is_paused_does_not_start_empty_by_itself(
    tmp_path: Path, browsing: Browsing
) -> None:
    browsing.allow("status of 424")
    by_itself = "c.JupyterHub.implicit_spawn_seconds = 30\n"
    with running_page_hub(tmp_path, more=by_itself) as hub, store_of(hub) as store:
        paused(hub, store, "rita")
        page = await home(hub, browsing, "rita")
        await page.clock.install()
        await page.goto("/hub/user/rita/lab")
        await expect(page.locator("#rt-is")).to_contain_text("its variables are kept")
        await page.clock.fast_forward("05:00")
        await expect(page.get_by_role("button", name="Resume it")).to_be_visible()
        await expect(page.locator("#rt-soon")).to_be_empty()
        store.snapshots.delete("rita", "rita-snapshot")
        await page.reload()
        await expect(page.locator("#rt-soon")).to_have_text("It starts by itself in 30 seconds.")
        await page.clock.fast_forward("00:31")
        await page.wait_for_url("**/hub/spawn/rita**")
        # The gallery asks the service, which ends with the Hub.
        await page.goto("about:blank")
