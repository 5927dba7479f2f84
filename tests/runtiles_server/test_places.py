import os
import stat
import tempfile
from pathlib import Path

import pytest

from runtiles_server import places
from runtiles_server.places import (
    CONFIG_DIR,
    active_environment,
    extend,
    home_environment,
    image_prefixes,
    jupyter_environment,
    prepend,
    private_folder,
    python_path,
    without,
    workspace_folder,
)


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_home_that_works_is_kept(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "USER": "ann", "LOGNAME": "ann"}
    assert home_environment(environ) == {}


@pytest.mark.parametrize("home", ["/proc/nothing", "", "/etc/passwd"])
def test_a_home_of_no_use_is_replaced(
    tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_account", lambda: None)
    changes = home_environment({"HOME": home} if home else {})
    folder = Path(changes["HOME"])
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    # getpass.getuser needs one of these when the uid has no name.
    assert changes["USER"] == changes["LOGNAME"] == "runtime"


def test_a_private_folder_is_the_same_one_again() -> None:
    assert private_folder("x") == private_folder("x")


def test_a_private_folder_is_never_somebody_elses(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / f"runtiles-{os.getuid()}-x").symlink_to(theirs)
    assert private_folder("x").resolve() != theirs


def test_labs_settings_live_on_the_storage(tmp_path: Path) -> None:
    changes = jupyter_environment({}, tmp_path / "storage", "gpu")
    assert changes["JUPYTERLAB_SETTINGS_DIR"].startswith(str(tmp_path / "storage" / ".runtiles"))
    assert changes["JUPYTERLAB_WORKSPACES_DIR"].endswith("/workspaces/gpu")
    assert str(CONFIG_DIR) in changes["JUPYTER_CONFIG_PATH"].split(":")
    # SQLite files stay off the storage.
    assert not {"IPYTHONDIR", "JUPYTER_DATA_DIR"} & set(changes)


def test_what_the_image_says_is_kept(tmp_path: Path) -> None:
    environ = {
        "JUPYTERLAB_SETTINGS_DIR": "/mine",
        "JUPYTER_PATH": "/a:/b",
        "JUPYTER_CONFIG_PATH": "/c",
    }
    changes = jupyter_environment(environ, tmp_path, "gpu")
    assert "JUPYTERLAB_SETTINGS_DIR" not in changes
    assert changes["JUPYTER_PATH"].startswith("/a:/b")
    assert changes["JUPYTER_CONFIG_PATH"].startswith("/c:")


def test_a_storage_that_cannot_be_written() -> None:
    assert "JUPYTERLAB_SETTINGS_DIR" not in jupyter_environment({}, Path("/proc/nothing"), "gpu")
    assert "JUPYTERLAB_SETTINGS_DIR" not in jupyter_environment({}, None, "gpu")


def test_the_images_own_kernels_are_found_after_ours() -> None:
    path = [
        "/usr/lib/python311.zip",
        "/usr/lib/python3.11",
        "/opt/runtiles/lib/python3.11/site-packages",
        "/opt/conda/lib/python3.11/site-packages",
        "/usr/lib/python3/dist-packages",
        "/opt/runtiles/src",
    ]
    found = image_prefixes("/opt/runtiles", path, {"CONDA_PREFIX": "/opt/conda/envs/r"})
    assert found == ["/opt/runtiles", "/opt/conda", "/usr", "/opt/conda/envs/r"]


def test_kernels_of_an_activated_environment_are_found(tmp_path: Path) -> None:
    (tmp_path / "share" / "jupyter").mkdir(parents=True)
    environ = {"JUPYTER_PATH": "/a", "VIRTUAL_ENV": str(tmp_path), "CONDA_PREFIX": "/no/such"}
    assert active_environment(environ)["JUPYTER_PATH"] == f"/a:{tmp_path}/share/jupyter"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    # Files of somebody are served, though.
    folder, problem = workspace_folder(Path("/proc/self"), tmp_path)
    assert folder == Path("/proc/self")
    assert problem is not None
    assert problem.code == "not_writable"
    folder, problem = workspace_folder(Path("/proc/nothing"), tmp_path)
    assert (folder, problem is not None) == (tmp_path / "workspace", True)
    assert workspace_folder(tmp_path / "new", tmp_path) == (tmp_path / "new", None)


def test_path() -> None:
    assert python_path({"PATH": "/bin"}, "/usr", "/usr") == {}
    assert python_path({"PATH": "/bin"}, "/venv", "/usr") == {"PATH": "/venv/bin:/bin"}
    assert python_path({}, "/venv", "/usr")["PATH"].startswith("/venv/bin:")
    assert prepend("/a:/b", "/b") == "/b:/a"
    assert without("/a:/b", "/a") == "/b"
    assert extend("/a", ["/a", "/proc", "/no/such/folder"]) == "/a:/proc"
