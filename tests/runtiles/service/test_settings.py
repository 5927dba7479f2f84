import dataclasses
from pathlib import Path

import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles.policy import SitePolicy
from runtiles.service.settings import Settings

FROM_HUB = {
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8181",
    "JUPYTERHUB_SERVICE_PREFIX": "/site/services/runtiles/",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/site/hub/api",
    "JUPYTERHUB_API_TOKEN": "token",
    "JUPYTERHUB_BASE_URL": "/site/",
}


def test_settings_pass_through_the_environment_unchanged() -> None:
    settings = Settings(
        store_url="postgresql+psycopg://u:p@db/runtiles",
        key_file="/srv/key",
        catalogue_paths=(Path("/srv/a b.yaml"), Path("/srv/c.yaml")),
        builtin_tiles=False,
        policy=SitePolicy(allow_custom_images=True, workspace_hosts=("*.example.org",)),
        engine="docker",
        engine_options={"index_url": "https://x", "n": 1},
        hub_id="abc",
        context_dir="/srv/contexts",
        listen_url="http://127.0.0.1:8181",
        prefix="/site/services/runtiles/",
        hub_api_url="http://127.0.0.1:8081/site/hub/api",
        hub_token="token",
        hub_prefix="/site/hub/",
    )
    assert Settings.from_env({**settings.to_env(), **FROM_HUB}) == settings


def test_the_least_is_the_store_and_the_key() -> None:
    settings = Settings.from_env(
        {"RUNTILES_STORE_URL": "sqlite:///x", "RUNTILES_KEY_FILE": "k", **FROM_HUB}
    )
    assert (settings.engine, settings.builtin_tiles, settings.catalogue_paths) == ("none", True, ())


def test_uploaded_folders_lie_beside_the_key_unless_told_otherwise() -> None:
    settings = Settings(store_url="sqlite:///x", key_file="/srv/runtiles/key")
    assert settings.contexts == Path("/srv/runtiles/contexts")
    elsewhere = dataclasses.replace(settings, context_dir="/big/disk")
    assert elsewhere.contexts == Path("/big/disk")


def test_every_wrong_variable_is_named_at_once() -> None:
    with pytest.raises(InvalidRequest) as caught:
        Settings.from_env(
            {
                "RUNTILES_POLICY": '{"allow_everything": true}',
                "RUNTILES_ENGINE": "podman",
                "RUNTILES_ENGINE_OPTIONS": "[]",
            }
        )
    assert caught.value.fields.keys() == {
        *("RUNTILES_STORE_URL", "RUNTILES_KEY_FILE", "RUNTILES_POLICY", "RUNTILES_ENGINE"),
        *("RUNTILES_ENGINE_OPTIONS", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX"),
        *("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN"),
    }
    assert "allow_everything" in caught.value.fields["RUNTILES_POLICY"]


def test_a_database_password_is_not_in_the_repr() -> None:
    settings = Settings(store_url="postgresql://u:hunter2@db/x", key_file="k")
    assert "hunter2" not in repr(settings)
