"""The disk of the service is full: it says so, keeps nothing by halves, and goes on when there is room."""

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service
from tests.runtiles.service.test_contexts import archive, upload

_SIZE = 3 * 1024 * 1024
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small file system of its own, for the store and the uploads."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only an administrator can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def service(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    folder = tmp_path_factory.mktemp("full")
    (disk / "contexts").mkdir()
    (folder / "contexts").symlink_to(disk / "contexts")
    with running_service(folder, f"sqlite:///{disk}/store.sqlite") as running:
        yield running


@pytest.fixture
def ann(service: ServiceHub) -> Iterator[Person]:
    with person(service, f"ann-{next(_numbers)}") as found:
        yield found


@contextmanager
def full(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


def refused(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 503, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == "unavailable"
    assert "full" in error["details"]["hint"]
    return error


def test_a_secret_stays_as_it_was(ann: Person, disk: Path, service: ServiceHub) -> None:
    assert ann.api.put("/secrets/S", json={"value": "old"}).status_code == 204
    with full(disk):
        error = refused(ann.api.put("/secrets/S", json={"value": "new" * 1000}))
        assert "newnew" not in str(error)
        assert [one["name"] for one in ann.api.get("/secrets").json()] == ["S"]
    assert service.store.secrets.get(ann.name, "S") == "old"
    assert ann.api.put("/secrets/S", json={"value": "new"}).status_code == 204


def test_a_launch_with_a_typed_password_never_begins(
    ann: Person, disk: Path, service: ServiceHub
) -> None:
    workspace = {"url": "https://example.org/x.git", "username": "ann", "password": "typed"}
    body = {"tile": "quick", "name": "x", "workspace": workspace}
    with full(disk):
        refused(ann.api.post("/runtimes", json=body))
        assert ann.api.get("/runtimes").json() == []
    assert service.store.secrets.list(ann.name) == []
    assert service.hub.api("GET", f"/users/{ann.name}").json()["servers"] == {}
    assert ann.api.post("/runtimes", json=body).status_code == 201
    ann.wait_for("x", "running")


def test_a_launch_that_cannot_be_recorded_is_told_and_can_be_tried_again(
    ann: Person, disk: Path
) -> None:
    with full(disk):
        answer = ann.api.post("/runtimes", json={"tile": "quick", "name": "x"})
        assert answer.status_code in (502, 503)
        assert answer.json()["error"]["message"]
        assert {runtime["state"] for runtime in ann.api.get("/runtimes").json()} <= {"stopped"}
    if ann.api.get("/runtimes").json():
        # The Hub has its name already.
        assert ann.api.post("/runtimes/x/start", json={"tile": "quick"}).status_code == 200
    else:
        ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")


def test_an_upload_leaves_nothing_behind(ann: Person, disk: Path, service: ServiceHub) -> None:
    large = archive(os.urandom(1024 * 1024))
    kept = archive(b"kept")
    assert upload(ann, kept).status_code == 201
    before = list((disk / "contexts").iterdir())
    with full(disk):
        assert "stored" in refused(upload(ann, large))["message"]
        assert list((disk / "contexts").iterdir()) == before
        # A file may be small enough for what is left where its record is not.
        refused(upload(ann, archive(b"")))
        refused(upload(ann, kept))
        assert list((disk / "contexts").iterdir()) == before
    assert len(ann.api.get("/contexts").json()) == 1
    assert upload(ann, large).status_code == 201
    assert upload(ann, kept).status_code == 201
    assert len(ann.api.get("/contexts").json()) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda ann: ann.api.patch("/runtimes/x", json={"title": "New"}),
        lambda ann: ann.api.delete("/secrets/S"),
    ],
)
def test_a_change_is_refused_and_the_list_still_shown(
    ann: Person, disk: Path, change: Callable[[Person], httpx.Response]
) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    assert ann.api.put("/secrets/S", json={"value": "v"}).status_code == 204
    with full(disk):
        refused(change(ann))
        (runtime,) = ann.api.get("/runtimes").json()
        assert (runtime["title"], runtime["state"]) == ("Quick start", "running")
    assert change(ann).status_code in (200, 204)


def test_a_drain_is_not_begun_by_halves(ann: Person, disk: Path, service: ServiceHub) -> None:
    with person(service, "admin") as admin:
        with full(disk):
            refused(admin.api.post("/admin/drain", json={"action": "stop"}))
            refused(admin.api.put("/admin/tiles/quick", json={"description": "New"}))
        assert admin.api.get("/admin/drain").json()["state"] == "open"
        assert admin.api.get("/admin/tiles/quick").json()["description"] == "Starts at once."
    ann.launch(tile="quick", name="x")


def test_a_delete_on_a_full_disk_is_finished_by_the_next(ann: Person, disk: Path) -> None:
    ann.launch(tile="gated", name="x")
    with full(disk):
        ann.api.delete("/runtimes/x")
    assert ann.api.delete("/runtimes/x").status_code in (204, 404)
    assert ann.api.get("/runtimes").json() == []
    assert ann.service.store.launches.of_runtime(ann.name, "x") == []
