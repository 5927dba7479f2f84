"""A snapshot goes out as one file and comes in again, and no file brings in more than a snapshot."""

import asyncio
import gzip
import io
import json
import tarfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from runtiles.contract.errors import InvalidRequest, LimitReached, NotFound
from runtiles.engines.base import Storage
from runtiles.engines.memory import MemoryEngine
from runtiles.engines.process import ProcessEngine
from runtiles.service.runtimes.gateway import Gateway
from runtiles.service.snapshots.files import SnapshotFiles
from runtiles.service.snapshots.packing import HEADER
from runtiles.store import KeyFile, SnapshotRecord, Store
from runtiles_server import state
from tests.runtiles.engines.storage_contract import pieces, unpacked
from tests.runtiles.service.conftest import Person, ServiceHub

KERNEL = {"id": "k", "name": "python3", "language": "python", "status": "saved", "bytes": 5}
WHOLE = {"format": 1, "id": "old", "runtime": "lab", "kernels": [{**KERNEL, "variables": []}]}


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    (tmp_path / "storage").mkdir()
    return Storage("process", str(tmp_path / "storage"))


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[SnapshotFiles]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite", KeyFile(str(tmp_path / "key")))
    gateway = Gateway(store)
    yield SnapshotFiles.of(ProcessEngine(tmp_path / "running"), gateway, store)
    gateway.close()
    store.close()


@pytest.fixture
def record(files: SnapshotFiles, storage: Storage) -> SnapshotRecord:
    """Of ada, with one kernel that the state engine saved with her key."""
    key = bytes.fromhex(files.store.state_keys.snapshot_key("ada"))
    folder = Path(storage.source) / ".runtiles/snapshots/old"
    state.save(folder / "kernels/k", namespace={"x": [1, 2, 3], "y": bytearray(200_000)}, key=key)
    signature = state.signing.sign(WHOLE, key)
    whole = {"format": 1, "signature": signature, "snapshot": WHOLE}
    (folder / "snapshot.json").write_text(json.dumps(whole))
    (folder / "kernels" / "k" / "link").symlink_to("/etc/passwd")
    where = {"image": storage.image, "source": storage.source}
    made = SnapshotRecord("old", "ada", "lab", 1e9, 5, name="Before", tile="python", storage=where)
    files.store.snapshots.add(made, WHOLE)
    return made


async def exported(files: SnapshotFiles, record: SnapshotRecord) -> bytes:
    async with aclosing(files.export(record)) as chunks:
        return b"".join([chunk async for chunk in chunks])


def packed(*members: tuple[str, bytes], **changes: Any) -> bytes:
    """With whatever somebody could put into the last one."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for number, (name, content) in enumerate(members, 1):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for field, value in changes.items() if number == len(members) else ():
                setattr(member, field, value)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def negative() -> bytes:
    """A header that says it has minus five bytes."""
    member = tarfile.TarInfo(HEADER)
    member.size = -5
    return gzip.compress(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024))


def folders(count: int) -> bytes:
    """Thousands of times as much as it weighs."""
    member = tarfile.TarInfo("kernels")
    member.type = tarfile.DIRTYPE
    head = gzip.decompress(packed(HEAD))[:1024]
    return gzip.compress(head + member.tobuf() * count + bytes(1024))


def snapshots(storage: Storage) -> list[Path]:
    return list(Path(storage.source).glob(".runtiles/snapshots/*"))


HEAD = (HEADER, json.dumps({"format": 1, "name": "n", "runtime": "lab"}).encode())
BODY = ("snapshot.json", json.dumps({"format": 1, "snapshot": WHOLE}).encode())


async def test_out_and_in_and_accepted(
    files: SnapshotFiles, record: SnapshotRecord, storage: Storage
) -> None:
    data = await exported(files, record)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert "kernels/k/link" not in tar.getnames()
    taken = await files.take_in("bob", pieces(data, 777), storage, None)
    assert (taken.trusted, taken.origin, taken.name) == (False, "import", "Before")
    assert (taken.server, taken.options) == ("lab", {"tile": "python"})
    assert files.store.snapshots.manifest("bob", taken.id)["id"] == taken.id
    folder = Path(storage.source) / ".runtiles/snapshots" / taken.id
    key = bytes.fromhex(files.store.state_keys.snapshot_key("bob"))
    with pytest.raises(state.Refused):
        state.verify(folder / "kernels/k", key=key)
    await files.trust(taken)
    state.verify(folder / "kernels/k", key=key)
    loaded: dict[str, Any] = {}
    state.load(folder / "kernels/k", namespace=loaded, key=key)
    assert loaded["x"] == [1, 2, 3]
    whole = json.loads((folder / "snapshot.json").read_text())
    assert whole["signature"] == state.signing.sign(whole["snapshot"], key)
    assert files.store.snapshots.get("bob", taken.id).trusted
    await files.remove(taken)
    assert not folder.exists()
    await files.remove(taken)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no tar" * 1000),
        packed(BODY),
        packed(HEAD),
        packed((HEADER, b'{"format": 2}'), BODY),
        packed(HEAD, BODY, BODY),
        packed(HEAD, BODY, ("../x", b"")),
        packed(HEAD, BODY, ("/etc/x", b"")),
        packed(HEAD, BODY, ("kernels/../x", b"")),
        packed(HEAD, BODY, ("kernels/k/..", b"")),
        packed(HEAD, BODY, ("workspaces/x", b"")),
        packed(HEAD, BODY, ("kernels/k/" + "x" * 200, b"")),
        packed(HEAD, BODY, ("kernels/k/x", b""), type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        packed(HEAD, BODY, ("kernels/k/x", b""), type=tarfile.LNKTYPE, linkname="snapshot.json"),
        packed(HEAD, BODY, ("kernels/k/x", b""), type=tarfile.CHRTYPE),
        packed(HEAD, BODY, ("kernels/k/x", b""), type=tarfile.FIFOTYPE),
        packed(HEAD, BODY, ("kernels/k/x", b""), type=tarfile.GNUTYPE_SPARSE),
        packed(HEAD, BODY, ("kernels/k/x", b""), pax_headers={"comment": "x"}),
        packed(HEAD, ("snapshot.json", b"[]")),
        packed(HEAD, ("snapshot.json", b'{"format": 1, "snapshot": {"kernels": 5}}')),
        packed(HEAD, BODY, ("kernels/k/x", b"x" * 100_000))[:-60_000],
        packed(HEAD, BODY)[:-30],
        packed(HEAD, BODY, *((f"kernels/k/f{n}", b"") for n in range(10_001))),
        packed(HEAD, ("snapshot.json", b'{"format": 1, "snapshot": ' + b"[" * 200_000)),
        packed(HEAD, ("snapshot.json", b'{"format": 1, "snapshot": [' + b"{}," * 1_500_000)),
        negative(),
        folders(20_000),
    ],
    # Numbered: the bytes have the time in them.
    ids=lambda _: "file",
)
async def test_what_is_none_leaves_nothing(
    files: SnapshotFiles, storage: Storage, data: bytes
) -> None:
    with pytest.raises(InvalidRequest):
        await files.take_in("ada", pieces(data, 4096), storage, None)
    assert snapshots(storage) == []
    assert files.store.snapshots.of_user("ada") == []


async def test_a_body_that_stands_still_holds_nobody_up(
    files: SnapshotFiles, storage: Storage
) -> None:
    """Its thread waits for the network: not one of those that everything else needs."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    asked = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        asked.set()
        await asyncio.Event().wait()
        yield b""

    elsewhere = SnapshotFiles.of(MemoryEngine(), files.gateway, files.store)
    work = asyncio.ensure_future(elsewhere.take_in("ada", silent(), storage, None))
    await asked.wait()
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 60) == "free"
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_what_it_is_called_is_one_line(files: SnapshotFiles, storage: Storage) -> None:
    odd = json.dumps({"format": 1, "name": "a\x1b[2J\nb", "runtime": "lab"}).encode()
    taken = await files.take_in("ada", pieces(packed((HEADER, odd), BODY)), storage, None)
    assert taken.name.isprintable()


