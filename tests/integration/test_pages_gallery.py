"""The spawn page in a real browser: finding, choosing, filling in. Nothing is started here."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import Browsing
from tests.fixtures.page_hub import PageHub, choose, open_advanced, running_page_hub

pytestmark = pytest.mark.browser

ALL = 'input[name="rt-show"][value="all"]'


async def gallery(hub: PageHub, browsing: Browsing, user: str, path: str = "/hub/spawn") -> Page:
    page = await browsing.page(hub.origin)
    page.on("dialog", lambda dialog: browsing.problems.append(f"dialog: {dialog.message}"))
    await hub.sign_in(page, user, path)
    return page


async def shown(page: Page) -> list[str]:
    slugs: list[str] = await page.locator(".rt-tile:visible").evaluate_all(
        "cards => cards.map(card => card.dataset.tile)"
    )
    return slugs


async def test_recommended_tiles_come_first_and_all_are_one_click_away(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await gallery(page_hub, browsing, "finder")
    recommended = await shown(page)
    assert recommended[:3] == ["python", "data-science", "pytorch-1-10"]
    assert "missing" not in recommended
    await page.locator(ALL).check(force=True)
    everything = await shown(page)
    assert everything[: len(recommended)] == recommended
    assert {"missing", "memory", "jupyterlab-r"} <= set(everything)
    assert not {"old", "secret-course"} & set(everything)


async def test_search_looks_at_every_text_of_a_tile(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "searcher")
    search = page.get_by_label("Search tiles")
    await search.fill("nvcr.io TENSOR")
    assert await shown(page) == ["tensorflow-2-6"]
    await expect(page.locator("#rt-count")).to_have_text("1 tile shown")
    await search.fill("hungry")
    assert await shown(page) == []
    await page.get_by_role("button", name="Search all tiles").click()
    assert await shown(page) == ["memory"]
    await search.fill("no such thing")
    await expect(page.get_by_text("No tile matches this search.")).to_be_visible()
    await search.press("Enter")
    assert page.url.endswith("/hub/spawn"), "Enter in the search starts nothing"


async def test_tiles_are_sorted_as_asked_and_the_view_is_remembered(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await gallery(page_hub, browsing, "sorter")
    await page.get_by_label("Sort tiles").select_option("name")
    names = await page.locator(".rt-tile:visible .rt-tile-title").all_text_contents()
    assert names == sorted(names, key=str.lower)
    await page.get_by_label("Sort tiles").select_option("recent")
    assert (await shown(page))[0] == "quick"
    await page.locator(ALL).check(force=True)
    await page.reload()
    assert await page.get_by_label("Sort tiles").input_value() == "recent"
    assert "missing" in await shown(page)


async def test_the_keyboard_alone_is_enough(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "typist")
    await page.get_by_label("Sort tiles").focus()
    await page.keyboard.press("Tab")
    checked = page.locator('input[name="tile"]:checked')
    assert await checked.input_value() == "quick"
    assert await checked.evaluate("node => node === document.activeElement")
    outline = await page.locator('[data-tile="quick"]').evaluate(
        "card => getComputedStyle(card).outlineStyle"
    )
    assert outline == "solid", "the focus is visible on the card"
    await page.keyboard.press("ArrowDown")
    assert await checked.input_value() == "pull", "the next one that is shown"
    await expect(page.locator("#rt-chosen-title")).to_have_text("Large image")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.name") == "machine"


async def test_a_tile_offers_its_own_values_in_grey(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "reader")
    await open_advanced(page)
    url, ref = page.get_by_label("Workspace URL"), page.get_by_label("Ref", exact=True)
    assert await url.get_attribute("placeholder") == "https://git.example/quick.git"
    assert await ref.get_attribute("placeholder") == "main"
    await choose(page, "pytorch-1-10")
    assert await url.get_attribute("placeholder") == "https://github.com/gradient-ai/PyTorch"
    assert await ref.get_attribute("placeholder") == "default branch"
    assert (await url.input_value(), await ref.input_value()) == ("", "")
    await expect(page.locator("#rt-chosen-image")).to_have_text("nvcr.io/nvidia/pytorch:21.09-py3")
    await url.fill("https://git.example/mine.git")
    await expect(page.locator("#rt-chosen-workspace")).to_have_text("https://git.example/mine.git")
    await expect(page.locator("#rt-changed")).to_have_text("1 changed")
    await choose(page, "python")
    assert await url.input_value() == "https://git.example/mine.git", "what was typed stays"


async def test_a_tile_brings_a_machine_of_its_kind_until_one_is_named(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await gallery(page_hub, browsing, "driver")
    chosen = page.locator('input[name="machine"]:checked')
    start = page.locator("#rt-start-text")
    assert await chosen.input_value() == "cpu-small"
    await choose(page, "pytorch-1-10")
    assert await chosen.input_value() == "gpu-1"
    await expect(start).to_contain_text("PyTorch 1.10One GPU · $0.60 / h")
    await expect(page.locator('[data-machine="gpu-1"]')).to_contain_text("1 of 4 GPUs free now")
    await expect(page.locator('[data-machine="cpu-small"]')).to_contain_text("made for a GPU")
    await page.locator('[data-machine="gpu-2"]').click()
    await expect(start).to_contain_text("1 of 4 GPUs free: you would wait in line")
    await choose(page, "python")
    assert await chosen.input_value() == "gpu-2"


async def test_what_the_site_forbids_cannot_be_typed(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "guest")
    await open_advanced(page)
    await expect(page.get_by_label("Container name")).to_be_disabled()
    await expect(page.get_by_text("This site offers the images of its tiles only.")).to_be_visible()


async def test_a_tiles_texts_never_become_markup(page_hub: PageHub, browsing: Browsing) -> None:
    page = await gallery(page_hub, browsing, "attacker")
    await choose(page, "markup")
    await expect(page.locator("#rt-chosen-title")).to_have_text('<script>alert("title")</script>')
    await expect(page.locator("#rt-chosen-text")).to_contain_text('"quoted" & {{ 7 * 7 }}')
    assert await page.locator("#rt-main img, #rt-main script:not([type])").count() == 0


async def test_typed_values_survive_a_reload_but_no_credential_is_kept(
    page_hub: PageHub, browsing: Browsing
) -> None:
    page = await gallery(page_hub, browsing, "drafter")
    await choose(page, "memory")
    await page.locator('[data-machine="cpu-large"]').click()
    await open_advanced(page)
    await page.get_by_label("Workspace URL").fill("https://git.example/draft.git")
    await page.get_by_label("Password or token").fill("hunter2")
    await page.get_by_label("Environment").fill("TOKEN=hunter3")
    await page.reload()
    assert await page.locator('input[name="tile"]:checked').input_value() == "memory"
    assert await page.locator('input[name="machine"]:checked').input_value() == "cpu-large"
    assert await page.get_by_label("Workspace URL").input_value() == "https://git.example/draft.git"
    assert await page.get_by_label("Password or token").input_value() == ""
    kept = await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "hunter" not in kept


async def test_two_hundred_tiles_are_searched(tmp_path: Path, browsing: Browsing) -> None:
    lines = ["tiles:", "  - {slug: quick, title: Quick start, image: 'runtiles/quick:1'}"]
    lines += [
        f"  - {{slug: tile-{n}, title: Tile {n}, description: {'words ' * 20}, "
        f"image: 'registry.example/image-{n}:1', category: recommended}}"
        for n in range(200)
    ]
    with running_page_hub(tmp_path, "\n".join(lines)) as hub:
        page = await gallery(hub, browsing, "many")
        await page.locator("#rt-search").fill("tile 19")
        found = await shown(page)
        assert sorted(found) == sorted(f"tile-{n}" for n in range(200) if "19" in str(n))
        await page.locator("#rt-search").fill("")
        assert len(await shown(page)) >= 200


@pytest.mark.parametrize("width", [360, 768, 1040, 1920])
async def test_no_width_needs_sideways_scrolling(
    page_hub: PageHub, browsing: Browsing, width: int
) -> None:
    page = await browsing.page(page_hub.origin, width=width)
    await page_hub.sign_in(page, f"width{width}")
    await choose(page, "markup")
    await open_advanced(page)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(over) <= 0
    await expect(page.locator("#rt-start")).to_be_in_viewport()
