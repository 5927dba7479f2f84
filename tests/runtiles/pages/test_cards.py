import pytest

from runtiles.catalogue import Catalogue, Tile, TileWorkspace
from runtiles.pages.cards import (
    GpuCount,
    machine_card,
    machine_spec,
    price_text,
    short_address,
    tile_card,
)


def test_a_tile_shows_its_own_values_by_form_field(catalogue: Catalogue) -> None:
    card = tile_card(catalogue.tile("full"), machine="gpu", recent=5.0)
    assert card.values == {
        "image": "nvcr.io/nvidia/pytorch:21.09-py3",
        "command": "jupyter lab --ServerApp.token=",
        "container_user": "jovyan",
        "workspace_url": "https://github.com/fastai/fastbook.git",
        "workspace_ref": "main",
        "environment": "MODE=fast\nSEED=7",
        "time_limit": "4h",
        "startup_hook": "pip list",
        "example": "intro.ipynb",
    }
    assert (card.machine, card.recent, card.gpu) == ("gpu", 5.0, True)


def test_a_tile_with_nothing_of_its_own_shows_only_what_everything_has(
    catalogue: Catalogue,
) -> None:
    card = tile_card(catalogue.tile("plain"), machine="small")
    assert card.values == {"image": "python:latest", "container_user": "root"}
    assert (card.workspace, card.workspace_link, card.image_link) == ("", "", "")


@pytest.mark.parametrize(
    ("slug", "recommended", "deprecated", "unlisted"),
    [
        ("plain", True, False, False),
        ("extra", False, False, False),
        ("course", False, False, True),
        ("fading", False, True, True),
    ],
)
def test_where_a_tile_is_listed(
    catalogue: Catalogue, slug: str, recommended: bool, deprecated: bool, unlisted: bool
) -> None:
    card = tile_card(catalogue.tile(slug), machine="")
    assert (card.recommended, card.deprecated, card.unlisted) == (
        recommended,
        deprecated,
        unlisted,
    )


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://github.com/fastai/fastbook", "https://github.com/fastai/fastbook"),
        ("ssh://git@github.com/fastai/fastbook", ""),
    ],
)
def test_only_a_web_address_becomes_a_link(url: str, link: str) -> None:
    tile = Tile(slug="t", title="T", image="i", workspace=TileWorkspace(url=url))
    assert tile_card(tile, machine="").workspace_link == link


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://github.com/fastai/fastbook.git", "github.com/fastai/fastbook"),
        ("https://git.example:8443/a/b/", "git.example:8443/a/b"),
        ("https://user@git.example/a", "git.example/a"),
        ("no url", "no url"),
        ("", ""),
    ],
)
def test_an_address_in_short(url: str, label: str) -> None:
    assert short_address(url) == label


@pytest.mark.parametrize(
    ("slug", "spec"),
    [
        ("small", "1 CPU · 2 GiB"),
        ("half", "0.5 CPUs · 1.5 GiB"),
        ("gpu", "8 CPUs · 32 GiB · 2 GPUs (A100 or H100) · up to 12h"),
    ],
)
def test_what_a_machine_is(catalogue: Catalogue, slug: str, spec: str) -> None:
    assert machine_spec(catalogue.machine(slug)) == spec


@pytest.mark.parametrize(
    ("price", "currency", "text"),
    [
        (0, "$", "Free"),
        (0.6, "$", "$0.60 / h"),
        (12, "€", "€12.00 / h"),
        (0.004, "", "0.004 / h"),
    ],
)
def test_what_a_machine_costs(price: float, currency: str, text: str) -> None:
    assert price_text(price, currency) == text


@pytest.mark.parametrize(
    ("gpus", "free", "usable", "level", "text"),
    [
        (GpuCount(3, 8), True, True, "ok", "3 of 8 GPUs free now"),
        (GpuCount(1, 8), False, True, "warn", "1 of 8 GPUs free: you would wait in line"),
        (GpuCount(0, 1), False, False, "bad", "Not available: this site has only 1 of these GPUs"),
        (GpuCount(0, 0), False, False, "bad", "Not available: this site has none of these GPUs"),
        (None, False, True, "warn", "Starts when its GPUs are free"),
    ],
)
def test_whether_a_machine_with_gpus_is_free(
    catalogue: Catalogue,
    gpus: GpuCount | None,
    free: bool,
    usable: bool,
    level: str,
    text: str,
) -> None:
    card = machine_card(catalogue.machine("gpu"), gpus, currency="$")
    assert (card.free, card.usable, card.level, card.free_text) == (free, usable, level, text)
    assert card.wait == ("" if free else text)


def test_a_machine_without_gpus_is_always_free(catalogue: Catalogue) -> None:
    card = machine_card(catalogue.machine("small"), GpuCount(0, 0), currency="$")
    assert (card.free, card.usable, card.free_text) == (True, True, "Available now")
