import shlex

import pytest

from runtiles_server.flags import FlagPlan, plan_flags
from tests.runtiles_server.test_command import (
    GRADIENT_DEFAULT,
    GRADIENT_LAB_FLAGS,
    GRADIENT_NOTEBOOK_FLAGS,
)

_TRAITS = {"max_body_size", "root_dir", "default_url", "allow_root", "answer_yes", "port"}


def accepts(trait: str, value: str) -> bool | None:
    return value != "bad" if trait in _TRAITS else None


def planned(line: str) -> FlagPlan:
    return plan_flags(shlex.split(line), accepts)


@pytest.mark.parametrize(
    "line",
    [GRADIENT_NOTEBOOK_FLAGS, GRADIENT_LAB_FLAGS, GRADIENT_DEFAULT.partition("notebook ")[2]],
)
def test_the_flags_of_the_gradient_document(line: str) -> None:
    plan = planned(line)
    assert plan.arguments == ()
    assert len(plan.dropped) == 1
    assert plan.dropped[0].endswith("App.allow_origin")
    # All the others are so under the hub; each is named.
    assert len(plan.already) == len(shlex.split(line)) - 1


def test_server_options_are_kept_in_the_servers_spelling() -> None:
    plan = planned("--NotebookApp.max_body_size=9 --LabApp.default_url=/x --notebook-dir=/data")
    assert plan.arguments == (
        "--ServerApp.max_body_size=9",
        "--ServerApp.default_url=/x",
        "--ServerApp.root_dir=/data",
    )
    assert plan.dropped == ()
    assert planned("--NotebookApp.notebook_dir /data").arguments == ("--ServerApp.root_dir=/data",)


def test_other_classes_are_kept_as_they_are() -> None:
    plan = planned(
        "--LabApp.collaborative=True --MappingKernelManager.cull_idle_timeout=60 --debug"
    )
    assert plan.arguments == (
        "--LabApp.collaborative=True",
        "--MappingKernelManager.cull_idle_timeout=60",
        "--Application.log_level=DEBUG",
    )


@pytest.mark.parametrize(
    "flag",
    [
        "--ip=10.0.0.1",
        "--port=9999",
        "--port 9999",
        "--NotebookApp.token=hunter22",
        "--NotebookApp.token hunter22",
        "--ServerApp.password='sha1:hunter22'",
        "--IdentityProvider.token=hunter22",
        "--PasswordIdentityProvider.hashed_password=hunter22",
        "--ServerApp.base_url=/x/",
        "--NotebookApp.allow_origin=https://example.org",
        "--ServerApp.disable_check_xsrf=True",
        "--ServerApp.identity_provider_class=x.Y",
        "--ServerApp.tornado_settings={'hunter22':1}",
        "--certfile=/x",
        "--keyfile /x",
        "--ServerApp.allow_unauthenticated_access=True",
        "--HubOAuth.api_token=hunter22",
        "--autoreload-now",
        "--ServerApp.max_body_size=bad",
        "--dev-mode",
    ],
)
def test_what_the_hub_decides_is_left_out_and_named_without_its_value(flag: str) -> None:
    plan = planned(f"{flag} --ServerApp.max_body_size=9")
    assert plan.arguments == ("--ServerApp.max_body_size=9",)
    assert plan.dropped == (flag.replace(" ", "=").partition("=")[0],)
    assert "hunter22" not in repr(plan)


def test_paths() -> None:
    plan = planned("--debug lessons/one.ipynb --port 8888 -y")
    assert plan.paths == ("lessons/one.ipynb",)
    assert plan.already == ("--port",)
    assert plan.arguments == ("--Application.log_level=DEBUG", "--ServerApp.answer_yes=True")


def test_quotes_that_no_shell_took_off() -> None:
    plan = plan_flags(["--ServerApp.default_url='/lab'", "--NotebookApp.allow_origin='*'"], accepts)
    assert plan.value("ServerApp.default_url") == "/lab"
    assert plan.dropped == ("--NotebookApp.allow_origin",)


def test_nothing_makes_it_fail() -> None:
    for odd in (["--"], ["-"], ["--="], ["="], [""], ["--.x=1"], ["-x=1"], ["--ip"], ["---"]):
        plan_flags(odd, accepts)
