"""The HTML, without a Hub: everything escaped, everything there for a browser without scripts."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.pages import gallery_data, gallery_html, template_paths, template_vars
from runtiles.policy import SitePolicy

EVIL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
POLICY = SitePolicy(allow_custom_images=True)
STATIC = sorted(Path(template_paths()[1]).iterdir())


class Page(HTMLParser):
    """Tags with their attributes, and the text of the JSON island."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.island = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's interface
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.island += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _tag, attrs in self.tags if attrs.get("name") == name]


def test_no_text_becomes_markup() -> None:
    tile = Tile(slug="t", title=EVIL[:100], description=EVIL, image="i")
    machine = Machine(slug="m", title=EVIL[:100], cpus=1, memory=2**30)
    previous = {"tile": "t", "environment": {"X": EVIL}, "startup_hook": EVIL, "example": EVIL}
    data = gallery_data(Catalogue([tile], [machine]), POLICY, server=EVIL, previous=previous)
    page = Page(gallery_html(data))
    assert [attrs for tag, attrs in page.tags if tag == "script"] == [
        {"type": "application/json", "id": "rt-gallery-data"}
    ]
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert not [attrs for _, attrs in page.tags if any(key.startswith("on") for key in attrs)]
    assert json.loads(page.island)["tiles"]["t"]["description"] == EVIL


def test_the_form_works_without_scripts(catalogue: Catalogue) -> None:
    previous = {"tile": "full", "workspace": {"ref": "v2"}}
    page = Page(gallery_html(gallery_data(catalogue, POLICY, previous=previous)))
    radios = {attrs["value"]: "checked" in attrs for attrs in page.named("tile")}
    assert radios == {
        "plain": False,
        "full": True,
        "extra": False,
        "fading": False,
        "course": False,
    }
    assert [a["value"] for a in page.named("machine") if "checked" in a] == ["gpu"]
    assert page.named("workspace_ref")[0]["value"] == "v2"
    shown = [a for tag, a in page.tags if a.get("class") == "rt-tile" and "hidden" not in a]
    assert len(shown) == 3, "unlisted tiles are not shown"


def test_a_machine_that_cannot_be_had_cannot_be_chosen(catalogue: Catalogue) -> None:
    from_nothing = gallery_data(catalogue, POLICY)
    assert not [a for a in Page(gallery_html(from_nothing)).named("machine") if "disabled" in a]


def test_an_empty_site_says_so() -> None:
    html = gallery_html(gallery_data(Catalogue([], []), POLICY))
    assert "No tiles are offered here yet" in html


def test_every_icon_of_the_built_in_tiles_is_drawn(builtin_catalogue: Catalogue) -> None:
    html = gallery_html(gallery_data(builtin_catalogue, POLICY))
    assert "rt-icon-letter" not in html


def test_an_unknown_icon_is_the_titles_first_letter(catalogue: Catalogue) -> None:
    assert re.search(r'rt-icon-letter" aria-hidden="true">E<', _html(catalogue))


def test_every_field_has_its_label_and_its_place_for_an_error(catalogue: Catalogue) -> None:
    page = Page(_html(catalogue))
    labels = {attrs.get("for") for tag, attrs in page.tags if tag == "label"}
    places = {attrs.get("data-error") for _, attrs in page.tags}
    inputs = [a for t, a in page.tags if t in ("input", "textarea") and "data-placeholder" in a]
    assert len(inputs) > 10
    for attrs in inputs:
        assert attrs["id"] in labels
        assert attrs["name"] in places


def test_the_hub_learns_titles_and_icons(catalogue: Catalogue) -> None:
    known = template_vars(catalogue)["runtiles_catalogue"](None)
    assert known["tiles"]["plain"] == {"title": "Plain", "icon": "python"}
    assert known["machines"]["gpu"] == {"title": "GPU"}


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_a_style_or_script_is_included_as_it_is(path: Path) -> None:
    text = path.read_text()
    environment = Environment(loader=FileSystemLoader(template_paths()), autoescape=True)
    assert environment.get_template(path.name).render() == text.rstrip("\n")
    assert not re.search(r"</(script|style)|<!--", text)


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_nothing_is_asked_of_another_host(path: Path) -> None:
    assert not re.search(r"https?://|@import|url\(", path.read_text())


def test_scripts_write_text_never_html() -> None:
    for path in STATIC:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", path.read_text()
        )


def _html(catalogue: Catalogue) -> str:
    return gallery_html(gallery_data(catalogue, POLICY))
