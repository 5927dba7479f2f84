from pathlib import Path

import pytest

from runtiles_server import placing
from runtiles_server.placing import NOTICE_FILE, clear, holds_work, is_mount_point, mounts, place
from runtiles_server.report import Problem
from tests.runtiles_server.told import names


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    workspace = tmp_path / "workspaces" / "default"
    workspace.mkdir(parents=True)
    return workspace


def staged(workspace: Path, *names: str) -> Path:
    folder = placing.staging(workspace)
    folder.mkdir()
    for name in names:
        (folder / name).write_text("cloned")
    return folder


def test_what_counts_as_work(workspace: Path) -> None:
    assert not holds_work(workspace)
    assert not holds_work(workspace / "missing")
    for name in (NOTICE_FILE, ".ipynb_checkpoints", "lost+found"):
        (workspace / name).mkdir()
    assert not holds_work(workspace)
    (workspace / ".hidden").touch()
    assert holds_work(workspace)


def test_what_cannot_be_read_is_somebodys(workspace: Path) -> None:
    file = workspace / "file"
    file.touch()
    assert holds_work(file)


def test_beside_and_in_one_step(workspace: Path) -> None:
    folder = staged(workspace, "a")
    assert folder.parent == workspace.parent
    placing.write_notice(workspace, Problem("x", "It failed.", "Do this."))

    place(folder, workspace)

    assert names(workspace) == ["a"]
    assert names(workspace.parent) == ["default"]


def test_what_is_there_stays(workspace: Path) -> None:
    (workspace / "a").write_text("mine")
    (workspace / ".ipynb_checkpoints").mkdir()

    place(staged(workspace, "a", "b"), workspace)

    assert (workspace / "a").read_text() == "mine"
    assert (workspace / "b").read_text() == "cloned"
    assert names(workspace) == [".ipynb_checkpoints", "a", "b"]


def test_a_kill_while_cloning_leaves_nothing(workspace: Path) -> None:
    staged(workspace, "half")
    (workspace / ".runtiles-cloning").mkdir()
    (workspace / ".runtiles-cloning" / "half").touch()
    assert not holds_work(workspace)

    clear(workspace)

    assert names(workspace) == []
    assert names(workspace.parent) == ["default"]


def test_a_kill_while_moving_in_is_made_good(workspace: Path) -> None:
    finished = workspace / ".runtiles-cloned"
    finished.mkdir()
    (finished / "second").write_text("cloned")
    (workspace / "first").write_text("cloned")

    clear(workspace)

    assert names(workspace) == ["first", "second"]


def test_clones_of_two_runtimes_do_not_meet(workspace: Path) -> None:
    other = workspace.with_name("other")
    assert placing.staging(workspace) != placing.staging(other)
    staged(other, "half")
    clear(workspace)
    assert placing.staging(other).exists()


def test_mount_points() -> None:
    table = "1 2 0:1 /sub /a\\040b rw - ext4 /dev/x rw\n3 1 0:2 / /proc rw - proc proc rw\n"
    assert mounts(table) == ["/a b", "/proc"]
    assert is_mount_point(Path("/proc"))
    assert not is_mount_point(Path("/proc/self/task"))


def test_the_notice_says_what_and_what_next(workspace: Path) -> None:
    placing.write_notice(workspace, Problem("x", "It failed.", "Do this."))
    text = (workspace / NOTICE_FILE).read_text()
    assert "It failed." in text
    assert "Do this." in text


def test_a_link_in_a_repository_does_not_empty_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.ipynb").write_text("{}")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / ".runtiles-cloned").symlink_to(other)
    placing.clear(workspace)
    assert (other / "thesis.ipynb").exists()
    assert not (workspace / "thesis.ipynb").exists()
