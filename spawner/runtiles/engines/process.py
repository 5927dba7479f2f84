"""Runtimes as plain processes, for a host without an engine. No isolation: one trusted person's demo.

A "container" is a folder: `meta.json` (labels, process id and its start time), `log`, `root/` for the
files put into it. So a restarted Hub finds its runtimes again, and the service reads their logs.
There are no images here: every reference is this very Python environment.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtiles.contract import secret_folders
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

from .base import (
    Container,
    ContainerFile,
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
    ignore,
)
from .process_log import LogReader, read_end, start_stamper
from .process_usage import Reading, read_session, usage

_FOLLOW_INTERVAL_S = 0.05
_LAST_WORDS_S = 2.0
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class _Meta:
    labels: Mapping[str, str]
    pid: int
    started: str
    started_at: float
    #: Process and start of what writes its log; 0 for a runtime that an older Hub started.
    stamper: tuple[int, str]


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
        started, started_at = _start_of(child.pid) or ("", 0.0)
        meta = {
            "labels": dict(labels),
            "pid": child.pid,
            "started": started,
            "started_at": started_at,
            "stamper": [stamper.pid, (_start_of(stamper.pid) or ("",))[0]],
        }
        _write_whole(place / "meta.json", json.dumps(meta))

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
            meta = _read(place)
            if meta is not None and _matches(meta.labels, wanted):
                status = self._status(place.name, meta)
                found.append(Container(place.name, place.name, meta.labels, status))
        return found

    async def status(self, container_id: str) -> ContainerStatus | None:
        meta = _read(self._root / container_id)
        return None if meta is None else self._status(container_id, meta)

    def _status(self, container_id: str, meta: _Meta) -> ContainerStatus:
        child = self._children.get(container_id)
        code = child.poll() if child is not None else None
        start = _start_of(meta.pid)
        if code is None and start is not None and start[0] == meta.started:
            return ContainerStatus("running", started_at=meta.started_at)
        exit_code = 128 - code if code is not None and code < 0 else code
        return ContainerStatus("exited", exit_code=exit_code, started_at=meta.started_at)

    async def wait(self, container_id: str) -> ContainerStatus | None:
        meta = _read(self._root / container_id)
        status = await self.status(container_id)
        if meta is not None and status is not None and status.alive:
            await _ended(meta.pid)
        return await self.status(container_id)

    async def usage(self, container_id: str) -> ContainerUsage | None:
        meta = _read(self._root / container_id)
        before = self._readings.pop(container_id, None)
        if meta is None or not self._status(container_id, meta).alive:
            return None
        now = await asyncio.to_thread(read_session, meta.pid)
        self._readings[container_id] = now
        return usage(before or Reading(0.0, 0, meta.started_at), now)

    async def lines(
        self, container_id: str, *, tail: int | None = None, since: float | None = None
    ) -> list[LogLine]:
        await self._is_silent(container_id)
        return await asyncio.to_thread(read_end, self._root / container_id / "log", tail, since)

    async def follow_lines(
        self, container_id: str, *, since: float | None = None
    ) -> AsyncGenerator[LogLine, None]:
        try:
            log = (self._root / container_id / "log").open("rb")
        except OSError:
            return
        reader = LogReader()
        with log:
            ended = False
            while not ended:
                # Asked before reading: what was written until its end is then in what is read.
                ended = await self._is_silent(container_id)
                while block := log.read(_BLOCK):
                    for line in reader.feed(block):
                        if line.at >= (since or 0):
                            yield line
                await asyncio.sleep(0 if ended else _FOLLOW_INTERVAL_S)

    async def _is_silent(self, container_id: str) -> bool:
        """Has it ended, and is all that it said in its log? Waits a moment for the last words.

        What it left behind may hold its output open: nobody waits for that.
        """
        meta = _read(self._root / container_id)
        if meta is None:
            return True
        if self._status(container_id, meta).alive:
            return False
        if _stamps(meta):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(_ended(meta.stamper[0]), _LAST_WORDS_S)
        return True

    async def put_files(self, container_id: str, files: Sequence[ContainerFile]) -> None:
        for file in files:
            path = self.folder(container_id) / file.path.lstrip("/")
            if file.directory:
                path.mkdir(mode=file.mode, parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, file.mode)
            with os.fdopen(descriptor, "wb") as target:
                target.write(file.content)

    async def owner_of(self, container_id: str) -> Owner:  # noqa: ARG002
        return Owner(os.getuid(), os.getgid())

    async def freeze(self, container_id: str) -> None:
        self._signal_group(container_id, signal.SIGSTOP)

    async def thaw(self, container_id: str) -> None:
        self._signal_group(container_id, signal.SIGCONT)

    def _signal_group(self, container_id: str, number: signal.Signals) -> None:
        meta = _read(self._root / container_id)
        if meta is None or not self._status(container_id, meta).alive:
            raise NotFound("There is no such running runtime.")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(meta.pid, number)

    async def stop(self, container_id: str, grace: float = 10.0) -> None:
        meta = _read(self._root / container_id)
        if meta is None or not self._status(container_id, meta).alive:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(meta.pid, signal.SIGCONT)
            os.kill(meta.pid, signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_ended(meta.pid), grace)
        # Its kernels are in its session and must not outlive it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(meta.pid, signal.SIGKILL)
        await _ended(meta.pid)

    async def remove(self, container_id: str) -> None:
        await self.stop(container_id, grace=0.0)
        child = self._children.pop(container_id, None)
        if child is not None:
            await asyncio.to_thread(child.wait)
        await self._end_stamper(container_id)
        await asyncio.to_thread(shutil.rmtree, self._root / container_id, ignore_errors=True)
        await asyncio.to_thread(_remove_secret_files, container_id)

    async def _end_stamper(self, container_id: str) -> None:
        """It ends with those who write to it; one who left the session does not keep it."""
        meta = _read(self._root / container_id)
        if meta is not None and await self._is_silent(container_id) and _stamps(meta):
            with contextlib.suppress(ProcessLookupError):
                os.kill(meta.stamper[0], signal.SIGKILL)
        stamper = self._stampers.pop(container_id, None)
        if stamper is not None:
            await asyncio.to_thread(stamper.wait)

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


def _remove_secret_files(container_id: str) -> None:
    """A container's memory goes with it; a killed process leaves its files behind."""
    for place in secret_folders.places(os.environ, os.getuid()):
        for folder in Path(place).glob(f"{secret_folders.prefix(container_id)}*"):
            shutil.rmtree(folder, ignore_errors=True)


def _read(place: Path) -> _Meta | None:
    try:
        data: dict[str, Any] = json.loads((place / "meta.json").read_text())
        pid, started = data.get("stamper", (0, ""))
        return _Meta(
            data["labels"], data["pid"], data["started"], data["started_at"], (pid, started)
        )
    except (OSError, ValueError, KeyError):
        return None


def _stamps(meta: _Meta) -> bool:
    """Is the process that writes its log still there?"""
    pid, started = meta.stamper
    start = _start_of(pid) if pid else None
    return start is not None and start[0] == started


def _write_whole(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    temporary.write_text(text)
    temporary.replace(path)


def _matches(labels: Mapping[str, str], wanted: Mapping[str, str | None]) -> bool:
    return all(value is None or labels.get(name) == value for name, value in wanted.items())


def _start_of(pid: int) -> tuple[str, float] | None:
    """Which process this is (a number is used again, its start time is not), and since when.

    None: there is none, or it has ended and waits to be collected.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        since = Path(f"/proc/{pid}").stat().st_mtime
    except OSError:
        return None
    # The second field, the name, may hold blanks and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else (start_ticks, since)


async def _ended(pid: int) -> None:
    """Returns when the process has ended, a child or not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
