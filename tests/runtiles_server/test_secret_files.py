"""Secrets as files: in memory, private, and gone with the runtime."""

import json
import stat
from pathlib import Path

import pytest

from runtiles.contract import secret_folders
from runtiles_server.secret_files import NotWritten, SecretFiles, filesystem_of
from tests.runtiles_server.conftest import NewLaunch

CANARY = "canary-5e6f\nsecond line"
MOUNTS = r"""
22 1 0:20 / / rw,relatime - overlay overlay rw
30 22 0:25 / /dev rw - tmpfs tmpfs rw
31 30 0:26 / /dev/shm rw shared:3 - tmpfs shm rw,size=65536k
40 22 0:27 / /run/my\040folder rw - tmpfs tmpfs rw
41 22 0:28 / /data rw - ext4 /dev/sda1 rw
42 22 0:29 / /data rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dev/shm", "tmpfs"),
        ("/dev/shm/a/b", "tmpfs"),
        ("/dev/shmx", "tmpfs"),
        ("/home/ann", "overlay"),
        ("/run/my folder/x", "tmpfs"),
        ("/run/my", "overlay"),
        ("/data", "tmpfs"),
    ],
)
def test_the_file_system_of_a_path(path: str, expected: str) -> None:
    assert filesystem_of(path, MOUNTS) == expected
    assert filesystem_of(path, "") == ""


def test_files_are_private_and_go_when_told() -> None:
    files = SecretFiles("test-1")
    found = files.write({"A": CANARY, "B": ""}, {})
    assert found.keys() == {"A_FILE", "B_FILE"}
    path = Path(found["A_FILE"])
    assert path.read_text() == CANARY
    assert Path(found["B_FILE"]).read_text() == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert filesystem_of(str(path), Path("/proc/self/mountinfo").read_text()) == "tmpfs"
    files.remove()
    assert not path.parent.exists()
    files.remove()


def test_without_secrets_there_is_no_folder() -> None:
    files = SecretFiles("test-2")
    assert files.write({}, {}) == {}
    assert left_of("test-2") == []
    files.remove()


@pytest.mark.parametrize("name", ["../A", "A/B", "", "A\n", "1A"])
def test_a_name_that_is_no_variable_writes_nothing(name: str) -> None:
    with pytest.raises(NotWritten) as caught:
        SecretFiles("test-3").write({"GOOD": CANARY, name: CANARY}, {})
    assert "canary" not in str(caught.value)
    assert left_of("test-3") == []


def test_what_is_not_in_memory_is_no_place_for_them() -> None:
    files = SecretFiles("test-4", places=["/proc", "/sys"])
    with pytest.raises(NotWritten, match="A, B are not there: there is no folder in memory"):
        files.write({"B": CANARY, "A": CANARY}, {})


def test_the_first_place_in_memory_is_taken(tmp_path: Path) -> None:
    files = SecretFiles("test-5", places=["/proc", "/dev/shm", str(tmp_path)])
    assert files.write({"A": CANARY}, {})["A_FILE"].startswith("/dev/shm/runtiles-test5-")
    files.remove()


def left_of(launch_id: str) -> list[Path]:
    return list(Path("/dev/shm").glob(f"{secret_folders.prefix(launch_id)}*"))


# -- the whole launcher ---------------------------------------------------------------------------

_SHOW = """
import json, os
found = {k: v for k, v in os.environ.items() if k.startswith("HF_TOKEN")}
text = open(found["HF_TOKEN_FILE"]).read()
print("SEEN", json.dumps([found, text == "canary-5e6f\\nsecond line"]))
"""


def test_what_runs_is_told_which_of_its_variables_are_secrets(launch: NewLaunch) -> None:
    """By name: so that no snapshot carries them."""
    launched = launch(
        environment={"DB": CANARY, "MODE": "fast"},
        secret_names=["DB"],
        command=["python", "-c", "import os; print('NAMES', os.environ['RUNTILES_SECRET_NAMES'])"],
    )
    assert launched.wait() == 0
    assert "NAMES DB" in launched.lines


def test_a_program_finds_the_file_and_no_variable(launch: NewLaunch) -> None:
    launched = launch(
        {"RUNTILES_LAUNCH_ID": "show1"},
        secret_files={"HF_TOKEN": CANARY, "RUNTILES_X": "no"},
        startup_hook='test "$(cat $HF_TOKEN_FILE)" = "canary-5e6f\nsecond line" && echo hook saw it',
        command=["python", "-c", _SHOW],
    )
    assert launched.wait() == 0
    assert "hook saw it" in launched.output
    line = next(line for line in launched.lines if line.startswith("SEEN "))
    found, same = json.loads(line[5:])
    assert same is True
    assert found.keys() == {"HF_TOKEN_FILE"}
    assert not Path(found["HF_TOKEN_FILE"]).exists()
    assert left_of("show1") == []


def test_a_stopped_server_leaves_no_file(launch: NewLaunch) -> None:
    launched = launch({"RUNTILES_LAUNCH_ID": "stop1"}, secret_files={"HF_TOKEN": CANARY})
    launched.wait_ready()
    (folder,) = left_of("stop1")
    assert [path.name for path in folder.iterdir()] == ["HF_TOKEN"]
    launched.terminate()
    assert left_of("stop1") == []
