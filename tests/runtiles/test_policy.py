"""A site's rules as they are configured."""

from typing import Any

import pytest
from pydantic import ValidationError

from runtiles.catalogue import IdleRule
from runtiles.policy import GroupPolicy, SitePolicy


def test_the_default_is_the_careful_one() -> None:
    policy = SitePolicy()
    assert not policy.allow_custom_images
    assert not policy.allow_user_mounts
    assert policy.workspace_schemes == ("https",)
    assert policy.max_time_limit is None


def test_durations_are_texts_or_seconds() -> None:
    policy = SitePolicy.model_validate({"max_time_limit": "4h", "max_idle_timeout": 1800})
    assert (policy.max_time_limit, policy.max_idle_timeout) == (14400, 1800)


@pytest.mark.parametrize(
    "values",
    [
        {"allow_custom_image": True},
        {"workspace_schemes": ["ext"]},
        {"workspace_schemes": "https"},
        {"max_time_limit": "soon"},
        {"max_time_limit": 0},
        {"groups": {"staff": {"max_time": "4h"}}},
        {"groups": {"staff": {"max_time_limit": "never"}}},
        {"default_idle": {"timeout": "sometimes"}},
        {"max_runtimes": 0},
        {"allowed_images": "jupyter/*"},
    ],
)
def test_refuses_slips(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SitePolicy.model_validate(values)


def test_is_immutable() -> None:
    with pytest.raises(ValidationError):
        SitePolicy().allow_custom_images = True  # type: ignore[misc]


def test_reads_back_what_it_writes() -> None:
    policy = SitePolicy(
        workspace_schemes=("https", "ssh"),
        max_time_limit=60,
        default_tile="x",
        groups={"staff": GroupPolicy(max_hold=60)},
        default_idle=IdleRule(timeout="never"),
    )
    assert SitePolicy.model_validate(policy.model_dump()) == policy
    assert SitePolicy.model_validate_json(policy.model_dump_json()) == policy
