"""A complete engine in memory: for tests of what stands on engines, and as the contract's plain text.

It keeps every guarantee of base.py. Where a real engine has a registry, a kernel and programs, this
one has methods below the contract's: `publish`, `create`, `start`, `write`, `finish`, `hold`.
"""

import asyncio
import hashlib
import io
import tarfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from runtiles.contract.errors import (
    Conflict,
    EngineUnavailable,
    ImageNotFound,
    NoPython,
    NotFound,
    RegistryDenied,
)
from runtiles.contract.events import LaunchEvent
from runtiles.contract.protocol import (
    LABEL_HUB,
    LABEL_LAYER_OF,
    LABEL_PROTOCOL,
    LABEL_PYTHON,
    LABEL_SERVER,
    LABEL_USER,
    LAYER_PYTHON,
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
    Storage,
    ignore,
)
from .container_files import archive, resolve_owner
from .shared import SharedJobs
from .storage_paths import checked
from .storage_program import SIGNED, signed

_ROOT = "root:x:0:0::/root:/bin/sh\n"
_CREATED = ContainerStatus("created")
_LITTLE = ContainerUsage(cpu=0.0, memory=2**20)


@dataclass(frozen=True)
class Published:
    """An image in the imaginary registry. `size` is in bytes; `python` False = it has none."""

    image: Image
    size: int = 1000
    credentials: RegistryAuth | None = None
    python: bool = True
    passwd: str = _ROOT
    group: str = "root:x:0:\n"


@dataclass
class _Box:
    """A container: everything it will ever be asked."""

    id: str
    name: str
    image: Image
    labels: Mapping[str, str]
    user: str
    status: ContainerStatus = _CREATED
    usage: ContainerUsage = _LITTLE
    log: list[LogLine] = field(default_factory=list)
    files: dict[str, ContainerFile] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self, status: ContainerStatus | None = None) -> None:
        self.status = status or self.status
        self.changed.set()
        self.changed = asyncio.Event()


