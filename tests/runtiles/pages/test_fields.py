from typing import Any

import pytest

from runtiles.options import FORM_FIELDS, LaunchRequest, to_user_options
from runtiles.pages.fields import Field, advanced_groups
from runtiles.policy import SitePolicy

OPEN = SitePolicy(allow_custom_images=True)


def field(which: str, policy: SitePolicy = OPEN, **previous: Any) -> Field:
    groups = advanced_groups(policy, previous, named=True)
    (found,) = [f for group in groups for f in group.fields if f.name == which]
    return found


def test_every_field_is_one_that_the_form_parser_knows() -> None:
    groups = advanced_groups(OPEN, {}, named=True)
    names = [f.name for group in groups for f in group.fields]
    assert set(names) <= set(FORM_FIELDS)
    assert len(names) == len(set(names))


def test_what_the_policy_forbids_is_disabled_and_says_why() -> None:
    strict = SitePolicy(allow_custom_images=False, allow_custom_commands=False)
    for name in ("image", "command"):
        found = field(name, strict, image="own:1", command=["sh"])
        assert found.disabled
        assert found.note.startswith("This site")
        assert found.value == "", "what may not be asked for any more is not asked for again"


def test_what_the_policy_allows_is_said() -> None:
    policy = SitePolicy(
        allow_custom_images=True,
        allowed_images=("jupyter/*",),
        workspace_hosts=("github.com",),
        max_time_limit=7200,
    )
    assert field("image", policy).note == "Allowed: jupyter/*"
    assert field("workspace_url", policy).note == "A git repository (https) on github.com."
    assert "at most 2h" in field("time_limit", policy).note


def test_the_longest_time_is_that_of_the_persons_groups() -> None:
    policy = SitePolicy.model_validate({"groups": {"staff": {"max_time_limit": "24h"}}})
    fields = {
        teams: {
            f.name: f for group in advanced_groups(policy, {}, teams=teams) for f in group.fields
        }
        for teams in ((), ("staff",))
    }
    assert "at most" not in fields[()]["time_limit"].note
    assert "at most 1d" in fields[("staff",)]["time_limit"].note


def test_the_last_choice_fills_the_fields() -> None:
    request = LaunchRequest.model_validate(
        {
            "tile": "t",
            "image": "own:1",
            "command": "jupyter lab --x 'a b'",
            "workspace": {"url": "https://git.example/a", "ref": "v1", "password": "secret:token"},
            "registry": {"username": "ann"},
            "environment": {"MODE": "fast", "KEY": "secret:key"},
            "time_limit": "90m",
        }
    )
    previous = to_user_options(request)
    assert field("image", **previous).value == "own:1"
    assert field("command", **previous).value == "jupyter lab --x 'a b'"
    assert field("workspace_url", **previous).value == "https://git.example/a"
    assert field("workspace_ref", **previous).value == "v1"
    assert field("registry_username", **previous).value == "ann"
    assert field("registry_password", **previous).value == ""
    assert field("environment", **previous).value == "MODE=fast\nKEY=secret:key"
    assert field("time_limit", **previous).value == "1h30m"
    password = field("workspace_password", **previous)
    assert password.value == "secret:token"
    assert password.note == "Kept as secret:token. Write another one to replace it."


@pytest.mark.parametrize(
    "previous",
    [
        {"workspace": None, "environment": None, "command": None, "time_limit": None},
        {"workspace": "text", "registry": [], "environment": [], "time_limit": True},
        {"description": 7, "startup_hook": {}, "example": ["a"]},
    ],
)
def test_options_of_any_shape_do_not_break_the_page(previous: dict[str, Any]) -> None:
    for group in advanced_groups(OPEN, previous):
        assert all(isinstance(f.value, str) for f in group.fields)


def test_a_name_is_asked_for_only_where_one_may_be_given() -> None:
    names = {f.name for group in advanced_groups(OPEN, {}) for f in group.fields}
    assert "name" not in names
    assert field("name", name="last-one").value == ""
