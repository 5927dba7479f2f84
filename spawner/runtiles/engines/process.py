"""Runtimes as plain processes, for a host without an engine. No isolation: one trusted person's demo.

A "container" is a folder: `meta.json` (labels, process id and its start time), `log`, `root/` for the
files put into it. So a restarted Hub finds its runtimes again, and the service reads their logs.
There are no images here: every reference is this very Python environment.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from runtiles.contract.errors import EngineUnavailable, NotFound
from runtiles.contract.protocol import (
    LABEL_HUB,
    LABEL_PROTOCOL,
    LABEL_SERVER,
    LABEL_USER,
    PROTOCOL_VERSION,
)
from runtiles.images import ImageRef
from runtiles.values.loglines import LogLine

from . import process_storage
from .base import (
    Container,
    ContainerFile,
    ContainerState,
    ContainerStatus,
    ContainerUsage,
    DiskSpace,
    Engine,
    HostImage,
    Image,
    Owner,
    PullPolicy,
    RegistryAuth,
    Report,
    Storage,
    ignore,
)
from .process_files import put_files, remove_secret_files
from .process_log import follow_file, read_end, start_stamper
from .process_record import Record, read_record, until_ended
from .process_usage import Reading, family, read_session, usage

_LAST_WORDS_S = 2.0


class ProcessEngine(Engine):
    """`root` is created, readable by its owner only. Every method tolerates what another process
    (the Hub, the service, a person) did to the folder meanwhile."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stampers: dict[str, subprocess.Popen[bytes]] = {}
        self._readings: dict[str, Reading] = {}
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EngineUnavailable(f"The folder of the runtimes cannot be made: {error}") from None

    # -- making one -------------------------------------------------------------------------------

    def folder(self, container_id: str) -> Path:
        """Where a runtime's files are put; exists from `create` on."""
        return self._root / container_id / "root"

    async def create(self, container_id: str) -> None:
        self.folder(container_id).mkdir(mode=0o700, parents=True)

    async def launch(
        self,
        container_id: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        labels: Mapping[str, str],
    ) -> None:
        """Start the process of a created runtime, in a session of its own."""
        place = self._root / container_id
        stamper, log = await asyncio.to_thread(start_stamper, place / "log")
        self._stampers[container_id] = stamper
        with log:
            child = await asyncio.to_thread(
                subprocess.Popen,
                list(argv),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[container_id] = child
        Record.of(labels, child.pid, stamper.pid).write(place)

    # -- Engine -----------------------------------------------------------------------------------

    async def ensure_image(
        self,
        ref: ImageRef,
        *,
        policy: PullPolicy = "missing",  # noqa: ARG002
        auth: RegistryAuth | None = None,  # noqa: ARG002
        report: Report = ignore,  # noqa: ARG002
    ) -> Image:
        labels = {LABEL_PROTOCOL: str(PROTOCOL_VERSION)}
        return Image(id="process", reference=str(ref), labels=labels, python=sys.executable)

    async def prepare(self, image: Image, *, report: Report = ignore) -> Image:  # noqa: ARG002
        return image

    async def find(
        self, hub: str, user: str | None = None, server: str | None = None
    ) -> list[Container]:
        wanted = {LABEL_HUB: hub, LABEL_USER: user, LABEL_SERVER: server}
        found = []
        for place in sorted(self._root.iterdir()):
            record = read_record(place)
            if record is not None and record.has(wanted):
                status = self._status(place.name, record)
                found.append(Container(place.name, place.name, record.labels, status))
        return found

    async def status(self, container_id: str) -> ContainerStatus | None:
        record = read_record(self._root / container_id)
        return None if record is None else self._status(container_id, record)

    def _status(self, container_id: str, record: Record) -> ContainerStatus:
        child = self._children.get(container_id)
        code = child.poll() if child is not None else None
        if code is None and record.runs:
            state: ContainerState = "paused" if record.frozen else "running"
            return ContainerStatus(state, started_at=record.started_at)
        exit_code = 128 - code if code is not None and code < 0 else code
        return ContainerStatus("exited", exit_code=exit_code, started_at=record.started_at)

    async def wait(self, container_id: str) -> ContainerStatus | None:
        record = read_record(self._root / container_id)
        status = await self.status(container_id)
        if record is not None and status is not None and status.alive:
            await until_ended(record.pid)
        return await self.status(container_id)

    async def usage(self, container_id: str) -> ContainerUsage | None:
        record = read_record(self._root / container_id)
        before = self._readings.pop(container_id, None)
        if record is None or not self._status(container_id, record).alive:
            return None
        now = await asyncio.to_thread(read_session, record.pid)
        self._readings[container_id] = now
        return usage(before or Reading(0.0, 0, record.started_at), now)

    async def lines(
        self, container_id: str, *, tail: int | None = None, since: float | None = None
    ) -> list[LogLine]:
        await self._is_silent(container_id)
        return await asyncio.to_thread(read_end, self._root / container_id / "log", tail, since)

    async def follow_lines(
        self, container_id: str, *, since: float | None = None
    ) -> AsyncGenerator[LogLine, None]:
        lines = follow_file(
            self._root / container_id / "log", partial(self._is_silent, container_id)
        )
        async with contextlib.aclosing(lines):
            async for line in lines:
                if line.at >= (since or 0):
                    yield line

    async def _is_silent(self, container_id: str) -> bool:
        """Has it ended, and is all that it said in its log? Waits a moment for the last words.

        What it left behind may hold its output open: nobody waits for that.
        """
        record = read_record(self._root / container_id)
        if record is None:
            return True
        if self._status(container_id, record).alive:
            return False
        if record.stamps:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(until_ended(record.stamper[0]), _LAST_WORDS_S)
        return True

    async def put_files(self, container_id: str, files: Sequence[ContainerFile]) -> None:
        await asyncio.to_thread(put_files, self.folder(container_id), files)

    async def owner_of(self, container_id: str) -> Owner:  # noqa: ARG002
        return Owner(os.getuid(), os.getgid())

    async def freeze(self, container_id: str) -> None:
        await asyncio.to_thread(self._signal, container_id, signal.SIGSTOP)

    async def thaw(self, container_id: str) -> None:
        await asyncio.to_thread(self._signal, container_id, signal.SIGCONT)

    def _signal(self, container_id: str, number: signal.Signals) -> None:
        record = read_record(self._root / container_id)
        if record is None or not self._status(container_id, record).alive:
            raise NotFound("There is no such running runtime.")
        # Again as long as somebody new is found: who is not stopped yet may begin another one.
        told: set[int] = set()
        while fresh := set(family(record.pid)) - told:
            for pid in fresh:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            told |= fresh

    async def stop(self, container_id: str, grace: float = 10.0) -> None:
        record = read_record(self._root / container_id)
        if record is None or not self._status(container_id, record).alive:
            return
        with contextlib.suppress(ProcessLookupError, NotFound):
            self._signal(container_id, signal.SIGCONT)
            os.kill(record.pid, signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(until_ended(record.pid), grace)
        # Its kernels are in its session and must not outlive it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(record.pid, signal.SIGKILL)
        await until_ended(record.pid)

    async def remove(self, container_id: str) -> None:
        await self.stop(container_id, grace=0.0)
        child = self._children.pop(container_id, None)
        if child is not None:
            await asyncio.to_thread(child.wait)
        await self._end_stamper(container_id)
        await asyncio.to_thread(shutil.rmtree, self._root / container_id, ignore_errors=True)
        await asyncio.to_thread(remove_secret_files, container_id)

    async def _end_stamper(self, container_id: str) -> None:
        """It ends with those who write to it; one who left the session does not keep it."""
        record = read_record(self._root / container_id)
        if record is not None and await self._is_silent(container_id) and record.stamps:
            with contextlib.suppress(ProcessLookupError):
                os.kill(record.stamper[0], signal.SIGKILL)
        stamper = self._stampers.pop(container_id, None)
        if stamper is not None:
            await asyncio.to_thread(stamper.wait)

    def storage_read(self, storage: Storage, path: str) -> AsyncGenerator[bytes, None]:
        return process_storage.read(storage, path)

    async def storage_write(
        self, storage: Storage, path: str, chunks: AsyncIterator[bytes]
    ) -> None:
        await process_storage.write(storage, path, chunks)

    async def storage_remove(self, storage: Storage, path: str) -> None:
        await process_storage.take_away(storage, path)

    async def storage_sign(self, storage: Storage, path: str, key: bytes) -> None:
        await process_storage.sign_anew(storage, path, key)

    async def storage_sweep(self) -> None:
        """Nothing stands between this process and the files."""

    async def images(self) -> list[HostImage]:
        return []

    async def remove_image(self, image_id: str) -> None:
        """There is none to remove."""

    async def disk(self) -> DiskSpace:
        space = await asyncio.to_thread(shutil.disk_usage, self._root)
        return DiskSpace(space.total, space.free)

    async def version(self) -> str:
        return f"processes of {sys.executable}"

    async def close(self) -> None:
        """Nothing to end: the processes go on."""
