from pathlib import Path

import pytest

from runtiles_server.settings import Settings, hub_defaults


def test_from_an_empty_environment() -> None:
    settings = Settings.from_environ({})
    assert settings.runtime == "default"
    assert settings.launch_url == ""
    assert settings.workspace is None
    assert settings.hook_timeout > 0


def test_from_the_spawners_environment() -> None:
    settings = Settings.from_environ(
        {
            "RUNTILES_LAUNCH_URL": "http://h/x",
            "RUNTILES_LAUNCH_ID": "7",
            "RUNTILES_WORKSPACE_DIR": "/storage/workspaces/gpu",
            "RUNTILES_STORAGE_DIR": "/storage",
            "RUNTILES_TOKEN_FILE": "/run/t",
            "RUNTILES_TILE": "pytorch",
            "JUPYTERHUB_SERVER_NAME": "gpu",
            "RUNTILES_HOOK_TIMEOUT": "5",
        }
    )
    assert settings.runtime == "gpu"
    assert settings.workspace == Path("/storage/workspaces/gpu")
    assert settings.token_file == Path("/run/t")
    assert settings.hook_timeout == 5
    assert settings.tile == "pytorch"


@pytest.mark.parametrize("text", ["", "x", "-1", "0"])
def test_a_timeout_that_is_none(text: str) -> None:
    assert Settings.from_environ({"RUNTILES_HOOK_TIMEOUT": text}).hook_timeout == 300


def test_the_port_of_the_document_where_the_spawner_says_none() -> None:
    assert hub_defaults({"JUPYTERHUB_SERVICE_PREFIX": "/user/a/"}) == {
        "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8888/user/a/"
    }
    assert hub_defaults({"JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:1/"}) == {}
