"""The page of snapshots in a browser, over a real Hub and service."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from runtiles.store import SnapshotRecord
from tests.fixtures.browser import Browsing
from tests.integration.test_pages_access import violations
from tests.integration.test_runtimes_page import EVIL, HOME, in_dialog, launched, row, sign_in
from tests.integration.transfers import Kernel
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service
from tests.runtiles.service.process_site import process_site

pytestmark = pytest.mark.browser

KERNEL: dict[str, Any] = {"id": "k", "name": "python3", "language": "python", "path": "a.ipynb"}
LOSS = {"variable": "line", "path": "line", "type": "socket", "reason": EVIL}
VARIABLE = {"name": EVIL, "type": EVIL, "bytes": 5, "status": "saved", "reason": ""}
_number = iter(range(1, 1000))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("snapshots-page")) as service:
        yield service


@pytest.fixture
def sue(hub: ServiceHub) -> Iterator[Person]:
    with person(hub, f"sue-{next(_number)}") as found:
        yield found


@pytest_asyncio.fixture
async def page(hub: ServiceHub, sue: Person, browsing: Browsing) -> Page:
    page = await browsing.page(hub.hub.origin)
    await sign_in(page, sue.name)
    return page


def saved(hub: ServiceHub, sue: Person, number: str, **changes: Any) -> str:
    """A snapshot of sue's runtime x, with one kernel; its id."""
    kernel = {**KERNEL, "status": "saved", "reason": "", "bytes": 5_000_000}
    record = SnapshotRecord(
        f"{sue.name}-{number}",
        sue.name,
        "x",
        time.time() - 7200,
        5_000_000,
        tile="quick",
        machine="cpu-small",
        options={"tile": "quick", "machine": "cpu-small"},
        summary={"kernels": [{**kernel, "variables": 7, "lost": 1}]},
    )
    manifest = {"kernels": [{**kernel, "variables": [VARIABLE], "losses": [LOSS], "notes": []}]}
    hub.store.snapshots.add(replace(record, **changes), manifest)
    return record.id


def found(page: Page, snapshot: str) -> Locator:
    return page.locator(f'[data-snapshot="{snapshot}"]')


async def more(page: Page, snapshot: str, item: str) -> None:
    await found(page, snapshot).get_by_role("button", name="More for").click()
    await found(page, snapshot).get_by_role("button", name=item).click()


async def test_who_has_none_is_told_where_they_come_from(page: Page) -> None:
    await page.get_by_role("link", name="Snapshots").click()
    await expect(page.get_by_role("heading", name="No snapshots yet")).to_be_visible()
    assert await violations(page, "body") == []


async def test_what_is_in_one_is_looked_at_named_and_deleted(
    page: Page, hub: ServiceHub, sue: Person
) -> None:
    one = saved(hub, sue, "one")
    await page.goto(f"{HOME}snapshots")
    await expect(page.locator("#rt-used")).to_have_text("1 snapshot. 5.0 MB of 52 MB used.")
    await expect(found(page, one)).to_contain_text("5.0 MB · 7 variables")
    await expect(found(page, one)).to_contain_text("Saved 2 hours ago")
    await expect(found(page, one)).to_contain_text("of x · Quick start")
    await expect(found(page, one)).to_contain_text("1 thing not in it")
    await found(page, one).get_by_role("button", name="What is in it").click()
    drawer = page.get_by_role("dialog")
    await expect(drawer).to_contain_text(EVIL)
    await expect(drawer.get_by_role("list", name="Not in it, of a.ipynb")).to_contain_text("line")
    assert await violations(page, "dialog") == []
    await page.keyboard.press("Escape")
    await more(page, one, "Rename")
    await page.get_by_label("Name", exact=True).fill(EVIL)
    await in_dialog(page, "Save").click()
    await expect(found(page, one).get_by_role("heading")).to_have_text(EVIL)
    assert await page.locator("#rt-main img").count() == 0
    assert hub.store.snapshots.get(sue.name, one).name == EVIL


async def test_a_snapshot_starts_a_runtime_of_any_name(
    page: Page, hub: ServiceHub, sue: Person
) -> None:
    one = saved(hub, sue, "one")
    await page.goto(f"{HOME}snapshots")
    await found(page, one).get_by_role("button", name="Resume: ").click()
    await page.get_by_label("Name of the new runtime").fill("Not a name")
    await in_dialog(page, "Resume").click()
    await expect(page.get_by_role("alert").last).to_contain_text("small letters")
    await page.get_by_label("Name of the new runtime").fill("second")
    await in_dialog(page, "Resume").click()
    await page.wait_for_url(f"**{HOME}")
    await expect(row(page, "second")).to_contain_text("Running for")
    options = hub.store.launches.last_options(sue.name, "second")
    assert options
    assert options["resume"] == one


