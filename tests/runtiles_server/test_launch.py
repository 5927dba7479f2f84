"""The launcher as a process: what a person gets, whatever goes wrong on the way."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from runtiles_server.placing import NOTICE_FILE
from tests.fixtures.git_servers import GitServer, NewGitServer
from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.launched import Launched, descendants, ends
from tests.runtiles_server.pretend_hub import TOKEN, PretendHub
from tests.runtiles_server.test_command import (
    GRADIENT_DEFAULT,
    GRADIENT_LAB_FLAGS,
    GRADIENT_NOTEBOOK_FLAGS,
)
from tests.runtiles_server.told import names

#: Engines give a container ten seconds to end.
IN_TIME_S = 9.0


def course(server: GitServer, **more: object) -> dict[str, object]:
    return {"url": server.address("course"), "protocols": ["http"], **more}


def codes(launched: Launched) -> list[str]:
    return [str(event.details["code"]) for event in launched.of_kind("notice")]


# -- the main job ---------------------------------------------------------------------------------


def test_a_tile_becomes_a_server_with_its_files(
    launch: NewLaunch, git_server: GitServer, hub: PretendHub
) -> None:
    launched = launch(workspace=course(git_server), example="lessons/one.ipynb")
    launched.wait_ready()

    listing = launched.json("api/contents")["content"]
    assert {entry["name"] for entry in listing} == {"README.md", "lessons"}
    # Nobody gets in without the Hub.
    assert launched.get("api/contents", token=None)[0] == 403
    assert launched.get("api/contents", token="another")[0] == 403
    status, headers, _ = launched.get("lab", token=None)
    assert status == 302
    assert headers["Location"].startswith("/hub/api/oauth2/authorize")
    assert launched.get("")[1]["Location"] == "/user/ann/lab/tree/lessons/one.ipynb?"
    # The token was in a file, which is gone, and in no environment that the engine knows.
    assert not launched.token_file.exists()
    assert TOKEN not in launched.output
    assert TOKEN.encode() not in Path(f"/proc/{launched.process.pid}/environ").read_bytes()
    phases = [event.phase for event in launched.of_kind("phase")]
    assert phases == ["workspace", "server"]
    # The Hub hears of it afterwards.
    launched._wait(lambda: hub.asked("POST /hub/api/users/ann/activity"), "report of activity")
    assert launched.terminate()[0] == 0


def test_what_the_runtime_says_about_itself(launch: NewLaunch, git_server: GitServer) -> None:
    launched = launch(
        {"RUNTILES_TILE": "pytorch"},
        workspace=course(git_server, ref="drafts"),
        startup_hook="false",
    )
    launched.wait_ready()

    assert launched.get("runtiles/api/runtime", token=None)[0] == 403
    runtime = launched.json("runtiles/api/runtime")
    assert (runtime["runtime"], runtime["tile"], runtime["launch_id"]) == (
        "default",
        "pytorch",
        "7",
    )
    assert runtime["workspace"]["state"] == "failed"
    assert [notice["code"] for notice in runtime["notices"]] == ["ref_missing", "hook_failed"]
    assert names(launched.workspace) == [NOTICE_FILE]


def test_the_environment_of_spec_and_hook(launch: NewLaunch) -> None:
    launched = launch(
        environment={"FROM_SPEC": "spec", "JUPYTERHUB_USER": "eve"},
        startup_hook="export FROM_HOOK=$FROM_SPEC-hook\nexport JUPYTERHUB_USER=eve",
        command=["python", "-c", "import os, json; print('ENV', json.dumps(dict(os.environ)))"],
    )
    assert launched.wait() == 0
    line = next(line for line in launched.lines if line.startswith("ENV "))
    environ = json.loads(line[4:])
    assert environ["FROM_SPEC"] == "spec"
    assert environ["FROM_HOOK"] == "spec-hook"
    assert environ["JUPYTERHUB_USER"] == "ann"
    assert environ["JUPYTERLAB_SETTINGS_DIR"].startswith(str(launched.storage))


async def test_a_kernel_is_the_servers_own_python(launch: NewLaunch) -> None:
    launched = launch(environment={"FROM_SPEC": "spec"})
    launched.wait_ready()
    said = await launched.run_in_kernel(
        "import os, shutil, sys\n"
        "print(os.environ['FROM_SPEC'], sys.executable, os.getcwd(), shutil.which('python'))"
    )
    venv = str(Path(sys.executable).parent / "python")
    assert said.split() == ["spec", sys.executable, str(launched.workspace), venv]


def test_lab_asks_no_other_host(launch: NewLaunch) -> None:
    launched = launch()
    launched.wait_ready()
    _, _, page = launched.get("lab")
    config = json.loads(page.partition('type="application/json">')[2].partition("</script>")[0])
    assert config["news"] == {"disabled": True}
    assert launched.json("lab/api/update") == {"notification": None}
    assert "Extension Manager is 'readonly'" in launched.output


def test_work_survives_a_new_container(launch: NewLaunch, git_server: GitServer) -> None:
    launched = launch(workspace=course(git_server), command=["true"])
    assert launched.wait() == 0
    (launched.workspace / "README.md").write_text("mine")
    git_server.requests.clear()

    assert launch(workspace=course(git_server), command=["true"]).wait() == 0
    assert (launched.workspace / "README.md").read_text() == "mine"
    assert git_server.requests == []


# -- when something fails -------------------------------------------------------------------------


def test_a_service_that_is_down_means_a_server_with_a_notice(
    launch: NewLaunch, hub: PretendHub
) -> None:
    launched = launch({"RUNTILES_LAUNCH_URL": "http://127.0.0.1:1/x"})
    launched.wait_ready()
    assert codes(launched) == ["service_unreachable"]
    assert names(launched.workspace) == [NOTICE_FILE]


def test_a_service_that_refuses_is_not_asked_again(launch: NewLaunch, hub: PretendHub) -> None:
    hub.failures = [403, 403]
    launched = launch()
    launched.wait_ready()
    assert codes(launched) == ["spec_refused"]
    assert len(hub.asked("GET /services/")) == 1


def test_a_required_workspace_ends_the_launch(launch: NewLaunch, git_server: GitServer) -> None:
    launched = launch(workspace=course(git_server, ref="nowhere", required=True))
    assert launched.wait() == 1
    (failed,) = launched.of_kind("failed")
    assert failed.details["code"] == "ref_missing"


def test_a_missing_example_is_a_notice(launch: NewLaunch) -> None:
    launched = launch(example="no/such.ipynb", command=["true"])
    assert launched.wait() == 0
    assert codes(launched) == ["example_missing"]


def test_the_git_password_is_nowhere(launch: NewLaunch, new_git_server: NewGitServer) -> None:
    server = new_git_server(credentials=("ann", "c4nary-pass"))
    server.create("course").commit({"a": b"1"})
    server.flowing.clear()
    launched = launch(workspace=course(server, username="ann", password="c4nary-pass"))
    assert server.stopped.wait(30)

    processes = [launched.process.pid, *launched.children()]
    assert len(processes) > 1
    for pid in processes:
        assert b"c4nary-pass" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"c4nary-pass" not in Path(f"/proc/{launched.process.pid}/environ").read_bytes()
    server.flowing.set()
    launched.wait_ready()
    assert "c4nary-pass" not in launched.output
    assert "c4nary-pass" not in json.dumps(launched.json("runtiles/api/runtime"))
    left = [
        f
        for f in launched.storage.parent.rglob("*")
        if f.is_file() and server.root not in f.parents
    ]
    assert not [f for f in left if b"c4nary-pass" in f.read_bytes()]


# -- the end --------------------------------------------------------------------------------------


def test_sigterm_while_cloning(launch: NewLaunch, git_server: GitServer) -> None:
    git_server.flowing.clear()
    launched = launch(workspace=course(git_server))
    assert git_server.stopped.wait(30)
    children = launched.children()

    code, seconds = launched.terminate()

    assert code == 143
    assert seconds < IN_TIME_S
    assert all(ends(pid) for pid in children)
    assert names(launched.workspace.parent) == ["default"]
    assert names(launched.workspace) == []


def test_a_kill_while_cloning_leaves_nothing_wrong(
    launch: NewLaunch, git_server: GitServer
) -> None:
    git_server.flowing.clear()
    killed = launch(workspace=course(git_server))
    assert git_server.stopped.wait(30)
    killed.kill()
    assert names(killed.workspace) == []
    git_server.flowing.set()

    assert launch(workspace=course(git_server), command=["true"]).wait() == 0
    assert names(killed.workspace) == [".git", "README.md", "lessons"]
    assert names(killed.workspace.parent) == ["default"]


def test_sigterm_while_the_hook_runs(launch: NewLaunch) -> None:
    launched = launch(startup_hook="trap '' TERM\nsleep 300 & sleep 300")
    launched._wait(lambda: len(launched.children()) >= 3, "sleeping hook")
    children = launched.children()

    code, seconds = launched.terminate()

    assert code == 143
    assert seconds < IN_TIME_S
    assert all(ends(pid) for pid in children)


def test_sigterm_ends_server_and_kernels(launch: NewLaunch) -> None:
    launched = launch()
    launched.wait_ready()
    assert launched.json("api/kernels", {})["name"] == "python3"
    kernels = launched.children()
    assert kernels

    code, seconds = launched.terminate()

    assert code == 0
    assert seconds < IN_TIME_S
    assert all(ends(pid) for pid in kernels)


# -- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "opens"),
    [
        (GRADIENT_DEFAULT, "/user/ann/tree"),
        (f"jupyter notebook {GRADIENT_NOTEBOOK_FLAGS}", "/user/ann/tree"),
        (f"jupyter lab {GRADIENT_LAB_FLAGS}", "/user/ann/lab"),
    ],
)
def test_the_commands_of_the_gradient_document(launch: NewLaunch, command: str, opens: str) -> None:
    launched = launch(command=shlex.split(command))
    launched.wait_ready()
    assert launched.get("api/contents", token=None)[0] == 403
    assert launched.json("api/contents")["type"] == "directory"
    assert launched.get("")[1]["Location"].partition("?")[0] == opens
    (notice,) = launched.of_kind("notice")
    assert notice.details["dropped"] == [f"--{shlex.split(command)[-1][2:].partition('=')[0]}"]


def test_a_command_cannot_open_the_server_or_move_it(launch: NewLaunch) -> None:
    launched = launch(
        command=[
            "jupyter", "lab", "--ip=127.0.0.2", "--port=1", "--ServerApp.base_url=/x/",
            "--IdentityProvider.token=", "--ServerApp.token=", "--ServerApp.password=",
            "--ServerApp.allow_unauthenticated_access=True", "--ServerApp.max_body_size=1234",
            "--ServerApp.max_buffer_size=many", "--ServerApp.root_dir=/no/such/place",
        ]
    )  # fmt: skip
    launched.wait_ready()
    assert launched.get("api/contents", token=None)[0] == 403
    assert launched.json("api/contents")["type"] == "directory"
    (notice,) = launched.of_kind("notice")
    assert len(notice.details["dropped"]) == 9


def test_a_config_file_of_the_image_cannot_either(launch: NewLaunch, tmp_path: Path) -> None:
    server = {
        "ip": "127.0.0.9", "port": 1, "base_url": "/x", "token": "", "password": "",
        "identity_provider_class": "jupyter_server.auth.identity.IdentityProvider",
    }  # fmt: skip
    config = {"ServerApp": server, "IdentityProvider": {"token": ""}}
    place = tmp_path / "home" / ".jupyter" / "jupyter_server_config.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(config))
    launched = launch()
    launched.wait_ready()
    assert launched.get("api/contents", token=None)[0] == 403
    assert launched.json("api/contents")["type"] == "directory"


def test_jupyter_inside_a_shell_command_is_the_hubs_server(launch: NewLaunch) -> None:
    launched = launch(
        command=[
            "bash",
            "-c",
            "echo before && jupyter --version && jupyter lab --ip=0.0.0.0 --port=1",
        ]
    )
    launched.wait_ready()
    assert "before" in launched.lines
    # What is no server is the real program.
    assert any(line.startswith("jupyter_server") for line in launched.lines)
    assert launched.get("api/contents", token=None)[0] == 403
    assert launched.json("api/contents")["type"] == "directory"
    runtime = launched.json("runtiles/api/runtime")
    assert [notice["code"] for notice in runtime["notices"]] == ["options_dropped"]
    # In its terminals and kernels `jupyter` is the real one again.
    (server,) = [pid for pid in descendants(launched.process.pid) if "shim" in _argv(pid)]
    assert launched.terminate()[0] == 143
    assert ends(server)


def _argv(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


@pytest.mark.parametrize(
    ("command", "code", "last"),
    [
        (["sh", "-c", "echo out; exit 3"], 3, "The command ended with exit code 3."),
        (["sh", "-c", "kill -9 $$"], 137, "The command ended with exit code 137 (SIGKILL)."),
        (["no-such-program"], 127, "The command cannot be run: no-such-program"),
    ],
)
def test_a_command_that_ends(launch: NewLaunch, command: list[str], code: int, last: str) -> None:
    launched = launch(command=command)
    assert launched.wait() == code
    assert launched.events[-1].message.startswith(last)


def test_sigterm_reaches_a_command(launch: NewLaunch) -> None:
    launched = launch(
        command=["bash", "-c", "trap 'echo bye; exit 5' TERM; echo up; sleep 99 & wait"]
    )
    launched.wait_for("up")
    children = launched.children()
    code, seconds = launched.terminate()
    assert code == 143
    assert seconds < IN_TIME_S
    assert "bye" in launched.lines
    assert all(ends(pid) for pid in children)


def test_what_lies_in_the_current_folder_is_not_imported(launch: NewLaunch, tmp_path: Path) -> None:
    """`-m` puts the current folder, an image's WORKDIR, on sys.path."""
    for module in ("requests", "jinja2", "jupyter_server"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('imported from the workspace')\n")
    launched = launch()
    launched.wait_ready()
    assert launched.json("api/contents")["type"] == "directory"


def test_a_home_that_cannot_be_written(launch: NewLaunch) -> None:
    launched = launch({"HOME": "/proc/nowhere"})
    launched.wait_ready()
    assert launched.json("api/contents")["type"] == "directory"
