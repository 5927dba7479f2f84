"""PATCH /runtimes/NAME, and a start that changes some of the last options."""

import pytest

from tests.runtiles.service.conftest import Person


def test_a_rename_changes_the_title_and_nothing_else(ann: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    before = ann.api.get("/runtimes/x").json()
    renamed = ann.api.patch("/runtimes/x", json={"title": "  <b>Größe</b> 7 "}).json()
    assert renamed == {**before, "title": "<b>Größe</b> 7"}
    assert ann.api.get("/runtimes").json() == [renamed]
    assert ann.api.patch("/runtimes/x", json={"title": ""}).json()["title"] == "Quick start"


@pytest.mark.parametrize(
    "body",
    [{}, {"title": None}, {"title": 7}, {"title": "a\nb"}, {"title": "x" * 121}, {"name": "y"}],
)
def test_a_bad_title_is_refused(ann: Person, body: dict[str, object]) -> None:
    ann.launch(tile="quick", name="x")
    answer = ann.api.patch("/runtimes/x", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["fields"]
    assert ann.api.get("/runtimes/x").json()["title"] == "Quick start"


def test_only_who_may_start_it_renames_it(ann: Person, bob: Person, admin: Person) -> None:
    ann.launch(tile="quick", name="x")
    assert ann.api.patch("/runtimes/y", json={"title": "t"}).status_code == 404
    params, body = {"user": ann.name}, {"title": "t"}
    assert bob.api.patch("/runtimes/x", json=body, params=params).status_code == 404
    with ann.limited("access:services!service=runtiles", "read:servers!user") as reader:
        assert reader.patch("/runtimes/x", json=body).status_code == 403
    assert admin.api.patch("/runtimes/x", json=body, params=params).json()["title"] == "t"


def test_a_deleted_runtimes_title_is_forgotten(ann: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.api.patch("/runtimes/x", json={"title": "Old"})
    assert ann.api.delete("/runtimes/x").status_code == 204
    assert ann.launch(tile="quick", name="x")["title"] == "Quick start"


def test_a_start_without_a_tile_changes_the_last_options(ann: Person) -> None:
    ann.launch(tile="quick", name="x", description="Kept", time_limit="2h")
    ann.wait_for("x", "running")
    ann.api.post("/runtimes/x/stop")
    started = ann.api.post("/runtimes/x/start", json={"machine": "cpu-large"}).json()
    assert (started["tile"], started["machine"]) == ("quick", "cpu-large")
    assert started["description"] == "Kept"
    ann.wait_for("x", "running")
    assert ann.api.get("/runtimes/x").json()["expires_at"]


def test_a_start_with_a_tile_replaces_the_last_options(ann: Person) -> None:
    ann.launch(tile="quick", name="x", description="Old", time_limit="2h")
    ann.wait_for("x", "running")
    ann.api.post("/runtimes/x/stop")
    started = ann.api.post("/runtimes/x/start", json={"tile": "hidden"}).json()
    assert (started["tile"], started["description"] or "") == ("hidden", "")
    ann.wait_for("x", "running")
    assert ann.api.get("/runtimes/x").json()["expires_at"] is None


def test_a_start_on_a_machine_that_is_not_there_starts_nothing(ann: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    ann.api.post("/runtimes/x/stop")
    answer = ann.api.post("/runtimes/x/start", json={"machine": "huge"})
    assert answer.json()["error"]["details"]["fields"].keys() == {"machine"}
    assert ann.state("x") == "stopped"