class MemoryEngine(Engine):
    """`available = False` makes it an engine that does not answer."""

    def __init__(self) -> None:
        self.available = True
        self.pulls = 0
        self.builds = 0
        self._published: dict[str, Published] = {}
        self._local: dict[str, Image] = {}
        self._boxes: dict[str, _Box] = {}
        self._layers: dict[str, Image] = {}
        self._jobs: SharedJobs[tuple[str, str, RegistryAuth | None], Image] = SharedJobs()
        self._storages: dict[str, dict[str, bytes]] = {}
        self._held: dict[str, asyncio.Event] = {}

    # -- what stands in for the world --------------------------------------------------------------

    def publish(
        self, reference: str, entry: Published | None = None, *, local: bool = False
    ) -> Image:
        """Puts an image into the registry; with `local` onto the host as well."""
        ref = ImageRef.parse(reference)
        digest = "sha256:" + hashlib.sha256(str(ref).encode()).hexdigest()
        blank = Image(digest, ref.familiar, digest=f"{ref.registry}/{ref.repository}@{digest}")
        published = entry or Published(blank)
        image = replace(
            published.image, id=blank.id, reference=blank.reference, digest=blank.digest
        )
        self._published[str(ref)] = replace(published, image=image)
        if local:
            self._local[str(ref)] = image
        return image

    def hold(self, phase: str) -> asyncio.Event:
        """`pulling` or `preparing` stop half-way until the event is set."""
        return self._held.setdefault(phase, asyncio.Event())

    def create(
        self, name: str, image: Image, labels: Mapping[str, str], *, user: str | None = None
    ) -> str:
        """A container that is not started; the id of it. Raises Conflict if the name is taken."""
        self._answer()
        if any(box.name == name for box in self._boxes.values()):
            raise Conflict(f"The name {name} is taken.")
        box_id = hashlib.sha256(f"{name} {time.monotonic_ns()}".encode()).hexdigest()
        owner = image.user if user is None else user
        self._boxes[box_id] = _Box(box_id, name, image, dict(labels), owner)
        return box_id

    def start(self, container_id: str, ip: str = "127.0.0.1") -> None:
        self._box(container_id).change(ContainerStatus("running", started_at=time.time(), ip=ip))

    def write(self, container_id: str, line: str) -> None:
        """One line of the program's output."""
        box = self._box(container_id)
        box.log.append(LogLine(time.time(), line))
        box.change()

    def finish(
        self,
        container_id: str,
        exit_code: int = 0,
        *,
        oom_killed: bool = False,
        at: float | None = None,
    ) -> None:
        """The program ends."""
        box = self._box(container_id)
        ended = replace(box.status, state="exited", exit_code=exit_code, ip="")
        box.change(replace(ended, oom_killed=oom_killed, ended_at=at or time.time()))

    def use(self, container_id: str, usage: ContainerUsage) -> None:
        """From now on the program uses this much."""
        self._box(container_id).usage = usage

    def files(self, container_id: str) -> Mapping[str, ContainerFile]:
        """What was put into a container, by path."""
        return self._box(container_id).files

    # -- the contract ------------------------------------------------------------------------------

    async def ensure_image(
        self,
        ref: ImageRef,
        *,
        policy: PullPolicy = "missing",
        auth: RegistryAuth | None = None,
        report: Report = ignore,
    ) -> Image:
        self._answer()
        local = self._local.get(str(ref))
        if policy == "never" and local is None:
            raise ImageNotFound(f"This host has no image {ref.familiar}.")
        if local is None or policy == "always":
            key = ("pull", str(ref), auth)
            return await self._jobs.run(key, lambda tell: self._pull(ref, auth, tell), report)
        if str(ref) in self._published:
            self._authorize(ref, auth)
        return local

    async def prepare(self, image: Image, *, report: Report = ignore) -> Image:
        self._answer()
        if image.labels.get(LABEL_PROTOCOL) == str(PROTOCOL_VERSION):
            return replace(image, python=image.labels.get(LABEL_PYTHON, LAYER_PYTHON))
        if image.id not in self._layers:
            key = ("build", image.id, None)
            await self._jobs.run(key, lambda tell: self._build(image, tell), report)
        return self._layers[image.id]

    async def find(
        self, hub: str, user: str | None = None, server: str | None = None
    ) -> list[Container]:
        self._answer()
        wanted = {LABEL_HUB: hub, LABEL_USER: user, LABEL_SERVER: server}
        return [
            Container(box.id, box.name, box.labels, box.status)
            for box in self._boxes.values()
            if all(v is None or box.labels.get(k) == v for k, v in wanted.items())
        ]

    async def status(self, container_id: str) -> ContainerStatus | None:
        self._answer()
        box = self._boxes.get(container_id)
        return box.status if box else None

    async def wait(self, container_id: str) -> ContainerStatus | None:
        while (box := self._boxes.get(container_id)) and box.status.state != "exited":
            self._answer()
            await box.changed.wait()
        return await self.status(container_id)

    async def usage(self, container_id: str) -> ContainerUsage | None:
        self._answer()
        box = self._boxes.get(container_id)
        return box.usage if box and box.status.alive else None

    async def lines(
        self, container_id: str, *, tail: int | None = None, since: float | None = None
    ) -> list[LogLine]:
        self._answer()
        box = self._boxes.get(container_id)
        found = [line for line in box.log if line.at >= (since or 0)] if box else []
        return found if tail is None else found[max(0, len(found) - tail) :]

    async def follow_lines(
        self, container_id: str, *, since: float | None = None
    ) -> AsyncGenerator[LogLine, None]:
        self._answer()
        given = 0
        while box := self._boxes.get(container_id):
            changed = box.changed
            while given < len(box.log):
                given += 1
                if box.log[given - 1].at >= (since or 0):
                    yield box.log[given - 1]
            if box.status.state == "exited":
                return
            await changed.wait()

    async def put_files(self, container_id: str, files: Sequence[ContainerFile]) -> None:
        self._box(container_id).files.update({file.path: file for file in files})

    async def owner_of(self, container_id: str) -> Owner:
        box = self._box(container_id)
        entry = self._published.get(str(ImageRef.parse(box.image.reference)))
        passwd, group = (entry.passwd, entry.group) if entry else ("", "")
        return resolve_owner(box.user, passwd, group)

    async def freeze(self, container_id: str) -> None:
        self._turn(container_id, replace(self._box(container_id).status, state="paused"))

    async def thaw(self, container_id: str) -> None:
        self._turn(container_id, replace(self._box(container_id).status, state="running"))

    async def stop(self, container_id: str, grace: float = 10.0) -> None:
        self._answer()
        box = self._boxes.get(container_id)
        if box and box.status.alive:
            self.finish(container_id, 137 if grace <= 0 else 143)

    async def remove(self, container_id: str) -> None:
        self._answer()
        if box := self._boxes.pop(container_id, None):
            box.change()

    async def storage_read(self, storage: Storage, path: str) -> AsyncGenerator[bytes, None]:
        self._answer()
        name = checked(path)[-1]
        files = self._storages.get(storage.source, {})
        found = {p: data for p, data in files.items() if p == path or p.startswith(f"{path}/")}
        if not found:
            raise NotFound("There is no such snapshot on the storage.")
        yield archive([ContainerFile(name + p[len(path) :], found[p], 0o644) for p in found])

    async def storage_write(
        self, storage: Storage, path: str, chunks: AsyncIterator[bytes]
    ) -> None:
        self._answer()
        checked(path)
        files = self._storages.setdefault(storage.source, {})
        if any(p == path or p.startswith(f"{path}/") for p in files):
            raise Conflict("Something of this name is on the storage already.")
        whole = io.BytesIO(b"".join([chunk async for chunk in chunks]))
        with tarfile.open(fileobj=whole) as tar:
            members = [(each.name, tar.extractfile(each)) for each in tar]
            files |= {f"{path}/{name}": file.read() for name, file in members if file}

    async def storage_remove(self, storage: Storage, path: str) -> None:
        self._answer()
        checked(path)
        files = self._storages.get(storage.source, {})
        for gone in [p for p in files if p == path or p.startswith(f"{path}/")]:
            del files[gone]

    async def storage_sign(self, storage: Storage, path: str, key: bytes) -> None:
        self._answer()
        checked(path)
        files = self._storages.get(storage.source, {})
        found = [p for p in files if p.startswith(f"{path}/") and p.rpartition("/")[2] in SIGNED]
        if not found:
            raise NotFound("There is no such snapshot on the storage.")
        for place in found:
            files[place] = signed(place.rpartition("/")[2], files[place], key)

    async def storage_sweep(self) -> None:
        self._answer()

    async def images(self) -> list[HostImage]:
        self._answer()
        named = {image.id: (image, ref) for ref, image in self._local.items()}
        layers = {layer.id: (layer, "") for layer in self._layers.values()}
        return [self._listed(image, ref) for image, ref in {**layers, **named}.values()]

    async def remove_image(self, image_id: str) -> None:
        self._answer()
        if any(box.image.id == image_id for box in self._boxes.values()):
            raise Conflict("A container is made from this image.")
        if image_id in self._layers:
            raise Conflict("Another image is made from this one.")
        self._local = {ref: i for ref, i in self._local.items() if i.id != image_id}
        self._layers = {base: i for base, i in self._layers.items() if i.id != image_id}

    async def disk(self) -> DiskSpace:
        self._answer()
        return DiskSpace()

    async def version(self) -> str:
        self._answer()
        return "memory"

    async def close(self) -> None:
        await self._jobs.close()

    # -- inside ------------------------------------------------------------------------------------

    def _listed(self, image: Image, reference: str) -> HostImage:
        published = self._published.get(reference)
        return HostImage(
            id=image.id,
            references=(reference,) if reference else (),
            size=published.size if published else 0,
            labels=image.labels,
            in_use=any(box.image.id == image.id for box in self._boxes.values()),
        )

    async def _pull(self, ref: ImageRef, auth: RegistryAuth | None, report: Report) -> Image:
        report(LaunchEvent("pulling", "phase", f"Pulling {ref.familiar}"))
        entry = self._published.get(str(ref))
        if entry is None:
            raise ImageNotFound(f"There is no image {ref.familiar} in its registry.")
        self._authorize(ref, auth)
        half = entry.size // 2
        report(LaunchEvent("pulling", "progress", done=half, total=entry.size, percent=50.0))
        await self._pass("pulling")
        report(LaunchEvent("pulling", "progress", done=entry.size, total=entry.size, percent=100.0))
        self.pulls += 1
        self._local[str(ref)] = entry.image
        return entry.image

    async def _build(self, image: Image, report: Report) -> Image:
        report(LaunchEvent("preparing", "phase", f"Adding the launcher to {image.reference}"))
        entry = self._published.get(str(ImageRef.parse(image.reference)))
        if entry and not entry.python:
            raise NoPython(f"{image.reference} has no Python.", hint="Add Python 3.8 or later.")
        report(LaunchEvent("preparing", "log", "Found Python 3.11"))
        await self._pass("preparing")
        self.builds += 1
        labels = {**image.labels, LABEL_PROTOCOL: str(PROTOCOL_VERSION), LABEL_LAYER_OF: image.id}
        layer = replace(image, id=f"{image.id}+launcher", labels=labels, python=LAYER_PYTHON)
        self._layers[image.id] = layer
        return layer

    async def _pass(self, phase: str) -> None:
        await asyncio.sleep(0)
        if phase in self._held:
            await self._held[phase].wait()
        self._answer()

    def _authorize(self, ref: ImageRef, auth: RegistryAuth | None) -> None:
        wanted = self._published[str(ref)].credentials
        if wanted is not None and auth != wanted:
            raise RegistryDenied(f"The registry refused {ref.familiar}.")

    def _turn(self, container_id: str, status: ContainerStatus) -> None:
        box = self._box(container_id)
        if not box.status.alive:
            raise Conflict("The container is not running.")
        box.change(status)

    def _box(self, container_id: str) -> _Box:
        self._answer()
        if container_id not in self._boxes:
            raise NotFound(f"There is no container {container_id}.")
        return self._boxes[container_id]

    def _answer(self) -> None:
        if not self.available:
            raise EngineUnavailable("The container engine does not answer.")
