"""What tells the containers of two Hubs apart must outlive a change of the key."""

from pathlib import Path

from jupyterhub.objects import Hub

from runtiles.spawners.base import RuntimeSpawner
from runtiles.store import load_key
from runtiles.store.keys import replace_keys, with_first_key, with_new_key


def hub_id(key: Path, base_url: str = "/hub/") -> str:
    spawner = RuntimeSpawner(hub=Hub(base_url=base_url))
    spawner.secret_key_file = str(key)
    return str(spawner.hub_id)


def test_a_new_key_leaves_the_hub_its_id(tmp_path: Path) -> None:
    key = tmp_path / "key"
    before = hub_id(key)
    replace_keys(key, with_new_key(load_key(key)))
    assert hub_id(key) == before
    replace_keys(key, with_first_key(load_key(key)))
    assert hub_id(key) == before


def test_two_hubs_that_agree_in_everything_but_their_key_differ(tmp_path: Path) -> None:
    assert hub_id(tmp_path / "a") != hub_id(tmp_path / "b")
    assert hub_id(tmp_path / "a") != hub_id(tmp_path / "a", "/other/hub/")
