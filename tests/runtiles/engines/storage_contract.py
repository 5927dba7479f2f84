"""What every engine guarantees of the files on a user's storage, as tests."""

import asyncio
import io
import json
import tarfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing

import pytest

from runtiles.contract.errors import Conflict, NotAllowed, NotFound
from runtiles.engines.base import Engine, Storage
from runtiles_server.state import signing

SNAPSHOT = ".runtiles/snapshots/one"
FILES = {"snapshot.json": b"{}", "kernels/k/manifest.json": b"x" * 3_000_000}
KEY = b"the user's key"


class Place(ABC):
    """A user's storage, and a hand in it that is not the engine's."""

    engine: Engine
    storage: Storage

    @abstractmethod
    async def shell(self, command: str) -> str:
        """Run in the storage as its user might; the output."""


def packed(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def unpacked(engine: Engine, storage: Storage, path: str) -> dict[str, bytes]:
    async with aclosing(engine.storage_read(storage, path)) as chunks:
        data = b"".join([chunk async for chunk in chunks])
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
        return {name: file.read() for name, file in files.items() if file}


class StorageContract:
    """Subclasses give the `place` fixture."""

    async def test_what_is_written_is_read_and_removed(self, place: Place) -> None:
        engine, storage = place.engine, place.storage
        await engine.storage_write(storage, SNAPSHOT, pieces(packed(FILES)))
        found = await unpacked(engine, storage, SNAPSHOT)
        assert found == {f"one/{name}": content for name, content in FILES.items()}
        one_file = await unpacked(engine, storage, f"{SNAPSHOT}/snapshot.json")
        assert one_file == {"snapshot.json": FILES["snapshot.json"]}
        with pytest.raises(NotFound):
            await unpacked(engine, storage, f"{SNAPSHOT}/other.json")
        with pytest.raises(Conflict):
            await engine.storage_write(storage, SNAPSHOT, pieces(packed(FILES)))
        assert await unpacked(engine, storage, SNAPSHOT) == found
        await engine.storage_remove(storage, SNAPSHOT)
        with pytest.raises(NotFound):
            await unpacked(engine, storage, SNAPSHOT)
        await engine.storage_remove(storage, SNAPSHOT)

    @pytest.mark.parametrize(
        "path", ["/etc/passwd", "workspaces/x", ".runtiles", ".runtiles/../x", ".runtiles//x", ""]
    )
    async def test_other_places_are_none_of_its_business(self, place: Place, path: str) -> None:
        engine, storage = place.engine, place.storage
        with pytest.raises(NotAllowed):
            await unpacked(engine, storage, path)
        with pytest.raises(NotAllowed):
            await engine.storage_write(storage, path, pieces(packed(FILES)))
        with pytest.raises(NotAllowed):
            await engine.storage_remove(storage, path)
        with pytest.raises(NotAllowed):
            await engine.storage_sign(storage, path, KEY)

    async def test_half_of_it_is_nothing(self, place: Place) -> None:
        class Broken(Exception):
            pass

        async def broken() -> AsyncIterator[bytes]:
            yield packed(FILES)[:2_000_000]
            raise Broken

        with pytest.raises(Broken):
            await place.engine.storage_write(place.storage, SNAPSHOT, broken())
        with pytest.raises(NotFound):
            await unpacked(place.engine, place.storage, SNAPSHOT)

    async def test_a_cancelled_write_is_nothing(self, place: Place) -> None:
        began = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield packed(FILES)[:2_000_000]
            began.set()
            await asyncio.Event().wait()

        work = asyncio.ensure_future(place.engine.storage_write(place.storage, SNAPSHOT, endless()))
        await asyncio.wait_for(began.wait(), 60)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        with pytest.raises(NotFound):
            await unpacked(place.engine, place.storage, SNAPSHOT)

    async def test_a_snapshot_is_signed_anew(self, place: Place) -> None:
        manifest = {"format": 1, "signature": "foreign", "manifest": {"b": 1.5, "a": "ä"}}
        whole = {"format": 1, "signature": "", "snapshot": {"id": "one"}}
        files = {f"kernels/{k}/manifest.json": json.dumps(manifest).encode() for k in ("k", "l")}
        files["snapshot.json"] = json.dumps(whole).encode()
        await place.engine.storage_write(place.storage, SNAPSHOT, pieces(packed(files)))
        await place.engine.storage_sign(place.storage, SNAPSHOT, KEY)
        found = {name: json.loads(c) for name, c in (await self._read(place)).items()}
        for name, data in files.items():
            kind = "snapshot" if name == "snapshot.json" else "manifest"
            assert found[f"one/{name}"].pop("signature") == signing.sign(
                json.loads(data)[kind], KEY
            )
            before = json.loads(data)
            del before["signature"]
            assert found[f"one/{name}"] == before

    async def test_what_is_not_a_snapshot_is_not_signed(self, place: Place) -> None:
        with pytest.raises(NotFound):
            await place.engine.storage_sign(place.storage, SNAPSHOT, KEY)

    async def _read(self, place: Place) -> dict[str, bytes]:
        return await unpacked(place.engine, place.storage, SNAPSHOT)


class HostileStorageContract(StorageContract):
    """For those whose storages are real: what users may do in theirs."""

    async def test_a_link_in_the_way_is_not_followed(self, place: Place) -> None:
        await place.shell("mkdir -p own/snapshots/one && echo precious > own/snapshots/one/file")
        for made in ("ln -s own .runtiles", "mkdir .runtiles; ln -s ../own/snapshots .runtiles/"):
            await place.shell(f"rm -rf .runtiles; {made}")
            with pytest.raises(NotFound):
                await unpacked(place.engine, place.storage, SNAPSHOT)
            with pytest.raises(NotFound):
                await place.engine.storage_write(
                    place.storage, ".runtiles/snapshots/two", pieces(packed(FILES))
                )
            with pytest.raises(Conflict):
                await place.engine.storage_remove(place.storage, SNAPSHOT)
            with pytest.raises(Conflict):
                await place.engine.storage_sign(place.storage, SNAPSHOT, KEY)
        assert (
            await place.shell("cat own/snapshots/one/file; ls own/snapshots") == "precious\none\n"
        )

    async def test_links_themselves_are_removed_and_read_as_links(self, place: Place) -> None:
        await place.shell(
            "echo precious > own; mkdir -p .runtiles/snapshots/one inner && touch inner/x;"
            " cd .runtiles/snapshots; ln -s ../../../own one/file; ln -s ../../../inner one/folder;"
            " ln -s one two"
        )
        assert await unpacked(place.engine, place.storage, SNAPSHOT) == {}
        with pytest.raises(NotFound):
            await unpacked(place.engine, place.storage, ".runtiles/snapshots/two")
        await place.engine.storage_remove(place.storage, ".runtiles/snapshots/two")
        assert await place.shell("ls .runtiles/snapshots") == "one\n"
        await place.engine.storage_remove(place.storage, SNAPSHOT)
        assert await place.shell("ls .runtiles/snapshots; cat own; ls inner") == "precious\nx\n"

    async def test_however_deep_it_is_it_goes(self, place: Place) -> None:
        await place.shell(
            f"mkdir -p {SNAPSHOT}; cd {SNAPSHOT}; i=0;"
            " while [ $i -lt 3000 ]; do mkdir a b; touch f; cd a; i=$((i+1)); done"
        )
        await place.engine.storage_remove(place.storage, SNAPSHOT)
        assert await place.shell("ls -A .runtiles/snapshots") == ""

    async def test_nothing_is_made_where_there_is_no_storage(self, place: Place) -> None:
        nowhere = Storage(place.storage.image, f"{place.storage.source}-is-not-there")
        with pytest.raises(NotFound):
            await unpacked(place.engine, nowhere, SNAPSHOT)
        with pytest.raises(NotFound):
            await place.engine.storage_write(nowhere, SNAPSHOT, pieces(packed(FILES)))
