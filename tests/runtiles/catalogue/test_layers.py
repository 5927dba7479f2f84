"""The panel's changes on top of the files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtiles.catalogue import Edit, Layered, layer
from runtiles.catalogue.yaml_source import read_source

FILES = """
tiles:
  - {slug: one, title: One, image: 'a/one:1', environment: {A: '1'}}
  - {slug: two, title: Two, image: 'a/two:1'}
  - {slug: old, title: Old, image: 'a/old:1', deprecated: true, redirect: one}
machines:
  - {slug: small, title: Small, cpus: 1, memory: 1g, default: true}
  - {slug: large, title: Large, cpus: 8, memory: 8g}
"""
Try = Callable[..., Layered]


@pytest.fixture
def layered(tmp_path: Path) -> Try:
    def tried(*edits: Edit, files: str = FILES) -> Layered:
        path = tmp_path / "tiles.yaml"
        path.write_text(files)
        return layer([read_source(path)], edits)

    return tried


def tile(slug: str, **keys: Any) -> Edit:
    return Edit("tile", slug, keys)


def machine(slug: str, **keys: Any) -> Edit:
    return Edit("machine", slug, keys)


def test_an_edit_changes_its_keys_and_keeps_the_others(layered: Try) -> None:
    found = layered(tile("one", title="Uno"))
    assert not found.problems
    assert found.catalogue.tile("one").title == "Uno"
    assert found.catalogue.tile("one").environment == {"A": "1"}
    assert list(found.catalogue.tiles) == ["one", "two", "old"]


def test_a_new_slug_is_a_new_entry_at_the_end(layered: Try) -> None:
    found = layered(
        tile("new", title="New", image="b/c:1"), machine("m", title="M", cpus=1, memory="1g")
    )
    assert list(found.catalogue.tiles)[-1] == "new"
    assert found.catalogue.machine("m").memory == 2**30


def test_a_wrong_edit_costs_itself_and_nothing_else(layered: Try) -> None:
    found = layered(tile("one", title="Uno", imagee="x"), tile("two", title="Due"))
    assert found.catalogue.tile("one").title == "One"
    assert found.catalogue.tile("two").title == "Due"
    assert found.problems == {("tile", "one"): {"imagee": "unknown key. Did you mean 'image'?"}}


def test_every_bad_key_is_named(layered: Try) -> None:
    found = layered(machine("small", cpus=-1, memory="lots", gpus="two"))
    assert found.problems[("machine", "small")].keys() == {"cpus", "memory", "gpus"}
    assert found.catalogue.machine("small").cpus == 1


def test_a_circle_costs_the_edit_that_closed_it(layered: Try) -> None:
    closing = tile("one", deprecated=True, redirect="old")
    found = layered(closing, tile("old", title="Older"))
    assert found.problems == {("tile", "one"): {"redirect": "leads back to itself"}}
    assert found.catalogue.tile("old").title == "Older"
    assert found.catalogue.resolve("old").slug == "one"


def test_an_edit_that_needs_another_edit_goes_with_it(layered: Try) -> None:
    leading = tile("two", deprecated=True, redirect="new")
    new = {"title": "New", "image": "b/c:1"}
    assert layered(leading, tile("new", **new)).catalogue.resolve("two").slug == "new"
    found = layered(leading, tile("new", **new, cpus=1))
    assert set(found.problems) == {("tile", "new"), ("tile", "two")}
    assert found.catalogue.resolve("two").slug == "two"


def test_an_edit_that_only_its_file_makes_wrong(layered: Try) -> None:
    """The file changed under it: the file says `redirect`, which needs `deprecated`."""
    found = layered(tile("old", deprecated=False))
    assert found.problems[("tile", "old")] == {
        "": "a tile with a 'redirect' must say 'deprecated: true'"
    }
    assert found.catalogue.tile("old").deprecated


def test_the_panels_default_machine_wins_over_the_files(layered: Try) -> None:
    catalogue = layered(machine("large", default=True)).catalogue
    assert catalogue.default_machine().slug == "large"
    assert [m.slug for m in catalogue.machines.values() if m.default] == ["large"]


def test_two_defaults_of_the_panel_are_no_problem(layered: Try) -> None:
    found = layered(machine("large", default=True), machine("small", default=True, cpus=2))
    assert not found.problems
    assert sum(m.default for m in found.catalogue.machines.values()) == 1
