from pathlib import Path

import pytest

from runtiles_server.flags import FlagPlan
from runtiles_server.runtime_state import RuntimeState
from runtiles_server.server_arguments import (
    LAB,
    NOTEBOOK,
    FrontEnd,
    below,
    left_out,
    nbclassic,
    server_arguments,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "a #1.ipynb").touch()
    return tmp_path


def url(
    root: Path,
    front_end: FrontEnd = LAB,
    opens: str = "",
    flags: FlagPlan | None = None,
    environ: dict[str, str] | None = None,
) -> str | None:
    state = RuntimeState(root=str(root), opens=opens)
    arguments = server_arguments(front_end, state, flags or FlagPlan(), environ or {})
    return FlagPlan(tuple(arguments)).value("ServerApp.default_url")


def test_the_root_is_the_workspace(root: Path) -> None:
    arguments = server_arguments(LAB, RuntimeState(root=str(root)), FlagPlan(), {})
    assert f"--ServerApp.root_dir={root}" in arguments
    assert "--ServerApp.allow_root=True" in arguments


def test_where_the_server_opens(root: Path) -> None:
    example = str(root / "lessons" / "a #1.ipynb")
    assert url(root) == "/lab"
    assert url(root, NOTEBOOK) == "/tree"
    assert url(root, nbclassic("/nbclassic")) == "/nbclassic/tree"
    assert url(root, opens=example) == "/lab/tree/lessons/a%20%231.ipynb"
    assert url(root, NOTEBOOK, opens=example) == "/notebooks/lessons/a%20%231.ipynb"
    assert url(root.parent, opens=example) == f"/lab/tree/{root.name}/lessons/a%20%231.ipynb"
    assert url(root / "lessons", opens=str(root)) == "/lab"


def test_the_hubs_default_gives_way_to_what_was_asked_for(root: Path) -> None:
    hubs = {"JUPYTERHUB_DEFAULT_URL": "/doc"}
    assert url(root, environ=hubs) is None
    assert url(root, NOTEBOOK, environ=hubs) == "/tree"
    assert url(root, opens=str(root / "lessons"), environ=hubs) == "/lab/tree/lessons"


def test_the_command_comes_last_and_wins(root: Path) -> None:
    flags = FlagPlan(arguments=("--ServerApp.default_url=/mine", "--ServerApp.root_dir=/data"))
    assert url(root, opens=str(root / "lessons"), flags=flags) == "/mine"
    assert url(root, flags=FlagPlan(paths=("lessons/a #1.ipynb",))) == (
        "/lab/tree/lessons/a%20%231.ipynb"
    )
    assert url(root, flags=FlagPlan(paths=("missing.ipynb",))) == "/lab"


def test_below(root: Path) -> None:
    (root / "out").symlink_to("/etc")
    assert below(root / "lessons", root) == ("lessons",)
    assert below(root, root) == ()
    assert below(root / "out", root) is None
    assert below(root / "missing", root) is None


def test_the_notice_names_each_option() -> None:
    message = left_out(("--ip", "--NotebookApp.allow_origin")).message
    assert "--ip" in message
    assert "--NotebookApp.allow_origin" in message
