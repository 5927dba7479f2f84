"""What a policy allows and what it does not."""

from typing import Any

import pytest

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import InvalidRequest
from runtiles.options import validate
from runtiles.policy import SitePolicy
from tests.runtiles.samples import DIGEST, OPEN, ask, fields_of, make_machine, make_tile


def allows(field: str, value: Any, tile: str = "torch", **policy: Any) -> bool:
    site = SitePolicy.model_validate(policy)
    return not fields_of({"tile": tile, field: value}, site)


@pytest.mark.parametrize(
    ("image", "policy", "allowed"),
    [
        ("nvcr.io/nvidia/pytorch:21.09-py3", {}, True),
        ("nvcr.io/nvidia/pytorch:22.01-py3", {}, False),
        ("nvcr.io/nvidia/pytorch:22.01-py3", {"allowed_images": ["*"]}, False),
        ("any/thing", {"allow_custom_images": True}, True),
        ("any/thing", {"allow_custom_images": True, "allowed_images": ["jupyter/*"]}, False),
        ("jupyter/x", {"allow_custom_images": True, "allowed_images": ["jupyter/*"]}, True),
        (
            "evil.io/jupyter/x",
            {"allow_custom_images": True, "allowed_images": ["jupyter/*"]},
            False,
        ),
        (f"a/b@{DIGEST}", {"allow_custom_images": True, "allowed_images": ["a/b"]}, True),
    ],
)
def test_images(image: str, policy: dict[str, Any], allowed: bool) -> None:
    assert allows("image", image, **policy) is allowed


@pytest.mark.parametrize(
    ("url", "policy", "allowed"),
    [
        ("https://h.example/a", {}, True),
        ("http://h.example/a", {}, False),
        ("http://h.example/a", {"workspace_schemes": ["https", "http"]}, True),
        ("git@h.example:a", {"workspace_schemes": ["https", "ssh"]}, True),
        ("file:///srv/a", {"workspace_schemes": ["file"], "workspace_hosts": ["x"]}, True),
        ("https://github.com/a/b", {"workspace_hosts": ["github.com"]}, True),
        ("https://github.com./a/b", {"workspace_hosts": ["github.com"]}, True),
        ("https://GITHUB.com:8443/a/b", {"workspace_hosts": ["github.com"]}, True),
        ("https://github.com.evil.io/a/b", {"workspace_hosts": ["github.com"]}, False),
        ("https://evil.io/github.com/b", {"workspace_hosts": ["github.com"]}, False),
        ("https://a.corp.example/b", {"workspace_hosts": ["*.corp.example"]}, True),
        ("git@evil.io:a", {"workspace_schemes": ["ssh"], "workspace_hosts": ["h"]}, False),
    ],
)
def test_workspaces(url: str, policy: dict[str, Any], allowed: bool) -> None:
    assert allows("workspace", {"url": url}, **policy) is allowed


@pytest.mark.parametrize(
    ("url", "useful"),
    [("https://h/a", True), ("http://h/a", True), ("git@h:a", False), ("file:///a", False)],
)
def test_a_password_is_for_http(url: str, useful: bool) -> None:
    workspace = {"url": url, "username": "ada", "password": "secret:x"}
    found = fields_of({"tile": "torch", "workspace": workspace}, OPEN)
    assert list(found) == ([] if useful else ["workspace.password"])


def test_uploaded_folders() -> None:
    url = f"context:{'0' * 32}"
    assert allows("workspace", {"url": url})
    assert allows("workspace", {"url": url}, workspace_hosts=["elsewhere.example"])
    assert not allows("workspace", {"url": url}, allow_contexts=False)
    for more in ({"ref": "main"}, {"username": "ada"}, {"password": "secret:x"}):
        assert not allows("workspace", {"url": url, **more})


@pytest.mark.parametrize(
    "name", ["", "0" * 31, "0" * 33, "G" * 32, "../" + "0" * 29, "0" * 32 + "/a"]
)
def test_an_uploaded_folder_has_an_id(name: str) -> None:
    request = {"tile": "torch", "workspace": {"url": f"context:{name}"}}
    assert list(fields_of(request, OPEN)) == ["workspace.url"]


