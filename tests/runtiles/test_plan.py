"""The plan: tables of what wins over what."""

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from runtiles.catalogue import IdlePolicy
from runtiles.contract.spec import LaunchSpec
from runtiles.plan import LaunchPlan, RegistryLogin, plan
from runtiles.policy import SitePolicy
from tests.runtiles.samples import CATALOGUE, DIGEST, OPEN, ask, make_tile


def planned(policy: SitePolicy = OPEN, **options: Any) -> LaunchPlan:
    request = ask(options, policy)
    tile, machine = CATALOGUE.tile(request.tile), CATALOGUE.machine(request.machine)
    return plan(request, tile, machine, policy)


def test_the_tile_alone() -> None:
    it = planned(tile="torch")
    assert (it.tile, it.title, it.machine) == ("torch", "Torch", "gpu-1")
    assert str(it.image) == "nvcr.io/nvidia/pytorch:21.09-py3"
    assert it.command == ("jupyter", "lab")
    assert it.container_user == "root"
    assert it.environment == {"OMP_NUM_THREADS": "4", "MODE": "tile"}
    assert it.workspace.url == "https://github.com/gradient-ai/PyTorch"
    assert (it.workspace.ref, it.workspace.required) == ("v1", True)
    assert (it.example, it.startup_hook) == ("intro.ipynb", "echo tile")


def test_resources_come_from_the_machine() -> None:
    it = planned(tile="torch", machine="gpu-1")
    assert (it.cpus, it.memory, it.shm) == (2.0, 4 * 2**30, 0)
    assert (it.gpus, it.gpu_models, it.pool, it.price_per_hour) == (1, ("A100",), "default", 0.5)
    assert planned(tile="torch", machine="small").shm == 64 * 2**20
    assert planned(tile="torch", machine="small").gpus == 0


@pytest.mark.parametrize(
    ("field", "asked", "attribute", "result"),
    [
        ("image", "x/y:2", "image", "docker.io/x/y:2"),
        ("image", f"x/y:2@{DIGEST}", "image", f"docker.io/x/y@{DIGEST}"),
        ("command", "jupyter notebook", "command", ("jupyter", "notebook")),
        ("container_user", "1000", "container_user", "1000"),
        ("startup_hook", "echo mine", "startup_hook", "echo mine"),
        ("example", "x.ipynb", "example", "x.ipynb"),
        ("description", "mine", "description", "mine"),
        ("resume", "snap-1", "snapshot", "snap-1"),
    ],
)
def test_what_is_asked_wins(field: str, asked: Any, attribute: str, result: Any) -> None:
    value = getattr(planned(tile="torch", **{field: asked}), attribute)
    assert (str(value) if field == "image" else value) == result


def test_environments_are_merged() -> None:
    it = planned(tile="torch", environment={"MODE": "mine", "HF_TOKEN": "secret:hf"})
    assert it.environment == {"OMP_NUM_THREADS": "4", "MODE": "mine", "HF_TOKEN": "secret:hf"}


@pytest.mark.parametrize(
    ("tile", "image", "policy", "hint"),
    [
        ("python", "", "never", "make image"),
        ("python", "runtiles/python", "never", "make image"),
        ("python", "other/image", "missing", ""),
        ("torch", "", "missing", ""),
        ("torch", "other/image", "missing", ""),
    ],
)
def test_who_is_asked_for_the_image(tile: str, image: str, policy: str, hint: str) -> None:
    it = planned(tile=tile, image=image)
    assert it.pull_policy == policy
    assert hint in it.image_hint
    assert bool(it.image_hint) == bool(hint)


def test_a_tile_may_ask_its_registry_each_time() -> None:
    tile = make_tile("x", pull_policy="always")
    request = ask({"tile": "python"})
    it = plan(request, tile, CATALOGUE.machine("small"), OPEN)
    assert it.pull_policy == "always"


# -- workspace ------------------------------------------------------------------------------------


def test_another_workspace_inherits_nothing() -> None:
    workspace = planned(tile="torch", workspace={"url": "https://h/mine"}).workspace
    assert (workspace.url, workspace.ref, workspace.required) == ("https://h/mine", "", False)


def test_another_ref_of_the_tiles_workspace() -> None:
    asked = {"ref": "v2", "username": "ada", "password": "secret:git"}
    workspace = planned(tile="torch", workspace=asked).workspace
    assert workspace.url == "https://github.com/gradient-ai/PyTorch"
    assert (workspace.ref, workspace.required) == ("v2", True)
    assert (workspace.username, workspace.password) == ("ada", "secret:git")


def test_no_workspace() -> None:
    assert planned(tile="python").workspace.url == ""


