"""The admin panel in a browser, over real Hubs and services."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from benchmarks.seeded import Seeded, seeded_hub
from playwright.async_api import Locator, Page, expect

from runtiles.service.admin.gpus.manager import GPUS
from tests.fixtures.browser import Browsing
from tests.fixtures.pretend_runtime import planned, pretend_runtime
from tests.integration.catalogue_site import CatalogueSite, catalogue_site
from tests.integration.test_pages_access import Theme, both_themes, violations
from tests.runtiles.service.admin.test_runtimes import make_team
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

pytestmark = pytest.mark.browser

HOME = "/services/runtiles/"
PANEL = f"{HOME}admin"
TABS = (
    *("runtimes", "tiles", "machines", "images", "gpus"),
    *("usage", "snapshots", "secrets", "audit", "drain"),
)
EVIL = '<img src=x onerror=alert("title")> & "quoted" {{ 7 * 7 }}'
RUNTIMES = 120


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("admin-panel")) as service:
        yield service


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    with seeded_hub(tmp_path_factory.mktemp("seeded-panel"), RUNTIMES) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogueSite]:
    with catalogue_site(tmp_path_factory.mktemp("panel-tiles")) as running:
        yield running


@pytest_asyncio.fixture
async def page(hub: ServiceHub, browsing: Browsing) -> AsyncIterator[Page]:
    page = await browsing.page(hub.hub.origin, width=1500)
    await sign_in(page)
    yield page


async def sign_in(page: Page, user: str = "admin", path: str = PANEL) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    await page.goto("/hub/login")
    await page.fill("#username_input", user)
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    await page.wait_for_url("**/services/runtiles/**")
    await page.goto(path)


async def open_tab(page: Page, tab: str) -> Locator:
    """The section, when its first answer is drawn."""
    await page.goto(f"{PANEL}#{tab}")
    section = page.locator(f"#rt-{tab.partition('?')[0]}")
    await expect(section).to_be_visible()
    await expect(drawn(section)).to_be_visible()
    return section


def drawn(section: Locator) -> Locator:
    what = ".rt-table-box:visible, .rt-empty:visible, .rt-drain:visible, .rt-note:visible"
    return section.locator(what).first


def rows(section: Locator) -> Locator:
    return section.locator("tbody tr")


def row(section: Locator, key: str) -> Locator:
    return section.locator(f'[data-key="{key}"]')


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def launched(who: Person, **options: object) -> None:
    await asyncio.to_thread(lambda: who.launch(**options))


# -- who gets in ------------------------------------------------------------------------------------


async def test_who_is_no_admin_is_told_what_is_missing(hub: ServiceHub, browsing: Browsing) -> None:
    browsing.allow("status of 403")
    with person(hub, "plain-user"):
        page = await browsing.page(hub.hub.origin)
        await sign_in(page, "plain-user")
        await expect(page.get_by_role("main")).to_contain_text("the permission servers without")
        await expect(page.get_by_role("link", name="Admin panel")).to_have_count(0)
        assert await violations(page, "body") == []


async def test_the_runtimes_page_leads_there(hub: ServiceHub, browsing: Browsing) -> None:
    page = await browsing.page(hub.hub.origin)
    await sign_in(page, path=HOME)
    await page.get_by_role("link", name="Admin panel").click()
    await expect(page.get_by_role("heading", name="Runtimes", exact=True)).to_be_visible()
    await expect(page.locator("#rt-versions")).to_contain_text("JupyterHub")


# -- runtimes ---------------------------------------------------------------------------------------


async def test_many_are_paged_sorted_and_filtered(seeded: Seeded, browsing: Browsing) -> None:
    page = await browsing.page(seeded.hub.origin, width=1500)
    await sign_in(page)
    section = await open_tab(page, "runtimes")
    pager = section.get_by_role("navigation", name="Pages")
    await expect(pager).to_contain_text(f"1 to 50 of {RUNTIMES}")
    await expect(rows(section)).to_have_count(50)
    await section.get_by_role("button", name="Owner").click()
    await expect(rows(section).first).to_contain_text("user0000")
    await expect(section.locator('th[aria-sort="ascending"]')).to_have_text("Owner")
    await pager.get_by_role("button", name="Next").click()
    await expect(rows(section).first).to_contain_text("user0050")
    await pager.get_by_role("button", name="Next").click()
    await expect(pager).to_contain_text(f"101 to {RUNTIMES} of {RUNTIMES}")
    await section.get_by_role("button", name="Owner").click()
    await expect(rows(section).first).to_contain_text(f"user0{RUNTIMES - 1}")
    await section.get_by_role("button", name="running 12").click()
    await expect(rows(section)).to_have_count(12)
    await section.get_by_label("Search runtimes").fill("user0030 python")
    await expect(rows(section)).to_have_count(1)
    await page.reload()
    await expect(rows(section)).to_have_count(1)
    await expect(section.get_by_label("Search runtimes")).to_have_value("user0030 python")
    await section.get_by_label("Machine").select_option("gpu-1")
    await expect(section.get_by_text("No runtime matches.")).to_be_visible()


async def test_the_choice_outlives_pages_and_refreshes(seeded: Seeded, browsing: Browsing) -> None:
    page = await browsing.page(seeded.hub.origin, width=1500)
    await sign_in(page, path=f"{PANEL}#runtimes?sort=user")
    section = page.locator("#rt-runtimes")
    await section.get_by_label("Choose all on this page").check()
    await expect(section.get_by_text("50 chosen")).to_be_visible()
    await section.get_by_role("button", name="Next").click()
    await expect(rows(section).first).to_contain_text("user0050")
    every = section.get_by_label("Choose all on this page")
    await expect(every).not_to_be_checked()
    await rows(section).first.get_by_role("checkbox").check()
    await expect(section.get_by_text("51 chosen")).to_be_visible()
    async with page.expect_response("**/admin/runtimes?*"):
        pass
    await expect(rows(section).first.get_by_role("checkbox")).to_be_checked()
    await section.get_by_role("button", name="Stop…").click()
    await expect(dialog(page)).to_contain_text("Stop 51 runtimes?")
    await expect(dialog(page).get_by_role("listitem")).to_have_count(51)
    await page.keyboard.press("Escape")
    await section.get_by_role("button", name="Choose none").click()
    await expect(rows(section).first.get_by_role("checkbox")).not_to_be_checked()


async def test_a_bulk_stop_tells_the_owners(
    hub: ServiceHub, page: Page, browsing: Browsing
) -> None:
    with person(hub, "bulk-ann") as ann, person(hub, "bulk-ben") as ben:
        for who in (ann, ben):
            await launched(who, tile="quick", name="lab")
            await asyncio.to_thread(who.wait_for, "lab", "running")
        section = await open_tab(page, "runtimes?search=bulk-")
        await expect(rows(section)).to_have_count(2)
        await section.get_by_label("Choose all on this page").check()
        await section.get_by_role("button", name="Stop…").click()
        await dialog(page).get_by_label("Message").fill("New disks <at noon>")
        await dialog(page).get_by_role("button", name="Stop 2 runtimes").click()
        await expect(page.get_by_text("Asked to stop: 2 runtimes.")).to_be_visible()
        await expect(row(section, "bulk-ann/lab")).to_contain_text("stopped")
        await expect(row(section, "bulk-ben/lab")).to_contain_text("stopped")
        owner = await browsing.page(hub.hub.origin)
        await sign_in(owner, "bulk-ann", HOME)
        await expect(owner.locator("#rt-notices")).to_contain_text("New disks <at noon>")


async def test_a_bulk_pause_loses_nothing_unless_it_is_told_to(hub: ServiceHub, page: Page) -> None:
    whole, losing = pretend_runtime(), pretend_runtime()
    with (
        person(hub, "pause-ann") as ann,
        person(hub, "pause-ben") as ben,
        whole as of_ann,
        losing as of_ben,
    ):
        for who, runtime in ((ann, of_ann), (ben, of_ben)):
            await launched(who, tile="quick", name="lab")
            await asyncio.to_thread(who.wait_for, "lab", "running")
            runtime.stands_for(hub.store, who.name, "lab")
        line = {"variable": "line", "path": "line", "type": "socket", "reason": "It is open."}
        of_ben.plan = [planned("one", losses=[line])]
        section = await open_tab(page, "runtimes?search=pause-")
        await section.get_by_label("Choose all on this page").check()
        await section.get_by_role("button", name="Pause…").click()
        assert await violations(page, "dialog") == []
        await dialog(page).get_by_role("button", name="Pause 2 runtimes").click()
        failed = dialog(page).get_by_role("list", name="What failed")
        await expect(failed).to_have_text(
            "lab of pause-ben: It goes on running, for it would lose line of one.ipynb."
        )
        worked = dialog(page).get_by_role("list", name="What worked")
        await expect(worked).to_have_text("lab of pause-ann: its variables are being saved")
        await dialog(page).get_by_role("button", name="Close").click()
        await section.get_by_role("button", name="Pause…").click()
        await dialog(page).get_by_label("Pause also where something would be lost").check()
        await dialog(page).get_by_role("button", name="Pause 1 runtime").click()
        await expect(page.get_by_text("Asked to pause: 1 runtime.")).to_be_visible()
        for name, runtime in (("ann", of_ann), ("ben", of_ben)):
            runtime.saved()
            await expect(row(section, f"pause-{name}/lab")).to_contain_text("paused")
        sums = await open_tab(page, "snapshots")
        await expect(row(sums, "pause-ben")).to_contain_text("12 MB")
        await expect(sums).to_contain_text("In all 2 snapshots of 2 users, 24 MB.")


async def test_what_fails_is_told_row_by_row(hub: ServiceHub, page: Page) -> None:
    with person(hub, "fail-ann") as ann:
        await launched(ann, tile="quick", name="lab")
        section = await open_tab(page, "runtimes?user=fail-ann")
        await section.get_by_label("of fail-ann").first.check()
        await asyncio.to_thread(ann.wait_for, "lab", "running")
        await section.get_by_role("button", name="Start…").click()
        await dialog(page).get_by_role("button", name="Start 1 runtime").click()
        await expect(dialog(page)).to_contain_text("Start: 1 of 1 failed")
        await expect(dialog(page).get_by_label("What failed")).to_contain_text("lab of fail-ann")
        await dialog(page).get_by_role("button", name="Close").click()
        await expect(section.get_by_text("1 chosen")).to_be_visible()


async def test_somebody_elses_log_can_be_read(hub: ServiceHub, page: Page) -> None:
    with person(hub, "log-ann") as ann:
        await launched(ann, tile="quick", name="lab")
        await asyncio.to_thread(ann.wait_for, "lab", "running")
        section = await open_tab(page, "runtimes?user=log-ann")
        await expect(rows(section)).to_have_count(1)
        await section.get_by_role("button", name="Logs").click()
        await expect(page.get_by_role("log")).to_contain_text("second line")


# -- tiles and machines -----------------------------------------------------------------------------


async def test_a_tile_is_edited(site: CatalogueSite, browsing: Browsing) -> None:
    browsing.allow("status of 400")
    page = await browsing.page(site.hub.origin, width=1500)
    await sign_in(page)
    section = await open_tab(page, "tiles")
    await row(section, "plain").get_by_role("button", name="Edit").click()
    editor = dialog(page)
    await editor.get_by_label("Title").fill("Brand new title")
    await editor.get_by_label("Image", exact=True).fill("Not An Image")
    await editor.get_by_role("button", name="Preview").click()
    image = editor.get_by_label("Image", exact=True)
    await expect(image).to_have_attribute("aria-invalid", "true")
    await expect(editor.locator("#rt-entry-image-error")).not_to_be_empty()
    await image.fill("runtiles/plain:2")
    await editor.get_by_role("button", name="Preview").click()
    await expect(editor.get_by_role("row", name="title")).to_contain_text("Plain tile")
    await expect(editor.get_by_role("row", name="title")).to_contain_text("Brand new title")
    assert await violations(page, "dialog") == []
    await editor.get_by_role("button", name="Save").click()
    await expect(row(section, "plain")).to_contain_text("Brand new title")
    await expect(row(section, "plain")).to_contain_text("file, changed here")
    gallery = await browsing.page(site.hub.origin)
    await sign_in(gallery, path="/hub/spawn")
    await expect(gallery.locator('[data-tile="plain"]')).to_contain_text("Brand new title")
    await row(section, "plain").get_by_role("button", name="Back to the file").click()
    await dialog(page).get_by_role("button", name="Back to the file").click()
    await expect(row(section, "plain")).to_contain_text("Plain tile")


async def test_switches_act_at_once(site: CatalogueSite, browsing: Browsing) -> None:
    page = await browsing.page(site.hub.origin, width=1500)
    await sign_in(page)
    section = await open_tab(page, "tiles")
    switch = row(section, "other").get_by_role("switch", name="Enabled")
    await switch.uncheck()
    await expect(row(section, "other")).to_contain_text("enabled · admin")
    with site.user("admin") as admin:
        assert admin.get("/admin/tiles/other").json()["enabled"] is False
    await switch.check()
    await expect(row(section, "other")).not_to_contain_text("enabled")


async def test_a_machine_is_added_and_removed(site: CatalogueSite, browsing: Browsing) -> None:
    browsing.allow("status of 400")
    page = await browsing.page(site.hub.origin, width=1500)
    await sign_in(page)
    section = await open_tab(page, "machines")
    await section.get_by_role("button", name="New machine").click()
    editor = dialog(page)
    await editor.get_by_label("Slug").fill("huge")
    await editor.get_by_label("Title").fill("Huge")
    await editor.get_by_label("Memory", exact=True).fill("a lot")
    await editor.get_by_role("button", name="Preview").click()
    await expect(editor.locator("#rt-entry-memory-error")).not_to_be_empty()
    await editor.get_by_label("Memory", exact=True).fill("64g")
    await editor.get_by_role("button", name="Preview").click()
    await editor.get_by_role("button", name="Save").click()
    await expect(row(section, "huge")).to_contain_text("64 GiB")
    await row(section, "huge").get_by_role("button", name="Remove").click()
    await dialog(page).get_by_role("button", name="Remove").click()
    await expect(row(section, "huge")).to_have_count(0)


# -- secrets, audit ---------------------------------------------------------------------------------


async def test_team_secrets_are_written_and_deleted(hub: ServiceHub, page: Page) -> None:
    with person(hub, "admin") as admin:
        make_team(hub, admin, "panel-team")
    hub.store.secrets.put("somebody", "OWN", "canary-own")
    section = await open_tab(page, "secrets")
    await section.get_by_role("button", name="New team secret").click()
    await dialog(page).get_by_label("Team").fill("panel-team")
    await dialog(page).get_by_label("Name").fill("TOKEN")
    await dialog(page).get_by_label("Value").fill("canary-team")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(row(section, "team/panel-team/TOKEN")).to_be_visible()
    await expect(row(section, "user/somebody/OWN")).to_contain_text("by its owner")
    assert "canary" not in await page.content()
    await row(section, "team/panel-team/TOKEN").get_by_role("button", name="Delete").click()
    await dialog(page).get_by_role("button", name="Delete").click()
    await expect(row(section, "team/panel-team/TOKEN")).to_have_count(0)


async def test_the_audit_log_is_paged_and_found_in(hub: ServiceHub, page: Page) -> None:
    for number in range(60):
        details = {"changes": {"title": ["Old", EVIL]}}
        hub.store.audit.record("auditor", "tile.edit", f"tile:audited-{number}", details)
    section = await open_tab(page, "audit")
    await section.get_by_label("Actor").fill("auditor")
    await expect(section.get_by_text("1 to 50 of 60")).to_be_visible()
    await expect(rows(section).first).to_contain_text(f"title: Old → {EVIL}")
    await section.get_by_role("button", name="Next").click()
    await expect(rows(section)).to_have_count(10)
    await section.get_by_label("Target").fill("audited-7")
    await expect(rows(section)).to_have_count(1)


# -- usage, GPUs, images -----------------------------------------------------------------------------


async def test_usage_is_summed_up_and_downloaded(seeded: Seeded, browsing: Browsing) -> None:
    page = await browsing.page(seeded.hub.origin, width=1500)
    await sign_in(page)
    section = await open_tab(page, "usage")
    await expect(rows(section)).to_have_count(RUNTIMES)
    await section.get_by_label("Sum up by").select_option("tile")
    await expect(rows(section)).to_have_count(1)
    await expect(row(section, "python")).to_contain_text(str(RUNTIMES))
    await section.get_by_label("Sum up by").select_option("team")
    await expect(rows(section)).to_have_count(1)
    await expect(rows(section)).to_contain_text("in no team")
    await section.get_by_label("Sum up by").select_option("tile")
    await expect(row(section, "python")).to_be_visible()
    async with page.expect_download() as download:
        await section.get_by_role("link", name="Download CSV").click()
    path = await (await download.value).path()
    text = await asyncio.to_thread(path.read_text)
    assert text.startswith("tile,launches,")


async def test_who_holds_a_gpu_and_who_waits(hub: ServiceHub, page: Page) -> None:
    gpu = {"uuid": "GPU-1", "model": "Example 9000", "memory": 2**34}
    queue = [{"holder": "ben/lab/b1", "count": 2, "models": ["A100"]}]
    published = {"gpus": [gpu], "leases": {"ann/lab/a1": ["GPU-1"]}, "queue": queue}
    hub.store.facts.publish(GPUS, published)
    section = await open_tab(page, "gpus")
    await expect(row(section, "GPU-1")).to_contain_text("lab of ann")
    await expect(row(section, "ben/lab")).to_contain_text("A100")
    await row(section, "GPU-1").get_by_role("link", name="lab of ann").click()
    await expect(page.locator("#rt-runtimes").get_by_label("Owner", exact=True)).to_have_value(
        "ann"
    )


async def test_images_have_a_budget_and_are_pulled(
    hub: ServiceHub, page: Page, browsing: Browsing
) -> None:
    browsing.allow("status of 400")
    section = await open_tab(page, "images")
    await expect(section.get_by_text("no budget")).to_be_visible()
    await section.get_by_role("button", name="Disk budget").click()
    await dialog(page).get_by_label("GB").fill("2.5")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(section.get_by_text("of a budget of 2.5 GB")).to_be_visible()
    await section.get_by_role("button", name="Remove unused").click()
    await dialog(page).get_by_role("button", name="Remove unused").click()
    await expect(page.get_by_text("Nothing to remove.")).to_be_visible()
    await section.get_by_label("Pull an image").fill("Not An Image")
    await section.get_by_role("button", name="Pull").click()
    await expect(section.get_by_role("alert")).not_to_be_empty()
    await section.get_by_label("Pull an image").fill("registry.example/some:1")
    await section.get_by_role("button", name="Pull").click()
    pulls = section.get_by_role("group", name="Pulls")
    await expect(pulls).to_contain_text("registry.example/some:1")
    await expect(pulls).to_contain_text("done: It is on the host.")


# -- drain ------------------------------------------------------------------------------------------


async def test_a_site_is_drained_and_resumed(browsing: Browsing, tmp_path: Path) -> None:
    with running_service(tmp_path) as own, person(own, "ann") as ann:
        await launched(ann, tile="quick", name="lab")
        await asyncio.to_thread(ann.wait_for, "lab", "running")
        page = await browsing.page(own.hub.origin, width=1500)
        await sign_in(page)
        section = await open_tab(page, "drain")
        await expect(section).to_contain_text("This site accepts launches.")
        await section.get_by_role("button", name="Drain…").click()
        await dialog(page).get_by_label("Message").fill("A new kernel")
        await dialog(page).get_by_role("button", name="Drain").click()
        await expect(dialog(page).get_by_role("alert")).to_have_text("Type drain to go on.")
        await dialog(page).get_by_label("Type drain").fill("drain")
        await dialog(page).get_by_role("button", name="Drain").click()
        await expect(section).to_contain_text("the host is yours")
        await expect(row(section, "ann/lab")).to_contain_text("paused")
        await expect(page.locator("#rt-drained")).to_contain_text("it is drained")
        await section.get_by_role("button", name="Resume all").click()
        await dialog(page).get_by_role("button", name="Resume all").click()
        await expect(row(section, "ann/lab")).to_contain_text("resumed")
        await expect(section).to_contain_text("This site accepts launches.")
        await asyncio.to_thread(ann.wait_for, "lab", "running")


# -- everybody's ------------------------------------------------------------------------------------


async def test_nothing_that_people_write_becomes_markup(hub: ServiceHub, page: Page) -> None:
    with person(hub, "evil-ann") as ann, person(hub, "admin") as admin:
        await launched(ann, tile="markup", name="lab", description=EVIL)
        assert ann.api.patch("/runtimes/lab", json={"title": EVIL}).status_code == 200
        keys = {"title": EVIL, "description": EVIL, "image": "runtiles/evil:1"}
        assert admin.api.put("/admin/tiles/evil", json=keys).status_code == 200
        section = await open_tab(page, "runtimes?user=evil-ann")
        await expect(row(section, "evil-ann/lab")).to_contain_text(EVIL)
        await rows(section).first.get_by_role("checkbox").check()
        await section.get_by_role("button", name="Delete…").click()
        await expect(dialog(page)).to_contain_text(EVIL)
        await page.keyboard.press("Escape")
        tiles = await open_tab(page, "tiles")
        await expect(row(tiles, "evil")).to_contain_text(EVIL)
        await row(tiles, "evil").get_by_role("button", name="Edit").click()
        await expect(dialog(page).get_by_label("Title")).to_have_value(EVIL)
        assert await page.locator("main img, dialog img").count() == 0


async def test_it_can_be_used_without_a_mouse(hub: ServiceHub, page: Page) -> None:
    section = await open_tab(page, "runtimes")
    await page.locator("#rt-tab-drain").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#rt-drain")).to_be_visible()
    await expect(page.locator("#rt-tab-drain")).to_have_attribute("aria-current", "page")
    button = page.get_by_role("button", name="Drain…")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(dialog(page)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await page.go_back()
    await expect(section).to_be_visible()


@both_themes
@pytest.mark.parametrize("width", [1500, 400])
async def test_axe_finds_nothing_to_object_to(
    hub: ServiceHub, browsing: Browsing, theme: Theme, width: int
) -> None:
    browsing.allow("status of 404")
    with person(hub, f"axe-{theme}-{width}") as axe:
        await launched(axe, tile="broken", name="broken")
        await launched(axe, tile="quick", name="lab", time_limit="2h")
        page = await browsing.page(hub.hub.origin, theme=theme, width=width)
        await sign_in(page)
        assert await page.locator("html").get_attribute("data-bs-theme") == theme
        for tab in TABS:
            await open_tab(page, tab)
            assert await violations(page, "body") == [], tab
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, tab
        for tab, button in (
            ("tiles", "New tile"),
            ("tiles", "Edit"),
            ("secrets", "New team secret"),
            ("drain", "Drain…"),
        ):
            section = await open_tab(page, tab)
            await section.get_by_role("button", name=button).first.click()
            await expect(dialog(page)).to_be_visible()
            assert await violations(page, "dialog") == [], button
            await page.keyboard.press("Escape")