def test_the_tiles_own_workspace_needs_no_allowance() -> None:
    assert allows("workspace", {"ref": "main"}, workspace_hosts=["elsewhere.example"])


def test_commands() -> None:
    assert allows("command", "jupyter lab")
    assert not allows("command", "jupyter lab", allow_custom_commands=False)


@pytest.mark.parametrize(
    ("source", "allowed"),
    [("shared-data", True), ("other", False), ("runtiles-ada", False)],
)
def test_mounts(source: str, allowed: bool) -> None:
    mounts = [{"source": source, "target": "/x"}]
    policy: dict[str, Any] = {
        "allow_user_mounts": True,
        "mount_sources": ["shared-*", "runtiles-*"],
    }
    assert allows("mounts", mounts, **policy) is allowed
    assert not allows("mounts", mounts, allow_user_mounts=True)


def test_two_mounts_at_one_place() -> None:
    mounts = [{"source": "shared-a", "target": "/x"}, {"source": "shared-b", "target": "/x"}]
    assert list(fields_of({"tile": "torch", "mounts": mounts}, OPEN)) == ["mounts.1.target"]


@pytest.mark.parametrize(
    ("tile", "machine", "site", "limit", "message"),
    [
        ("python", "small", None, "3000d", ""),
        ("python", "small", "2h", "2h", ""),
        ("python", "small", "2h", "3h", "is at most 2h, set by this site"),
        ("python", "gpu-1", None, "5h", "is at most 4h, set by the machine 'gpu-1'"),
        ("torch", "small", None, "9h", "is at most 8h, set by the tile 'torch'"),
        ("torch", "gpu-1", "6h", "5h", "is at most 4h, set by the machine 'gpu-1'"),
    ],
)
def test_time_limits(tile: str, machine: str, site: str | None, limit: str, message: str) -> None:
    policy = SitePolicy.model_validate({"max_time_limit": site})
    found = fields_of({"tile": tile, "machine": machine, "time_limit": limit}, policy)
    assert found == ({"time_limit": message} if message else {})


def test_idle_timeouts() -> None:
    assert allows("idle", {"timeout": "1h"}, max_idle_timeout="1h")
    assert not allows("idle", {"timeout": "61m"}, max_idle_timeout="1h")


def test_part_of_an_idle_policy_needs_a_whole_one_below() -> None:
    assert allows("idle", {"action": "stop"}, tile="torch")
    assert not allows("idle", {"action": "stop"}, tile="python")


def test_a_sites_default_machine() -> None:
    assert ask({"tile": "python"}, SitePolicy(default_machine="gpu-2")).machine == "gpu-2"
    assert ask({"tile": "torch"}, SitePolicy(default_machine="gpu-2")).machine == "gpu-2"
    assert ask({"tile": "python"}, SitePolicy(default_machine="gone")).machine == "small"


def test_what_is_switched_off_cannot_be_asked_for() -> None:
    off = Catalogue(
        [make_tile("python"), make_tile("gone", enabled=False)],
        [
            make_machine("small"),
            make_machine("old", enabled=False),
            make_machine("own", hidden=True),
        ],
    )

    def problems(**options: str) -> dict[str, str]:
        try:
            validate(options, catalogue=off, policy=OPEN)
        except InvalidRequest as error:
            return error.fields
        return {}

    assert problems(tile="python", machine="own") == {}
    found = problems(tile="gone", machine="old")
    assert found.keys() == {"tile", "machine"}
    assert found["tile"].startswith("The tile 'Gone' is switched off on this site. Choose another")


def test_a_tile_that_was_switched_off_is_not_replaced_in_a_runtime_that_has_it() -> None:
    off = Catalogue(
        [make_tile("python"), make_tile("gone", enabled=False)], [make_machine("small")]
    )

    def start(tile: str, *, again: bool) -> str:
        previous = {"tile": tile}
        return validate({}, catalogue=off, policy=OPEN, previous=previous, again=again).tile

    assert start("gone", again=False) == "python"
    assert start("no-longer-there", again=True) == "python"
    with pytest.raises(InvalidRequest, match="switched off on this site"):
        start("gone", again=True)
