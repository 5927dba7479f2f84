import json
from typing import Any

import pytest

from runtiles.catalogue import Catalogue
from runtiles.pages import GalleryData, GpuCount, gallery_data, gallery_html
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


def _with(catalogue: Catalogue, slug: str, **changes: bool) -> Catalogue:
    """The same catalogue with these switches of one tile or machine."""
    tiles = [
        t.model_copy(update=changes if t.slug == slug else {}) for t in catalogue.tiles.values()
    ]
    machines = [
        m.model_copy(update=changes if m.slug == slug else {}) for m in catalogue.machines.values()
    ]
    return Catalogue(tiles, machines)


def test_a_disabled_tile_is_not_shown_to_who_used_it_either(catalogue: Catalogue) -> None:
    data = gallery_data(_with(catalogue, "full", enabled=False), POLICY, previous={"tile": "full"})
    assert "full" not in [tile.slug for tile in data.tiles]
    assert data.tile == "extra"
    assert data.notice == "The tile that you used last (full) is no longer offered here."


def test_a_tile_whose_successor_is_disabled_is_not_offered(catalogue: Catalogue) -> None:
    off = _with(catalogue, "plain", enabled=False)
    data = gallery_data(off, POLICY, previous={"tile": "retired"})
    assert data.retired == {}
    assert (data.tile, bool(data.notice)) == ("extra", True)


@pytest.mark.parametrize(
    ("switches", "shown", "chosen"),
    [
        ({"enabled": False}, False, "small"),
        ({"hidden": True}, True, "half"),
        ({"enabled": False, "hidden": True}, False, "small"),
    ],
)
def test_the_machine_that_was_used_last(
    catalogue: Catalogue, switches: dict[str, bool], shown: bool, chosen: str
) -> None:
    changed = _with(catalogue, "half", **switches)
    assert "half" not in [m.slug for m in gallery_data(changed, POLICY).machines]
    data = gallery_data(changed, POLICY, previous={"tile": "plain", "machine": "half"})
    assert ("half" in [machine.slug for machine in data.machines]) is shown
    assert data.machine == chosen


def test_why_nothing_can_be_started(catalogue: Catalogue) -> None:
    data = gallery_data(catalogue, POLICY, closed="Back <b>soon</b>.")
    html = gallery_html(data)
    assert 'id="rt-closed"' in html
    assert "Back &lt;b&gt;soon&lt;/b&gt;." in html
    assert 'disabled aria-describedby="rt-closed"' in html
    assert 'id="rt-closed"' not in gallery_html(gallery_data(catalogue, POLICY))
