"""Whose credentials go to a registry."""

import base64
import json
from pathlib import Path

import pytest

from runtiles.engines.base import RegistryAuth
from runtiles.engines.docker_pull import (
    auth_header,
    docker_config_credentials,
    no_credentials,
)

REGISTRY = "registry.example.org"


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    stored = base64.b64encode(b"site:sesame").decode()
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"auths": {REGISTRY: {"auth": stored}}}))
    return path


def decoded(header: dict[str, str]) -> tuple[str, str]:
    value = json.loads(base64.urlsafe_b64decode(header["X-Registry-Auth"]))
    return value["username"], value["password"]


def test_a_persons_own_come_first() -> None:
    header = auth_header(RegistryAuth("ada", "hers"), REGISTRY, docker_config_credentials)
    assert decoded(header) == ("ada", "hers")


def test_else_those_of_the_site() -> None:
    header = auth_header(None, REGISTRY, docker_config_credentials)
    assert decoded(header) == ("site", "sesame")


def test_else_none() -> None:
    assert auth_header(None, "other.example.org", docker_config_credentials) == {}
    assert auth_header(None, REGISTRY, no_credentials) == {}


def test_a_damaged_configuration_is_none(docker_config: Path) -> None:
    docker_config.write_text("{")
    assert auth_header(None, REGISTRY, docker_config_credentials) == {}


def test_a_password_is_not_in_the_repr() -> None:
    assert "hers" not in repr(RegistryAuth("ada", "hers"))
