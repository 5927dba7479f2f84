"""The questions that one can ask a catalogue."""

from typing import Any

import pytest

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.contract.errors import CatalogueError, NotFound


def tile(slug: str, **fields: Any) -> Tile:
    return Tile.model_validate({"slug": slug, "title": slug, "image": "a", **fields})


def machine(slug: str, **fields: Any) -> Machine:
    return Machine.model_validate(
        {"slug": slug, "title": slug, "cpus": 1, "memory": "1g", **fields}
    )


def catalogue() -> Catalogue:
    old = {"deprecated": True}
    return Catalogue(
        [
            tile("secret-lab", hidden=True),
            tile("torch-1", **old, redirect="torch-2"),
            tile("torch-2", **old, redirect="torch-3"),
            tile("torch-3"),
            tile("retired", **old),
            tile("python"),
        ],
        [
            machine("gpu-a", gpus=1),
            machine("small"),
            machine("usual", default=True),
            machine("gpu-b", gpus=1),
        ],
    )


def test_finds_by_slug() -> None:
    assert catalogue().tile("torch-1").slug == "torch-1"
    assert catalogue().machine("small").slug == "small"


def test_names_what_was_meant_but_no_hidden_tile() -> None:
    with pytest.raises(NotFound, match=r"no tile 'pyhton'\. Did you mean 'python'\?"):
        catalogue().tile("pyhton")
    with pytest.raises(NotFound) as refused:
        catalogue().tile("secret-la")
    assert "secret-lab" not in str(refused.value)
    with pytest.raises(NotFound, match=r"no machine 'smal'\. Did you mean 'small'\?"):
        catalogue().machine("smal")


def test_resolves_to_the_end_of_the_redirects() -> None:
    assert catalogue().resolve("torch-1").slug == "torch-3"
    assert catalogue().resolve("torch-3").slug == "torch-3"


def test_a_hidden_and_a_retired_tile_can_still_be_launched() -> None:
    assert catalogue().resolve("secret-lab").slug == "secret-lab"
    assert catalogue().resolve("retired").slug == "retired"


def test_lists_neither_hidden_nor_deprecated_tiles() -> None:
    assert [tile.slug for tile in catalogue().visible_tiles()] == ["torch-3", "python"]


@pytest.mark.parametrize(
    ("preferred", "slug"), [(None, "torch-3"), ("python", "python"), ("torch-1", "torch-3")]
)
def test_the_default_tile(preferred: str | None, slug: str) -> None:
    assert catalogue().default_tile(preferred).slug == slug


def test_a_site_with_hidden_tiles_only_has_a_default_too() -> None:
    assert Catalogue([tile("x", hidden=True)], []).default_tile().slug == "x"


@pytest.mark.parametrize(
    ("gpu", "preferred", "slug"),
    [
        (False, None, "usual"),
        (False, "small", "small"),
        (False, "gpu-b", "gpu-b"),
        (True, None, "gpu-a"),
        (True, "small", "gpu-a"),
        (True, "gpu-b", "gpu-b"),
    ],
)
def test_the_default_machine(gpu: bool, preferred: str | None, slug: str) -> None:
    assert catalogue().default_machine(gpu=gpu, preferred=preferred).slug == slug


def test_a_gpu_tile_gets_a_machine_where_there_is_no_gpu() -> None:
    assert Catalogue([], [machine("small")]).default_machine(gpu=True).slug == "small"


def test_an_empty_catalogue_says_so() -> None:
    empty = Catalogue([], [])
    with pytest.raises(NotFound, match="no tiles"):
        empty.default_tile()
    with pytest.raises(NotFound, match="no machines"):
        empty.default_machine()
    with pytest.raises(NotFound, match="no machine 'x'"):
        empty.default_machine(preferred="x")


@pytest.mark.parametrize(
    ("tile", "machine", "words"),
    [
        (None, None, ""),
        ("torch-1", "small", ""),
        ("tourch-3", None, "no tile 'tourch-3'. Did you mean 'torch-3'?"),
        (None, "large", "no machine 'large'."),
    ],
)
def test_a_sites_defaults_are_checked_at_its_start(
    tile: str | None, machine: str | None, words: str
) -> None:
    found = ""
    try:
        catalogue().check_defaults(tile=tile, machine=machine)
    except CatalogueError as error:
        found = error.message
    assert bool(found) == bool(words)
    assert words in found


def test_is_immutable() -> None:
    with pytest.raises(TypeError):
        catalogue().tiles["x"] = tile("x")  # type: ignore[index]


def test_a_disabled_tile_is_known_but_neither_offered_nor_launched() -> None:
    found = Catalogue([tile("off", enabled=False), tile("on")], [])
    assert found.tile("off").title == "off"
    assert [tile.slug for tile in found.visible_tiles()] == ["on"]
    assert found.default_tile().slug == "on"
    for ask in (found.resolve, found.default_tile):
        with pytest.raises(
            NotFound, match=r"tile 'off' is switched off on this site\. Choose another"
        ):
            ask("off")
    with pytest.raises(NotFound) as missing:
        found.tile("of")
    assert "off" not in str(missing.value)


def test_a_redirect_over_a_disabled_tile_leads_nowhere() -> None:
    old = {"deprecated": True}
    tiles = [tile("a", **old, redirect="b"), tile("b", **old, redirect="c", enabled=False)]
    with pytest.raises(NotFound, match="'b' is switched off"):
        Catalogue([*tiles, tile("c")], []).resolve("a")
    with pytest.raises(NotFound, match="no tiles"):
        Catalogue([*tiles[:1], tile("b", enabled=False)], []).default_tile()


def test_machines_on_offer() -> None:
    machines = [
        machine("off", enabled=False, default=True),
        machine("hidden", hidden=True, gpus=1),
        machine("plain"),
    ]
    found = Catalogue([], machines)
    assert [machine.slug for machine in found.visible_machines()] == ["plain"]
    assert found.default_machine().slug == "plain"
    assert found.default_machine(gpu=True).slug == "plain"
    assert found.default_machine(preferred="hidden").slug == "hidden"
    assert found.default_machine(preferred="off").slug == "plain"
    assert found.resolve_machine("hidden").slug == "hidden"
    assert found.machine("off").title == "off"
    with pytest.raises(NotFound, match="machine 'off' is switched off"):
        found.resolve_machine("off")
