from tests.runtiles.service.conftest import Person


def test_a_secret_is_written_listed_deleted_and_never_read(ann: Person) -> None:
    assert ann.api.get("/secrets").json() == []
    assert ann.api.put("/secrets/git", json={"value": "canary-77"}).status_code == 204
    listed = ann.api.get("/secrets")
    assert [secret.keys() for secret in listed.json()] == [{"name", "created", "updated"}]
    assert "canary-77" not in listed.text
    assert ann.api.get("/secrets/git").status_code == 405
    assert ann.api.delete("/secrets/git").status_code == 204
    assert ann.api.delete("/secrets/git").status_code == 404


def test_bad_names_and_values_are_explained(ann: Person) -> None:
    name = ann.api.put("/secrets/a%20b", json={"value": "x"})
    assert (name.status_code, list(name.json()["error"]["details"]["fields"])) == (400, ["name"])
    for body, field in ((None, "value"), ({"value": 5}, "value"), ({"value": "x", "y": 1}, "y")):
        answer = ann.api.put("/secrets/a", json=body)
        assert answer.status_code == 400
        assert list(answer.json()["error"]["details"]["fields"]) == [field]


def test_users_do_not_share_secrets(ann: Person, bob: Person) -> None:
    ann.api.put("/secrets/git", json={"value": "x"})
    assert bob.api.get("/secrets").json() == []
    assert bob.api.delete("/secrets/git").status_code == 404