def test_the_protocols_are_the_sites() -> None:
    policy = SitePolicy(workspace_schemes=("https", "ssh"))
    for options in ({"tile": "torch"}, {"tile": "python"}):
        assert planned(policy, **options).workspace.protocols == ("https", "ssh")


# -- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tile", "machine", "site", "asked", "seconds"),
    [
        ("python", "small", None, None, None),
        ("python", "small", None, "9h", 9 * 3600),
        ("python", "small", "2h", None, 2 * 3600),
        ("python", "small", "2h", "1h", 3600),
        ("torch", "small", None, None, 8 * 3600),
        ("torch", "gpu-1", None, None, 4 * 3600),
        ("torch", "gpu-1", "3h", None, 3 * 3600),
        ("torch", "gpu-1", "3h", "90s", 90),
    ],
)
def test_time_limits(
    tile: str, machine: str, site: str | None, asked: str | None, seconds: int | None
) -> None:
    policy = SitePolicy.model_validate({"max_time_limit": site})
    assert planned(policy, tile=tile, machine=machine, time_limit=asked).time_limit == seconds


def test_a_limit_that_was_lowered_since_holds() -> None:
    request = ask({"tile": "python", "time_limit": "9h"})
    site = SitePolicy(max_time_limit=3600)
    it = plan(request, CATALOGUE.tile("python"), CATALOGUE.machine("small"), site)
    assert it.time_limit == 3600


def test_the_groups_of_its_user_count() -> None:
    policy = SitePolicy.model_validate(
        {
            "max_time_limit": "8h",
            "max_idle_timeout": "10m",
            "groups": {"staff": {"max_time_limit": "24h", "max_idle_timeout": "30m"}},
        }
    )
    request, machine = ask({"tile": "torch"}, policy), CATALOGUE.machine("small")
    tile = make_tile("torch", idle={"timeout": "1h"})
    found = [plan(request, tile, machine, policy, teams) for teams in ((), ("staff",))]
    assert [each.time_limit for each in found] == [8 * 3600, 24 * 3600]
    assert [each.idle and each.idle.timeout for each in found] == [600, 1800]


@pytest.mark.parametrize(
    ("tile", "asked", "idle"),
    [
        ("python", {}, None),
        ("python", {"timeout": "5m"}, IdlePolicy(timeout=300, action="pause")),
        ("torch", {}, IdlePolicy(timeout=3600, type="work", action="stop")),
        ("torch", {"timeout": "5m"}, IdlePolicy(timeout=300, type="work", action="stop")),
        ("torch", {"action": "freeze"}, IdlePolicy(timeout=3600, type="work", action="freeze")),
    ],
)
def test_idle_policies(tile: str, asked: dict[str, Any], idle: IdlePolicy | None) -> None:
    assert planned(tile=tile, idle=asked).idle == idle


def test_the_sites_longest_idle_timeout_holds_for_tiles_too() -> None:
    policy = SitePolicy(max_idle_timeout=600)
    idle = planned(policy, tile="torch").idle
    assert idle is not None
    assert idle.timeout == 600


# -- the plan as a value --------------------------------------------------------------------------


def test_is_pure_and_frozen() -> None:
    assert planned(tile="torch") == planned(tile="torch")
    with pytest.raises(FrozenInstanceError):
        planned(tile="torch").gpus = 8  # type: ignore[misc]
    with pytest.raises(TypeError):
        planned(tile="torch").environment["X"] = "1"  # type: ignore[index]


def test_the_spec_is_what_the_launcher_is_told() -> None:
    it = planned(
        tile="torch",
        workspace={"password": "secret:git"},
        environment={"HF_TOKEN": "secret:hf"},
        resume="snap-1",
    )
    spec = it.spec()
    assert spec.workspace == it.workspace
    assert spec.environment["HF_TOKEN"] == "secret:hf"
    assert (spec.command, spec.example, spec.snapshot) == (it.command, it.example, "snap-1")
    assert LaunchSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_a_preview_is_json() -> None:
    preview = planned(
        tile="torch",
        idle={"timeout": "5m"},
        mounts=[{"source": "shared-a", "target": "/x"}],
        registry={"username": "ada", "password": "secret:r"},
    ).to_dict()
    assert json.loads(json.dumps(preview)) == preview
    assert preview["resources"]["gpus"] == 1
    assert preview["registry"] == {"username": "ada", "password": "secret:r"}
    assert preview["mounts"] == [{"source": "shared-a", "target": "/x", "read_only": False}]


def test_a_preview_and_a_repr_hide_a_secret_that_slipped_in() -> None:
    it = planned(tile="torch")
    it = replace(
        it,
        workspace=replace(it.workspace, password="hunter2"),
        registry=RegistryLogin("ada", "hunter2"),
    )
    assert "hunter2" not in json.dumps(it.to_dict())
    assert "hunter2" not in repr(it)