async def test_only_as_much_as_there_is_room_for(files: SnapshotFiles, storage: Storage) -> None:
    bomb = packed(HEAD, BODY, ("kernels/k/x", bytes(50_000_000)))
    assert len(bomb) < 100_000
    with pytest.raises(LimitReached):
        await files.take_in("ada", pieces(bomb), storage, 1_000_000)
    assert snapshots(storage) == []


async def test_what_a_killed_import_left_is_swept(
    files: SnapshotFiles, record: SnapshotRecord, storage: Storage
) -> None:
    taken = await files.take_in("ada", pieces(await exported(files, record)), storage, None)
    half = Path(storage.source) / ".runtiles/snapshots/half"
    half.mkdir()
    # As another service did that was killed then.
    SnapshotFiles.of(files.engine, files.gateway, files.store).arriving.begin("half", storage)
    files.arriving.begin("running", storage)
    (half.parent / "running").mkdir()
    await files.sweep()
    there = {path.name for path in snapshots(storage)}
    assert there == {record.id, taken.id, "running"}
    fact = files.store.facts.read("snapshots.arriving")
    assert fact is not None
    assert set(fact.value) == {"running"}


async def test_files_that_are_gone_are_told(files: SnapshotFiles, record: SnapshotRecord) -> None:
    await files.remove(record)
    with pytest.raises(NotFound):
        await exported(files, record)
    with pytest.raises(NotFound):
        await files.trust(record)


@pytest.fixture
def owner(ann: Person, service: ServiceHub, tmp_path: Path) -> Person:
    """Ann, with a runtime that has a storage."""
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    launch = service.store.launches.latest(ann.name, "x")
    assert launch is not None
    kept = {"image": "process", "source": str(tmp_path)}
    service.store.launches.update(launch.id, storage=kept)
    return ann


async def test_over_the_api(owner: Person, service: ServiceHub, tmp_path: Path) -> None:
    headers = {"Content-Type": "application/gzip"}
    bad = owner.api.post("/snapshots/import", content=b"x" * 3_000_000, headers=headers)
    assert bad.status_code == 400, bad.text
    data = packed(HEAD, BODY, ("kernels/k/manifest.json", b'{"manifest": {}}'))
    answer = owner.api.post("/snapshots/import", content=data, headers=headers)
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    assert (taken["trusted"], taken["origin"], taken["name"]) == (False, "import", "n")
    trusted = owner.api.post(f"/snapshots/{taken['id']}/trust")
    assert trusted.status_code == 200, trusted.text
    assert trusted.json()["trusted"] is True
    out = owner.api.get(f"/snapshots/{taken['id']}/export")
    assert out.headers["content-type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(out.content)) as tar:
        assert tar.getnames() == [HEADER, "kernels/k/manifest.json", "snapshot.json"]
    found = await unpacked(
        ProcessEngine(tmp_path / "none"),
        Storage("process", str(tmp_path)),
        f".runtiles/snapshots/{taken['id']}",
    )
    assert len(found) == 2
    assert owner.api.get("/snapshots/nothing/export").status_code == 404