async def test_one_that_a_runtime_waits_for_is_deleted_with_a_warning(
    page: Page, hub: ServiceHub, sue: Person
) -> None:
    await launched(sue, tile="quick", name="x")
    await asyncio.to_thread(sue.wait_for, "x", "running")
    launch = hub.store.launches.latest(sue.name, "x")
    assert launch
    one = saved(hub, sue, "one")
    hub.store.launches.update(launch.id, snapshot=one)
    await asyncio.to_thread(sue.api.post, "/runtimes/x/stop")
    await asyncio.to_thread(sue.wait_for, "x", "paused")
    await page.goto(f"{HOME}snapshots")
    await expect(found(page, one)).to_contain_text("waits to be resumed")
    await found(page, one).get_by_role("button", name="More for").click()
    await found(page, one).get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("dialog")).to_contain_text("x waits to be resumed from it")
    await in_dialog(page, "Cancel").click()
    await found(page, one).get_by_role("button", name="Resume: ").first.click()
    await page.wait_for_url(f"**{HOME}")
    await expect(row(page, "x")).to_contain_text("Running for")


async def test_one_that_came_as_a_file_is_trusted_first(
    page: Page, hub: ServiceHub, sue: Person
) -> None:
    one = saved(hub, sue, "one", origin="import", trusted=False)
    await page.goto(f"{HOME}snapshots")
    await expect(found(page, one)).to_contain_text("not trusted")
    await expect(found(page, one).get_by_role("button", name="Resume: ")).to_have_count(0)
    await found(page, one).get_by_role("button", name="Trust").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("runs code that is in it")
    await in_dialog(page, "Trust it").click()
    await expect(dialog).to_contain_text("Say that you trust who made it")
    assert await violations(page, "dialog") == []
    assert not hub.store.snapshots.get(sue.name, one).trusted


async def test_an_import_says_what_is_wrong_with_the_file(page: Page, browsing: Browsing) -> None:
    browsing.allow("status of (400|409|503)")
    await page.goto(f"{HOME}snapshots")
    await page.get_by_role("button", name="Import").click()
    await in_dialog(page, "Import").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Choose a file.")
    await page.get_by_label("File").set_input_files(
        {"name": "s.tar.gz", "mimeType": "application/gzip", "buffer": b"no archive"}
    )
    await in_dialog(page, "Import").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).not_to_be_empty()
    assert await violations(page, "dialog") == []


async def test_what_was_downloaded_comes_back_and_is_resumed(
    tmp_path: Path, browsing: Browsing
) -> None:
    """With a real kernel, from one person to another."""
    with process_site(tmp_path) as site:
        giver, taker = site.person("giver"), site.person("taker")
        for who in (giver, taker):
            await asyncio.to_thread(who.ready)
        kernel = await asyncio.to_thread(Kernel.start, giver, "lab")
        await asyncio.to_thread(kernel.run, "shared = [1, 2]; same = shared")
        with giver.api as api:
            assert api.post("/runtimes/lab/pause", json={}).status_code == 200
        await asyncio.to_thread(giver.wait_for, "paused")
        page = await browsing.page(site.hub.origin)
        await sign_in(page, "giver", f"{HOME}snapshots")
        await page.get_by_role("button", name="More for").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download").click()
        file = tmp_path / (await download.value).suggested_filename
        await (await download.value).save_as(file)
        assert file.name.endswith(".tar.gz")
        # Pages ask the service, which ends with the Hub.
        await page.goto("about:blank")
        page = await browsing.page(site.hub.origin)
        await sign_in(page, "taker", f"{HOME}snapshots")
        await page.get_by_role("button", name="Import").click()
        await page.get_by_label("File").set_input_files(file)
        await in_dialog(page, "Import").click()
        await page.get_by_label("I know who made this file").check()
        await in_dialog(page, "Trust it").click()
        await expect(page.get_by_text("The snapshot can be resumed now.")).to_be_visible()
        await page.get_by_role("button", name="Resume: ").click()
        await page.get_by_label("Name of the new runtime").fill("copy")
        await in_dialog(page, "Resume").click()
        await page.wait_for_url(f"**{HOME}")
        await expect(row(page, "copy")).to_contain_text("Running for", timeout=60_000)
        (found,) = taker.server("api/kernels", "copy").json()
        copied = Kernel(taker, "copy", found["id"])
        said = await asyncio.to_thread(copied.run, "print(shared, same is shared)")
        assert said == "[1, 2] True"
        await page.goto("about:blank")
