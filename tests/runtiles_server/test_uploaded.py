"""Uploaded files over a connection that may break, be slow, or bring something else."""

import base64
import contextlib
import hashlib
import http.server
import io
import os
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from runtiles_server import uploaded
from runtiles_server.hub_client import open_upload
from runtiles_server.report import Reporter
from runtiles_server.uploaded import NotUnpacked, bring
from tests.runtiles_server.told import events


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@dataclass
class Service:
    """Answers with `data`; each entry of `trouble` spoils one answer: a status, or "torn"."""

    data: bytes
    trouble: list[object] = field(default_factory=list)
    digest: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""


class _Handler(http.server.BaseHTTPRequestHandler):
    service: Service

    def do_GET(self) -> None:
        self.service.asked.append(f"{self.path} {self.headers['Authorization']}")
        spoiled = self.service.trouble.pop(0) if self.service.trouble else None
        if isinstance(spoiled, int):
            self.send_error(spoiled)
            return
        data = self.service.data
        digest = self.service.digest or base64.b64encode(hashlib.sha256(data).digest()).decode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Digest", f"sha-256=:{digest}:")
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if spoiled == "torn" else data)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@contextlib.contextmanager
def serving(service: Service) -> Iterator[Service]:
    handler = type("Handler", (_Handler,), {"service": service})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}/api/launch-spec/lab?launch=7"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaded, "_WAIT_S", 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    workspace = tmp_path / "storage" / "lab"
    workspace.mkdir(parents=True)
    return workspace


def brought(service: Service, folder: Path, out: io.StringIO | None = None) -> int:
    fetch = partial(open_upload, service.url, "sesame", os.environ)
    return bring(fetch, folder, Reporter(out or io.StringIO()), 60.0)


def nothing_left(folder: Path) -> bool:
    return [path.name for path in folder.parent.iterdir()] == [folder.name] and not any(
        folder.iterdir()
    )


def test_the_files_are_there_and_the_progress_is_told(folder: Path) -> None:
    out = io.StringIO()
    with serving(Service(archive(a=b"text", b=os.urandom(500_000)))) as service:
        assert brought(service, folder, out) == 2
    assert (folder / "a").read_bytes() == b"text"
    assert service.asked == ["/api/launch-spec/lab/context?launch=7 token sesame"]
    told = events(out.getvalue().splitlines())
    assert {event.message for event in told} == {"Unpacking your files"}
    assert all(event.percent is not None and event.done for event in told)


@pytest.mark.parametrize("trouble", [["torn"], [503], ["torn", 502]])
def test_what_a_restart_can_cure_is_tried_again(folder: Path, trouble: list[object]) -> None:
    with serving(Service(archive(a=os.urandom(100_000)), trouble)) as service:
        assert brought(service, folder) == 1
    assert (folder / "a").stat().st_size == 100_000


@pytest.mark.parametrize(
    ("trouble", "code", "asked"),
    [
        (["torn"] * 3, "workspace_failed", 3),
        ([503] * 3, "workspace_failed", 3),
        ([404], "workspace_missing", 1),
        ([403], "workspace_failed", 1),
    ],
)
def test_what_lasts_leaves_nothing_behind(
    folder: Path, trouble: list[object], code: str, asked: int
) -> None:
    with serving(Service(archive(a=os.urandom(100_000)), trouble)) as service:
        with pytest.raises(NotUnpacked) as caught:
            brought(service, folder)
        assert len(service.asked) == asked
    assert caught.value.problem.code == code
    assert nothing_left(folder)


def test_other_bytes_than_were_uploaded_are_not_taken(folder: Path) -> None:
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with serving(Service(archive(a=b"text"), digest=other)) as service:
        with pytest.raises(NotUnpacked):
            brought(service, folder)
        assert len(service.asked) == 3
    assert nothing_left(folder)


def test_a_bad_archive_is_not_asked_for_again(folder: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../evil"))
    with serving(Service(out.getvalue())) as service:
        with pytest.raises(NotUnpacked, match="evil"):
            brought(service, folder)
        assert len(service.asked) == 1
    assert nothing_left(folder)


def test_it_takes_no_longer_than_it_may(folder: Path) -> None:
    with serving(Service(archive(a=b"text"))) as service:
        fetch = partial(open_upload, service.url, "sesame", os.environ)
        with pytest.raises(NotUnpacked, match="longer"):
            bring(fetch, folder, Reporter(io.StringIO()), -1.0)
    assert nothing_left(folder)


def test_nobody_to_ask(folder: Path) -> None:
    with pytest.raises(NotUnpacked, match="nobody to ask"):
        bring(None, folder, Reporter(io.StringIO()), 60.0)
