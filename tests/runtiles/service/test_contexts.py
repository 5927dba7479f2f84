"""Uploaded folders: straight to the disk, whole or not at all, and nobody else's business."""

import gzip
import hashlib
import http.client
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles.policy import SitePolicy
from runtiles.service.access import Caller
from runtiles.service.contexts.archives import Archives
from runtiles.service.contexts.manager import ContextManager
from runtiles.service.errors import TooLarge
from runtiles.store import Store
from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub


def archive(content: bytes = b"text", name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def upload(person: Person, data: bytes) -> httpx.Response:
    return person.api.post("/contexts", content=data, headers={"Content-Type": "application/gzip"})


def uploaded(person: Person, data: bytes) -> str:
    answer = upload(person, data)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def files(service: ServiceHub) -> set[str]:
    folder = service.folder / "contexts"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_an_upload_is_kept_for_its_owner_only(ann: Person, service: ServiceHub) -> None:
    data = archive(os.urandom(300_000))
    answer = upload(ann, data)
    assert answer.status_code == 201
    context = answer.json()
    assert context["size"] == len(data)
    assert context["sha256"] == hashlib.sha256(data).hexdigest()
    assert ann.api.get("/contexts").json() == [context]
    path = service.folder / "contexts" / f"{context['id']}.tar.gz"
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_more_than_the_body_of_any_other_request(ann: Person, service: ServiceHub) -> None:
    size = 150 * 1024 * 1024
    answer = upload(ann, archive(bytes(1000)) + bytes(size))
    assert answer.status_code == 201
    assert answer.json()["size"] > size
    ann.api.delete(f"/contexts/{answer.json()['id']}")


def test_the_same_folder_again_is_the_same(ann: Person, bob: Person) -> None:
    data = archive(b"same")
    first = uploaded(ann, data)
    assert uploaded(ann, data) == first
    assert len(ann.api.get("/contexts").json()) == 1
    assert uploaded(bob, data) != first


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"PK\x03\x04",
        gzip.compress(b"not a tar", mtime=0),
        gzip.compress(bytes(range(256)) * 4, mtime=0),
    ],
    ids=["nothing", "json", "zip", "text", "bytes"],
)
def test_what_is_no_archive_leaves_nothing(ann: Person, service: ServiceHub, data: bytes) -> None:
    before = files(service)
    answer = upload(ann, data)
    assert answer.status_code == 400
    assert "body" in answer.json()["error"]["details"]["fields"]
    assert files(service) == before


def test_half_an_upload_leaves_nothing(ann: Person, service: ServiceHub) -> None:
    before = files(service)
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    connection.putrequest("POST", "/services/runtiles/api/contexts")
    connection.putheader("Authorization", f"token {ann.token}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()
    connection.send(archive(os.urandom(100_000)))
    wait_until(lambda: len(files(service)) > len(before), 60, "the upload to begin")
    connection.close()
    wait_until(lambda: files(service) == before, 60, "the half to go")
    assert ann.api.get("/contexts").json() == []


def test_a_few_uploads_at_a_time(ann: Person, bob: Person, service: ServiceHub) -> None:
    headers = {"Authorization": f"token {ann.token}", "Content-Length": "1000"}
    with ExitStack() as stack:
        for number in range(4):
            connection = http.client.HTTPConnection("127.0.0.1", service.port)
            stack.callback(connection.close)
            connection.putrequest("POST", "/services/runtiles/api/contexts")
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(archive()[:100])
            wait_until(partial(has_halves, service, number + 1), 60, "half an upload")
        refused = upload(ann, archive())
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "limit_reached")
        assert upload(bob, archive()).status_code == 201
    wait_until(partial(has_halves, service, 0), 60, "nothing to be left of them")
    assert upload(ann, archive()).status_code == 201


def has_halves(service: ServiceHub, count: int) -> bool:
    return sum(name.endswith(".part") for name in files(service)) == count


def test_nobody_reads_lists_or_deletes_somebody_elses(
    ann: Person, bob: Person, admin: Person, service: ServiceHub
) -> None:
    context = uploaded(ann, archive())
    assert bob.api.get("/contexts").json() == []
    assert bob.api.get(f"/contexts?user={ann.name}").status_code == 403
    assert bob.api.delete(f"/contexts/{context}").status_code == 404
    assert bob.api.delete(f"/contexts/{context}?user={ann.name}").status_code == 403
    assert bob.api.post(f"/contexts?user={ann.name}", content=archive()).status_code == 403
    assert admin.api.get(f"/contexts?user={ann.name}").json()[0]["id"] == context
    assert httpx.post(f"{service.hub.origin}/services/runtiles/api/contexts").status_code == 401
    with ann.limited("read:servers!user", "access:services!service=runtiles") as api:
        assert api.post("/contexts", content=archive()).status_code == 403
    assert ann.api.delete(f"/contexts/{context}").status_code == 204
    assert f"{context}.tar.gz" not in files(service)


