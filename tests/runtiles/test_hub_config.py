"""The dicts for jupyterhub_config.py. That a real Hub takes them is proven by tests/runtiles/service."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.services.service import Service
from pydantic import ValidationError
from traitlets.config import Config

from runtiles import hub_config
from runtiles.policy import SitePolicy
from runtiles.service.settings import Settings

STORE: dict[str, Any] = {"store_url": "sqlite:////srv/x.sqlite", "key_file": Path("/srv/key")}
FROM_HUB = {
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8181",
    "JUPYTERHUB_SERVICE_PREFIX": "/services/runtiles/",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
    "JUPYTERHUB_API_TOKEN": "token",
}


def test_the_service_has_only_fields_that_the_hub_knows() -> None:
    known = {name for name, trait in Service.class_traits().items() if trait.metadata.get("input")}
    assert hub_config.service(**STORE).keys() <= known


def test_the_service_runs_in_this_very_environment() -> None:
    service = hub_config.service(**STORE)
    assert service["name"] == "runtiles"
    assert service["command"] == [sys.executable, "-m", "runtiles.service.keeper"]
    assert service["url"] == "http://127.0.0.1:8181"


def test_its_environment_is_what_the_service_reads() -> None:
    service = hub_config.service(
        **STORE,
        catalogue_paths=["/srv/tiles.yaml"],
        policy={"default_tile": "py"},
        engine="none",
        environment={"HTTPS_PROXY": "http://proxy:3128"},
    )
    settings = Settings.from_env({**service["environment"], **FROM_HUB})
    assert settings.catalogue_paths == (Path("/srv/tiles.yaml"),)
    assert settings.policy == SitePolicy(default_tile="py")
    assert service["environment"]["HTTPS_PROXY"] == "http://proxy:3128"
    assert all(isinstance(value, str) for value in service["environment"].values())


def test_a_wrong_policy_is_refused_when_the_hub_reads_its_configuration() -> None:
    with pytest.raises(ValidationError, match="allow_everything"):
        hub_config.service(**STORE, policy={"allow_everything": True})


def test_the_service_has_no_power_of_its_own() -> None:
    service = hub_config.service(**STORE)
    assert "admin" not in service
    assert "api_token" not in service
    (role,) = hub_config.roles()
    assert role["services"] == ["runtiles"]
    assert set(role["scopes"]) == {"list:users", "read:servers", "delete:servers"}


def bases(scopes: list[str]) -> set[str]:
    return {scope.partition("!")[0] for scope in scopes}


def test_a_runtimes_token_manages_its_users_servers_and_no_tokens() -> None:
    scopes = hub_config.server_token_scopes()
    assert bases(scopes) == {"users:activity", "access:servers", "access:services", "servers"}
    assert all("!" in scope for scope in scopes)


def test_a_site_can_keep_that_from_it() -> None:
    narrow = {"users:activity", "access:servers", "access:services"}
    assert bases(hub_config.server_token_scopes(runtimes_act=False)) == narrow
    c = Config()
    hub_config.configure(c, **STORE, runtimes_act=False)
    assert bases(c.Spawner.server_token_scopes) == narrow
    assert "access:servers!user" not in c.Spawner.server_token_scopes


def test_configure_adds_to_what_is_there() -> None:
    c = Config()
    c.JupyterHub.services = [{"name": "culler"}]
    c.JupyterHub.load_roles = [{"name": "teacher"}]
    c.JupyterHub.extra_user_scopes = {"read:hub"}
    c.Spawner.server_token_scopes = ["read:servers!user"]
    hub_config.configure(c, **STORE)
    assert [service["name"] for service in c.JupyterHub.services] == ["culler", "runtiles"]
    assert [role["name"] for role in c.JupyterHub.load_roles] == ["teacher", "runtiles"]
    assert c.JupyterHub.extra_user_scopes == {"read:hub", "access:services!service=runtiles"}
    assert c.Spawner.server_token_scopes == ["read:servers!user", *hub_config.SERVER_SCOPES]
    assert c.JupyterHub.allow_named_servers is True


def test_people_land_on_the_runtimes_page_unless_the_site_says_otherwise() -> None:
    c = Config()
    hub_config.configure(c, **STORE)
    assert c.JupyterHub.default_url(SimpleNamespace(base_url="/at/")) == "/at/services/runtiles/"
    c = Config()
    c.JupyterHub.default_url = "/hub/spawn"
    hub_config.configure(c, **STORE)
    assert c.JupyterHub.default_url == "/hub/spawn"


def test_configure_alone_is_enough() -> None:
    c = Config()
    hub_config.configure(c, **STORE)
    assert len(c.JupyterHub.services) == 1
    assert c.Spawner.server_token_scopes == list(hub_config.SERVER_SCOPES)
