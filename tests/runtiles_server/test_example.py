import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from runtiles_server import example
from runtiles_server.example import ExampleMissing, download, file_name, find


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    root = tmp_path / "site"
    root.mkdir()
    (root / "Intro to X.ipynb").write_text("{}")
    (root / "large.ipynb").write_bytes(b"x" * 5000)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    (workspace / "lessons").mkdir(parents=True)
    (workspace / "lessons" / "one.ipynb").touch()
    return workspace


@pytest.mark.parametrize("path", ["lessons/one.ipynb", "/lessons/one.ipynb", "lessons"])
def test_a_path_in_the_workspace(workspace: Path, path: str) -> None:
    assert find(path, workspace).exists()


@pytest.mark.parametrize("path", ["../secret", "lessons/../../x", "missing.ipynb", "/", ""])
def test_not_in_the_workspace(workspace: Path, path: str) -> None:
    with pytest.raises(ExampleMissing):
        find(path, workspace)


def test_a_download_happens_once(site: str, workspace: Path) -> None:
    url = f"{site}/Intro%20to%20X.ipynb?raw=1"
    path = download(url, workspace, ("https", "http"))
    assert path == workspace / "Intro to X.ipynb"
    path.write_text("mine")

    assert download(url, workspace, ("https", "http")).read_text() == "mine"
    assert sorted(p.name for p in workspace.iterdir()) == ["Intro to X.ipynb", "lessons"]


def test_http_only_where_the_site_allows_it(site: str, workspace: Path) -> None:
    with pytest.raises(ExampleMissing, match="only come by https"):
        download(f"{site}/large.ipynb", workspace, ("https",))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://h/x", "https://no-such-host.invalid/x"]
)
def test_what_cannot_be_fetched(workspace: Path, url: str) -> None:
    with pytest.raises(ExampleMissing):
        download(url, workspace, ("https", "http"))
    assert [p.name for p in workspace.iterdir()] == ["lessons"]


def test_a_size_limit(site: str, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "_MAX_BYTES", 1000)
    with pytest.raises(ExampleMissing, match="larger"):
        download(f"{site}/large.ipynb", workspace, ("http",))
    assert [p.name for p in workspace.iterdir()] == ["lessons"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h/a/b.ipynb", "b.ipynb"),
        ("https://h/", "example.ipynb"),
        ("https://h/..%2F..%2Fetc%2Fpasswd", "_.._etc_passwd"),
        ("https://h/.bashrc", "bashrc"),
        ("https://h/a%00b.ipynb", "a_b.ipynb"),
    ],
)
def test_file_names(url: str, name: str) -> None:
    assert file_name(url) == name
