from tests.runtiles.service.conftest import Person, ServiceHub


def test_tiles_are_listed_without_hidden_and_deprecated_ones(ann: Person) -> None:
    tiles = {tile["slug"]: tile for tile in ann.api.get("/tiles").json()}
    assert {"quick", "gated", "broken"} <= tiles.keys()
    assert not {"hidden", "old"} & tiles.keys()
    assert tiles["quick"]["title"] == "Quick start"


def test_a_tile_is_found_by_its_slug_and_an_old_one_leads_to_its_successor(ann: Person) -> None:
    assert ann.api.get("/tiles/hidden").json()["title"] == "Hidden"
    assert ann.api.get("/tiles/old").json()["slug"] == "quick"
    missing = ann.api.get("/tiles/quack")
    assert missing.status_code == 404
    assert "quick" in missing.json()["error"]["message"]


def test_machines_say_what_is_free_once_somebody_counts(ann: Person, service: ServiceHub) -> None:
    first = ann.api.get("/machines").json()[0]
    assert first["available"] is None
    assert {"slug", "cpus", "memory", "gpus", "price_per_hour"} <= first.keys()
    service.store.facts.publish("machines.available", {first["slug"]: {"free": 1, "total": 4}})
    assert ann.api.get("/machines").json()[0]["available"] == {"free": 1, "total": 4}
