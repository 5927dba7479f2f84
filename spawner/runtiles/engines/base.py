"""The engine: what a backend must be able to do, and the values that backends speak in.

Guarantees that every backend keeps (tests/runtiles/engines/contract.py runs over all of them):

* An engine that does not answer raises `EngineUnavailable`: never taken for a stopped container.
* Only contract errors leave an engine; no library's own exception does.
* Nothing here blocks the event loop, and no control call waits for a pull or a build.
* Cancelling a call gives everything it held back (threads, sockets, its share of a pull).
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from runtiles.contract.events import LaunchEvent
from runtiles.images import ImageRef
from runtiles.values.loglines import LogLine

#: Takes each event of a launch as it happens, on the event loop. Must not raise and must not block.
Report = Callable[[LaunchEvent], None]
#: missing = pull when the host has no such image; always = ask the registry each time; never = only
#: what the host has.
PullPolicy = Literal["missing", "always", "never"]
#: exited covers every end; paused = held by the cgroup freezer ("frozen" in our words).
ContainerState = Literal["created", "running", "paused", "exited"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


def ignore(event: LaunchEvent) -> None:
    """The Report of a caller that does not listen."""


@dataclass(frozen=True)
class RegistryAuth:
    """One user's credentials for one registry. Lives for one call; never written, never logged."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Image:
    """An image on the host.

    `reference` is what people call it; **create containers from `id`**, because a tag may move
    between the authorization and the start. `digest` is the registry's `repository@sha256:…`, empty
    for an image that was never in one; a prepared image keeps reference and digest of the image it
    came from. `user` is the image's own USER (empty = root). `python` runs the launcher; None until
    prepared.
    """

    id: str
    reference: str
    labels: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    python: str | None = None
    digest: str = ""


@dataclass(frozen=True)
class ContainerStatus:
    """`exit_code` and `oom_killed` tell of the end and mean something only when state is exited.

    `started_at` and `ended_at` are seconds since the epoch, None before the first start and where the
    engine does not know. `ip` is the container's
    address on its first network, empty when it has none. `error` is the engine's own reason why a
    start failed.
    """

    state: ContainerState
    exit_code: int | None = None
    oom_killed: bool = False
    started_at: float | None = None
    ended_at: float | None = None
    ip: str = ""
    error: str = ""

    @property
    def alive(self) -> bool:
        """It holds its memory and devices: running or frozen."""
        return self.state in ("running", "paused")


@dataclass(frozen=True)
class Container:
    """A container with our labels, alive or not."""

    id: str
    name: str
    labels: Mapping[str, str]
    status: ContainerStatus


@dataclass(frozen=True)
class ContainerUsage:
    """`cpu` in cores, over the time since the last question about this container (since its start for
    the first). `memory` in bytes, without what the kernel could drop at once (its file cache);
    `memory_limit` is None where there is none."""

    cpu: float
    memory: int
    memory_limit: int | None = None


@dataclass(frozen=True)
class HostImage:
    """An image on the host, whoever put it there. `references` are its names with tag or digest in
    normal form; `created` is seconds since the epoch; `size` in bytes, the parts that it shares with
    others included. `in_use`: some container is made from it, running or not."""

    id: str
    references: tuple[str, ...] = ()
    size: int = 0
    created: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    in_use: bool = False


@dataclass(frozen=True)
class DiskSpace:
    """Of the disk that holds the images, in bytes; None where nobody can tell from here."""

    total: int | None = None
    free: int | None = None


@dataclass(frozen=True)
class Storage:
    """Where a user's files are that outlive their runtimes. `source` is what is mounted at /storage: the
    name of a volume or a path of the host (of processes: the folder itself); `image` is the id of an image
    that a runtime with this storage was made from."""

    image: str
    source: str

    @classmethod
    def of(cls, recorded: Mapping[str, Any] | None) -> "Storage | None":
        """From the dict in a launch or snapshot; None for none."""
        return cls(**recorded) if recorded else None


@dataclass(frozen=True)
class Owner:
    """Numeric user and group of a file in a container."""

    uid: int = 0
    gid: int = 0


@dataclass(frozen=True)
class ContainerFile:
    """A file (or, with `directory`, a folder) to put into a container. `path` is absolute.

    Missing parents are made, owned by root, 0755. `content` may be a token: it is not in the repr.
    """

    path: str
    content: bytes = field(default=b"", repr=False)
    mode: int = 0o600
    owner: Owner = Owner()
    directory: bool = False