def test_a_launch_takes_its_owners_context_only(ann: Person, bob: Person) -> None:
    context = uploaded(ann, archive(b"mine"))
    body = {"tile": "quick", "name": "lab", "workspace": {"url": f"context:{context}"}}
    assert ann.api.post("/runtimes/preview", json=body).status_code == 200
    answer = bob.api.post("/runtimes", json=body)
    assert answer.status_code == 400
    assert "Upload it again" in answer.json()["error"]["details"]["fields"]["workspace.url"]
    ann.launch(**body)
    ann.wait_for("lab", "running")


@pytest.mark.parametrize(
    ("workspace", "field"),
    [
        ({"url": "context:../../etc/passwd"}, "workspace.url"),
        ({"url": f"context:{'A' * 32}"}, "workspace.url"),
        ({"url": f"context:{'0' * 32}", "ref": "main"}, "workspace.ref"),
        ({"url": f"context:{'0' * 32}", "username": "ann"}, "workspace.username"),
    ],
)
def test_a_context_has_an_id_and_nothing_of_git(
    ann: Person, workspace: dict[str, str], field: str
) -> None:
    answer = ann.api.post("/runtimes", json={"tile": "quick", "workspace": workspace})
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]["fields"]


def test_only_the_runtime_itself_gets_the_archive(
    ann: Person, bob: Person, service: ServiceHub
) -> None:
    data = archive(os.urandom(600_000))
    context = uploaded(ann, data)
    ann.launch(tile="quick", name="lab", workspace={"url": f"context:{context}"})
    ann.wait_for("lab", "running")
    launch = service.store.launches.latest(ann.name, "lab")
    assert launch is not None

    def ask(token: str, name: str = "lab", launch_id: str = launch.id) -> httpx.Response:
        with service.client(token) as api:
            return api.get(f"/launch-spec/{name}/context", params={"launch": launch_id})

    answer = ask(ann.server_token("lab"))
    assert answer.status_code == 200
    assert answer.content == data
    assert answer.headers["Content-Digest"].startswith("sha-256=:")
    assert ask(ann.token).status_code == 403
    assert ask(bob.token).status_code == 404
    assert ask("0" * 32).status_code == 401
    ann.launch(tile="quick", name="bare")
    ann.wait_for("bare", "running")
    bare = service.store.launches.latest(ann.name, "bare")
    assert bare is not None
    assert ask(ann.server_token("bare"), "bare", bare.id).status_code == 404
    assert ask(ann.server_token("bare"), "lab").status_code == 403
    ann.api.delete(f"/contexts/{context}")
    assert ask(ann.server_token("lab")).status_code == 404


# -- without a Hub ---------------------------------------------------------------------------------

ANN = Caller("ann", "user", frozenset({"start:servers!user=ann", "read:servers!user=ann"}), "token")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened
    opened.close()


def manager(store: Store, tmp_path: Path, **policy: object) -> ContextManager:
    return ContextManager(store, Archives(tmp_path / "contexts"), SitePolicy.model_validate(policy))


def put(contexts: ContextManager, data: bytes) -> str:
    upload = contexts.begin(ANN, "ann")
    for at in range(0, len(data), 1000):
        upload.write(data[at : at + 1000])
    return contexts.keep("ann", upload).id


def test_the_oldest_make_room(store: Store, tmp_path: Path) -> None:
    data = [archive(os.urandom(4000)) for _ in range(4)]
    contexts = manager(store, tmp_path, max_contexts_size=3 * max(map(len, data)))
    ids = [put(contexts, each) for each in data]
    assert [record.id for record in contexts.of_user(ANN, "ann")] == ids[1:]
    with pytest.raises(InvalidRequest):
        contexts.check("ann", f"context:{ids[0]}")
    contexts.check("ann", f"context:{ids[3]}")


def test_one_that_is_too_large_is_stopped_on_the_way(store: Store, tmp_path: Path) -> None:
    contexts = manager(store, tmp_path, max_context_size=5000)
    upload = contexts.begin(ANN, "ann")
    upload.write(archive(os.urandom(100))[:50])
    with pytest.raises(TooLarge):
        upload.write(bytes(5000))
    upload.discard()
    assert list((tmp_path / "contexts").iterdir()) == []


def test_a_first_byte_alone_is_judged_too(store: Store, tmp_path: Path) -> None:
    contexts = manager(store, tmp_path)
    upload = contexts.begin(ANN, "ann")
    for byte in archive():
        upload.write(bytes([byte]))
    contexts.keep("ann", upload)
    refused = contexts.begin(ANN, "ann")
    with pytest.raises(InvalidRequest):
        refused.write(b"{")
    refused.discard()


def test_what_a_killed_service_left_is_swept(store: Store, tmp_path: Path) -> None:
    contexts = manager(store, tmp_path)
    kept = put(contexts, archive())
    folder = tmp_path / "contexts"
    (folder / "half.part").write_bytes(b"x")
    (folder / "unknown.tar.gz").write_bytes(b"x")
    os.utime(folder / "unknown.tar.gz", (0, 0))
    (folder / "young.tar.gz").write_bytes(b"x")
    contexts.sweep(halves=True)
    assert {path.name for path in folder.iterdir()} == {f"{kept}.tar.gz", "young.tar.gz"}
