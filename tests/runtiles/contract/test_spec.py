"""The LaunchSpec over the wire, between a hub and a launcher of different ages."""

import pytest

from runtiles.contract.spec import LaunchSpec, WorkspaceSpec

SPEC = LaunchSpec(
    workspace=WorkspaceSpec("https://git.example/x.git", "v1", "ann", "canary", True, ("https",)),
    environment={"TOKEN": "canary"},
    secret_files={"KEY": "canary"},
    secret_names=("TOKEN",),
    command=("jupyter", "lab"),
    time_limit=60,
)


def test_it_comes_back_as_it_went() -> None:
    assert LaunchSpec.from_dict(SPEC.to_dict()) == SPEC


def test_no_secret_is_in_its_repr() -> None:
    assert "canary" not in repr(SPEC)


def test_a_newer_hubs_fields_are_ignored() -> None:
    data = {**SPEC.to_dict(), "new": 1, "workspace": {"url": "u", "newer": 2}}
    assert LaunchSpec.from_dict(data).workspace == WorkspaceSpec("u")


def test_another_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="protocol 2"):
        LaunchSpec.from_dict({"protocol": 2})


def test_an_empty_answer_is_a_plain_jupyterlab() -> None:
    assert LaunchSpec.from_dict({}) == LaunchSpec()