class Engine(ABC):
    """Bound to the event loop of its first call; `close()` it there."""

    @abstractmethod
    async def ensure_image(
        self,
        ref: ImageRef,
        *,
        policy: PullPolicy = "missing",
        auth: RegistryAuth | None = None,
        report: Report = ignore,
    ) -> Image:
        """The image on the host, pulled if the policy says so, **authorized for this caller**.

        Callers who ask for the same reference with the same credentials share one pull; each hears
        the latest state at once and then 2 to 4 progress events a second (bytes summed over layers,
        `percent` never falls). A caller's cancellation ends the pull only when no other waits for
        it. An image that came with credentials is given only to who shows the registry good ones.
        Raises ImageNotFound, RegistryDenied, PullFailed, PhaseTimeout (nothing moved for too long;
        a pull that moves is never cut), EngineUnavailable.
        """

    @abstractmethod
    async def prepare(self, image: Image, *, report: Report = ignore) -> Image:
        """The image with a launcher in it: itself when it brings one, else its derived layer.

        The layer is built once per image id and cached on the host; concurrent callers share the
        build. Apart from /opt/runtiles and our labels it is the image: USER, ENV, WORKDIR and
        ENTRYPOINT stay. The result's `python` is set.
        Raises NoPython, LayerFailed, EngineUnavailable.
        """

    @abstractmethod
    async def find(
        self, hub: str, user: str | None = None, server: str | None = None
    ) -> list[Container]:
        """All containers labelled with this hub (and user, and server), in any state."""

    @abstractmethod
    async def status(self, container_id: str) -> ContainerStatus | None:
        """None = there is no such container. Usually a cache read for a container of our hub."""

    @abstractmethod
    async def wait(self, container_id: str) -> ContainerStatus | None:
        """Returns as soon as the container has ended (None = it is gone)."""

    @abstractmethod
    async def usage(self, container_id: str) -> ContainerUsage | None:
        """What it uses now; None when it does not run or is gone."""

    @abstractmethod
    async def lines(
        self, container_id: str, *, tail: int | None = None, since: float | None = None
    ) -> list[LogLine]:
        """Both streams, in order of time: the last `tail` lines, `since` epoch seconds.

        However much was printed, at most the last 4 MiB of it and 100,000 lines. Empty if gone.
        """

    @abstractmethod
    def follow_lines(
        self, container_id: str, *, since: float | None = None
    ) -> AsyncGenerator[LogLine, None]:
        """Lines from the first (or from `since`, inclusive) until the container ends.

        Use with `aclosing`. Begin after the start: a container that never ran has no log to wait on.
        """

    async def logs(
        self, container_id: str, *, tail: int | None = None, since: float | None = None
    ) -> str:
        """`lines` as text."""
        found = await self.lines(container_id, tail=tail, since=since)
        return "".join(f"{line.text}\n" for line in found)

    async def follow(self, container_id: str) -> AsyncGenerator[str, None]:
        """The texts of `follow_lines`, from the first."""
        async with aclosing(self.follow_lines(container_id)) as lines:
            async for line in lines:
                yield line.text

    @abstractmethod
    async def put_files(self, container_id: str, files: Sequence[ContainerFile]) -> None:
        """Puts them into a created or running container, not into its volumes' mount points."""

    @abstractmethod
    async def owner_of(self, container_id: str) -> Owner:
        """Numeric user and group that the container's process runs as.

        The names of the container's user (`name`, `uid`, `name:group`, `uid:gid`; empty = root) are
        looked up in its own /etc/passwd and /etc/group. It need not be running.
        Raises LaunchFailed when it knows no such user, NotFound when there is no such container.
        """

    @abstractmethod
    async def freeze(self, container_id: str) -> None:
        """Stops its clock. Raises NotFound; a frozen one stays frozen."""

    @abstractmethod
    async def thaw(self, container_id: str) -> None:
        """Lets it run on. Raises NotFound; a running one keeps running."""

    @abstractmethod
    async def stop(self, container_id: str, grace: float = 10.0) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds. Thaws first. Fine if ended or gone."""

    @abstractmethod
    async def remove(self, container_id: str) -> None:
        """Removes it, running or not, with its anonymous volumes. Fine if gone."""

    # -- files of a user's storage, below `.runtiles/` ---------------------------------------------
    #
    # What is there belongs to the user and may be anything. A path is relative and plain (NotAllowed);
    # where a link is in its way it is not there. Nothing else is read, written or removed.

    @abstractmethod
    def storage_read(self, storage: Storage, path: str) -> AsyncGenerator[bytes, None]:
        """The folder or file as a tar stream whose names begin with the last part of `path`; its links are
        links in it. Use with `aclosing`. Raises NotFound."""

    @abstractmethod
    async def storage_write(
        self, storage: Storage, path: str, chunks: AsyncIterator[bytes]
    ) -> None:
        """A new folder with the contents of a tar stream, whose names are relative to it.

        The caller vouches for the names in it. Whole, or not there. Raises Conflict where something of that
        name is there, NotFound without the storage itself, and what `chunks` raises.
        """

    @abstractmethod
    async def storage_remove(self, storage: Storage, path: str) -> None:
        """With everything in it, links themselves and not what they lead to. Fine if gone.

        Raises Conflict where it cannot be removed.
        """

    @abstractmethod
    async def storage_sign(self, storage: Storage, path: str, key: bytes) -> None:
        """Signs a snapshot that came from elsewhere: from then on it counts as this user's own.

        Raises NotFound, Conflict where it is not a snapshot.
        """

    @abstractmethod
    async def storage_sweep(self) -> None:
        """Takes away what a killed process left of the calls above."""

    @abstractmethod
    async def images(self) -> list[HostImage]:
        """Every image that has a name or is a whole image without one; build leftovers are not."""

    @abstractmethod
    async def remove_image(self, image_id: str) -> None:
        """Takes its names away and then itself. Fine if gone.

        Raises Conflict, with the image and all its names as they were, when a container or another
        image is made from it.
        """

    @abstractmethod
    async def disk(self) -> DiskSpace:
        """How full the disk of the images is."""

    @abstractmethod
    async def version(self) -> str:
        """The engine's own version, for people. Raises EngineUnavailable."""

    @abstractmethod
    async def close(self) -> None:
        """Ends subscriptions, pulls, builds and threads. Containers stay as they are."""
