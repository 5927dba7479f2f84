"""Every engine keeps what is promised of the files on a user's storage."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import docker
import pytest

from runtiles.contract.errors import Conflict, EngineUnavailable
from runtiles.contract.protocol import LABEL_HELPER, LABEL_PREFIX, LABEL_PROTOCOL, LABEL_PYTHON
from runtiles.engines.base import Storage
from runtiles.engines.docker import DockerEngine
from runtiles.engines.memory import MemoryEngine
from runtiles.engines.process import ProcessEngine

from .storage_contract import (
    FILES,
    SNAPSHOT,
    HostileStorageContract,
    Place,
    StorageContract,
    packed,
    pieces,
    unpacked,
)


class MemoryPlace(Place):
    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.storage = Storage("image", "ada")

    async def shell(self, command: str) -> str:
        raise NotImplementedError


class TestMemory(StorageContract):
    @pytest.fixture
    def place(self) -> Place:
        return MemoryPlace()


class ProcessPlace(Place):
    def __init__(self, folder: Path) -> None:
        self.engine = ProcessEngine(folder / "running")
        self.storage = Storage("process", str(folder / "storage"))
        (folder / "storage").mkdir()

    async def shell(self, command: str) -> str:
        return await asyncio.to_thread(
            subprocess.check_output, ["sh", "-c", command], cwd=self.storage.source, text=True
        )


class TestProcess(HostileStorageContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return ProcessPlace(tmp_path)


class DockerPlace(Place):
    def __init__(self, client: docker.APIClient, engine: DockerEngine, image: str, name: str):
        self.client = client
        self.engine: DockerEngine = engine
        self.storage = Storage(image, name)
        client.create_volume(name)

    async def shell(self, command: str) -> str:
        return await asyncio.to_thread(self._shell, command)

    def _shell(self, command: str) -> str:
        binds = self.client.create_host_config(binds=[f"{self.storage.source}:/storage"])
        container = self.client.create_container(
            self.storage.image,
            ["sh", "-c", command],
            working_dir="/storage",
            host_config=binds,
        )
        try:
            self.client.start(container)
            assert self.client.wait(container)["StatusCode"] == 0, self.client.logs(container)
            output: bytes = self.client.logs(container)
            return output.decode()
        finally:
            self.client.remove_container(container, force=True)

    def helpers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.containers(
            all=True, filters={"volume": self.storage.source}
        )
        return found


@pytest.fixture(scope="module")
def image(docker_client: docker.APIClient, debian: str) -> Iterator[str]:
    """With a launcher, as far as its labels say."""
    container = docker_client.create_container(debian, ["true"])
    labels = f"LABEL {LABEL_PROTOCOL}=1 {LABEL_PYTHON}=/usr/bin/python3"
    made = docker_client.commit(container, changes=[labels])
    docker_client.remove_container(container)
    yield str(made["Id"])
    docker_client.remove_image(made["Id"])


@pytest.mark.engine
class TestDocker(HostileStorageContract):
    @pytest.fixture
    async def place(
        self, docker_client: docker.APIClient, docker_engine: DockerEngine, image: str
    ) -> AsyncIterator[DockerPlace]:
        place = DockerPlace(docker_client, docker_engine, image, f"test-{secrets.token_hex(6)}")
        yield place
        try:
            assert place.helpers() == []
        finally:
            docker_client.remove_volume(place.storage.source, force=True)

    async def test_a_helper_is_no_runtime_and_has_nothing_else(self, place: DockerPlace) -> None:
        await place.engine.storage_write(place.storage, SNAPSHOT, pieces(packed(FILES)))
        async with aclosing(place.engine.storage_read(place.storage, SNAPSHOT)) as chunks:
            await anext(chunks)
            # From the list: the engine answers no other question about it meanwhile.
            (row,) = place.helpers()
            assert [name for name in row["Labels"] if name.startswith(LABEL_PREFIX)] == [
                LABEL_HELPER,
                *sorted((LABEL_PROTOCOL, LABEL_PYTHON)),
            ]
            assert row["State"] == "created"
            assert row["HostConfig"]["NetworkMode"] == "none"
            assert [mount["Destination"] for mount in row["Mounts"]] == ["/storage"]
        assert place.helpers() == []

    async def test_another_image_will_do_but_never_runs(self, place: DockerPlace) -> None:
        """It may be anybody's, and would see this user's files and key."""
        gone = Storage("sha256:" + "0" * 64, place.storage.source)
        await place.engine.storage_write(gone, SNAPSHOT, pieces(packed(FILES)))
        for refused in (
            place.engine.storage_remove(gone, SNAPSHOT),
            place.engine.storage_sign(gone, SNAPSHOT, b"k" * 32),
        ):
            with pytest.raises(Conflict, match="not on the host"):
                await refused
        assert await unpacked(place.engine, gone, SNAPSHOT)

    async def test_a_program_that_never_ends_is_ended(
        self, place: DockerPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "endless.py").write_text("import signal\nsignal.pause()")
        monkeypatch.setattr("runtiles.engines.docker_storage._LONGEST_S", 1)
        monkeypatch.setattr("runtiles.engines.docker_storage._PROGRAM", tmp_path / "endless.py")
        with pytest.raises(EngineUnavailable):
            await place.engine.storage_remove(place.storage, SNAPSHOT)

    async def test_a_cancelled_removal_leaves_no_helper(self, place: DockerPlace) -> None:
        work = asyncio.ensure_future(place.engine.storage_remove(place.storage, SNAPSHOT))
        while not place.helpers():  # noqa: ASYNC110 - it is the engine's
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    async def test_a_folder_of_the_host_is_a_storage(
        self, place: DockerPlace, tmp_path: Path
    ) -> None:
        bound = Storage(place.storage.image, str(tmp_path))
        await place.engine.storage_write(bound, SNAPSHOT, pieces(packed(FILES)))
        assert (tmp_path / SNAPSHOT / "snapshot.json").read_bytes() == b"{}"
        await place.engine.storage_remove(bound, SNAPSHOT)
        assert not (tmp_path / SNAPSHOT).exists()

    async def test_what_a_killed_process_left_is_swept(
        self, place: DockerPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        labels = {LABEL_HELPER: place.engine._storage._label[LABEL_HELPER]}
        binds = place.client.create_host_config(binds=[f"{place.storage.source}:/storage"])
        place.client.create_container(
            place.storage.image, ["true"], labels=labels, host_config=binds
        )
        await place.engine.storage_sweep()
        assert len(place.helpers()) == 1
        monkeypatch.setattr("runtiles.engines.docker_storage._FORGOTTEN_S", -1.0)
        await place.engine.storage_sweep()
