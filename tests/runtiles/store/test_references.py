import pytest

from runtiles.catalogue import Tile
from runtiles.contract.errors import InvalidRequest
from runtiles.options import LaunchRequest
from runtiles.store import Store, check_secrets
from runtiles.store.references import references

TILE = Tile.model_validate(
    {
        "slug": "t",
        "title": "T",
        "image": "x:1",
        "environment": {"A": "secret:of-tile", "B": "secret:overridden", "C": "plain"},
    }
)
REQUEST = LaunchRequest.model_validate(
    {
        "registry": {"username": "u", "password": "secret:registry"},
        "workspace": {"password": "secret:git"},
        "environment": {"B": "2", "HF_TOKEN": "secret:hf"},
        "description": "secret:not-a-credential",
    }
)


def test_every_place_of_a_credential_is_known_and_no_other() -> None:
    assert dict(references(REQUEST, TILE)) == {
        "registry.password": "registry",
        "workspace.password": "git",
        "environment.A": "of-tile",
        "environment.HF_TOKEN": "hf",
    }


def test_what_is_missing_is_named_by_its_field(store: Store) -> None:
    store.secrets.put("ann", "git", "x")
    store.secrets.put("bees", "hf", "x", kind="team")
    with pytest.raises(InvalidRequest) as caught:
        check_secrets(store.secrets, "ann", (), REQUEST, TILE, typed=["registry"])
    assert caught.value.fields.keys() == {"environment.A", "environment.HF_TOKEN"}
    assert "'of-tile'" in caught.value.fields["environment.A"]
    store.secrets.put("ann", "of-tile", "x")
    check_secrets(store.secrets, "ann", ("bees",), REQUEST, TILE, typed=["registry"])
