import json
from typing import Any

import pytest

from runtiles.catalogue import Catalogue
from runtiles.pages import GalleryData, GpuCount, gallery_data
from runtiles.policy import SitePolicy

POLICY = SitePolicy(allow_custom_images=True)


def values(data: GalleryData) -> dict[str, str]:
    found = {f.name: f.value for group in data.groups for f in group.fields}
    return {name: value for name, value in found.items() if value}


def test_the_order_is_recommended_then_others_then_unlisted(catalogue: Catalogue) -> None:
    data = gallery_data(catalogue, POLICY)
    assert [tile.slug for tile in data.tiles] == ["plain", "full", "extra", "fading", "course"]
    assert (data.recommended_count, data.listed_count) == (2, 3)


def test_a_retired_tile_is_known_by_its_successor_only(catalogue: Catalogue) -> None:
    data = gallery_data(catalogue, POLICY)
    assert data.retired == {"retired": {"title": "Retired", "successor": "plain"}}


@pytest.mark.parametrize(
    ("previous", "tile", "machine"),
    [
        ({}, "extra", "small"),
        ({"tile": "full"}, "full", "gpu"),
        ({"tile": "full", "machine": "small"}, "full", "small"),
        ({"profile": "plain"}, "plain", "small"),
        ({"tile": "retired"}, "plain", "small"),
        ({"tile": "gone", "machine": "gone"}, "extra", "small"),
        ({"tile": 7, "machine": None}, "extra", "small"),
    ],
)
def test_what_is_chosen_at_first(
    catalogue: Catalogue, previous: dict[str, Any], tile: str, machine: str
) -> None:
    data = gallery_data(catalogue, POLICY, previous=previous)
    assert (data.tile, data.machine) == (tile, machine)


def test_the_sites_defaults_count_as_far_as_they_exist(catalogue: Catalogue) -> None:
    there = SitePolicy(default_tile="full", default_machine="gpu")
    assert gallery_data(catalogue, there).tile == "full"
    assert gallery_data(catalogue, there).machine == "gpu"
    gone = SitePolicy(default_tile="nothing", default_machine="nothing")
    assert gallery_data(catalogue, gone).tile == "extra"
    assert gallery_data(catalogue, gone).machine == "small"


def test_each_tile_brings_a_machine_of_its_kind(catalogue: Catalogue) -> None:
    machines = {tile.slug: tile.machine for tile in gallery_data(catalogue, POLICY).tiles}
    assert (machines["plain"], machines["full"]) == ("small", "gpu")


def test_the_last_values_belong_to_their_tile(catalogue: Catalogue) -> None:
    previous = {"tile": "retired", "image": "own:1"}
    assert values(gallery_data(catalogue, POLICY, previous=previous)) == {"image": "own:1"}
    gone = {"tile": "gone", "image": "own:1", "workspace": {"password": "secret:x"}}
    assert values(gallery_data(catalogue, POLICY, previous=gone)) == {}


def test_a_tile_that_is_no_longer_there_is_explained(catalogue: Catalogue) -> None:
    assert gallery_data(catalogue, POLICY, previous={"tile": "plain"}).notice == ""
    retired = gallery_data(catalogue, POLICY, previous={"tile": "retired"}).notice
    assert retired == "Retired, which you used last, is deprecated: Plain takes its place."
    gone = gallery_data(catalogue, POLICY, previous={"tile": "gone"}).notice
    assert gone == "The tile that you used last (gone) is no longer offered here."


def test_a_site_without_tiles_and_machines_has_a_page() -> None:
    data = gallery_data(Catalogue([], []), POLICY, previous={"tile": "gone"})
    assert (data.tile, data.machine, data.tiles, data.machines) == ("", "", (), ())


def test_what_the_script_gets_is_json(catalogue: Catalogue) -> None:
    data = gallery_data(
        catalogue,
        POLICY,
        server="second",
        gpus={"gpu": GpuCount(2, 2)},
        recent={"plain": 3.0},
        service_url="/services/runtiles",
    )
    client = json.loads(json.dumps(data.client()))
    assert list(client["tiles"]) == [tile.slug for tile in data.tiles]
    assert client["tiles"]["plain"]["recent"] == 3.0
    assert client["machines"]["gpu"]["free_text"] == "2 of 2 GPUs free now"
    assert (client["server"], client["service_url"]) == ("second", "/services/runtiles/")


def test_a_name_is_asked_for_on_the_default_servers_page_only(catalogue: Catalogue) -> None:
    def asks(server: str, named: bool) -> bool:
        data = gallery_data(catalogue, POLICY, server=server, named=named)
        return any(f.name == "name" for group in data.groups for f in group.fields)

    assert asks("", named=True)
    assert asks("default", named=True)
    assert not asks("", named=False)
    assert not asks("second", named=True)
