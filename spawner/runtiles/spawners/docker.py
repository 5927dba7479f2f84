"""Runtimes as Docker containers: DockerSpawner's configuration, our core.

DockerSpawner runs every Docker call of every user on one thread, pulls without a word, resumes an old
container with its old image, and loses the log of a crash. So its configuration traits, templates and
`create_object` are kept, and start, stop, poll and the calls themselves are ours.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, cast

from docker.errors import APIError
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env
from dockerspawner import DockerSpawner
from jupyterhub.utils import url_path_join
from traitlets import Float, Integer, List, Unicode, default

from runtiles import names
from runtiles.contract.errors import NotAllowed
from runtiles.contract.protocol import (
    RUNTIME_PORT,
    STORAGE_DIR,
    TOKEN_FILE,
    WORKSPACES_DIR,
)
from runtiles.engines.base import ContainerFile, Engine, Image, Owner, Storage
from runtiles.engines.docker import DockerEngine
from runtiles.engines.docker_build import BuildOptions
from runtiles.engines.docker_start_errors import start_error
from runtiles.engines.docker_status import storage_source
from runtiles.engines.layer import PackageSource
from runtiles.engines.shared import to_its_end
from runtiles.gpus import GpuPool
from runtiles.plan import LaunchPlan

from .boot import Boot
from .burial import held_gpus
from .container import ContainerSettings, machine_text, merged, stricter
from .launch_steps import LaunchSteps
from .returning import note_address
from .site import SiteSettings


class DockerRuntimeSpawner(LaunchSteps, DockerSpawner):
    """A runtime in a Docker container on this host."""

    engine_name: ClassVar[str] = "docker"
    # DockerSpawner's own traits, which it does not annotate.
    mem_limit: int | None
    cpu_limit: float | None
    volumes: dict[str, Any]

    _settings: ContainerSettings | None = None

    storage_volume = Unicode(
        "runtiles-{username}",
        config=True,
        help="Name of a user's volume at /storage, shared by the user's runtimes; empty for none.",
    )
    pids_limit = Integer(4096, config=True, help="Processes and threads a runtime may have.")
    cap_drop = List(
        Unicode(),
        default_value=["AUDIT_WRITE", "MKNOD", "NET_RAW", "SETFCAP"],
        config=True,
        help="Linux capabilities that a runtime does without.",
    )
    gpu_uuids = List(
        Unicode(),
        config=True,
        help="The GPUs to hand out, by UUID; empty: all that nvidia-smi lists.",
    )
    layer_network = Unicode(
        config=True,
        help="Network mode of layer builds: `host` where the engine's default cannot reach the index.",
    )
    layer_index_url = Unicode(config=True, help="Package index of layer builds; empty: pip's own.")
    layer_wheelhouse = Unicode(
        config=True, help="Folder of wheels: layers are built from it alone, without any network."
    )
    layer_extra_ca = Unicode(
        config=True, help="CA bundle (PEM) that pip trusts while a layer is built."
    )
    trusted_images = List(
        Unicode(),
        config=True,
        help="""Patterns of images that any user may have without their registry being asked: for
        images of unreachable registries that an admin loaded by hand.""",
    )
    engine_state_dir = Unicode(
        config=True,
        help="Folder that remembers which cached images are public; empty: asked again per start.",
    )
    pull_stall_timeout = Float(
        180.0, config=True, help="Seconds without progress before a pull fails."
    )

    @default("port")
    def _default_port(self) -> int:
        return RUNTIME_PORT

    @property
    def will_resume(self) -> bool:
        """A container never outlives its server, so neither does the server's token."""
        return False

    def _make_engine(self, settings: SiteSettings) -> Engine:
        build = BuildOptions(source=self._package_source(), network=self.layer_network)
        return DockerEngine(
            settings.hub_id,
            client_kwargs=self._client_options(),
            build=build,
            state_dir=Path(self.engine_state_dir) if self.engine_state_dir else None,
            trusted_images=self.trusted_images,
            pull_stall=self.pull_stall_timeout,
        )

    def _package_source(self) -> PackageSource:
        wheelhouse, extra_ca = self.layer_wheelhouse, self.layer_extra_ca
        return PackageSource(
            index=self.layer_index_url,
            wheelhouse=Path(wheelhouse) if wheelhouse else None,
            ca_bundle=Path(extra_ca) if extra_ca else None,
        )

    def _client_options(self) -> dict[str, Any]:
        """As DockerSpawner makes them."""
        options = kwargs_from_env()
        if self.tls_config:
            options["tls"] = TLSConfig(**self.tls_config)
        return {**options, **self.client_kwargs}

    def _make_gpus(self, settings: SiteSettings, engine: Engine) -> GpuPool:
        return GpuPool(self.gpu_uuids or None, held=partial(held_gpus, engine, settings.hub_id))

    # DockerSpawner reaches the engine through these two; ours has the threads and the timeouts.

    @property
    def client(self) -> Any:
        # Connected by the calls before: this only builds a dictionary.
        return self._docker_engine.door.client()

    def docker(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "create_container" and self._settings is not None:
            kwargs = merged(kwargs, self._settings)
        return self._docker_engine.door.raw(method, *args, **kwargs)

    @property
    def _docker_engine(self) -> DockerEngine:
        return cast(DockerEngine, self.engine)

    # -- a launch ---------------------------------------------------------------------------------

    async def _launch(self, planned: LaunchPlan) -> tuple[str, int]:
        image = await self._image(planned)
        # Before the queue: a leftover may hold the very GPUs that this launch would wait for.
        await self._bury_leftovers()
        gpus = await self._gpus(planned)
        self.enter("creating", planned.image.familiar)
        self._apply(planned)
        self._settings = self._container_settings(planned, image, gpus)
        await self._create(image, gpus)
        self.enter("starting", machine_text(planned))
        with self._explained():
            await self.start_object()
        address = await self._address(planned)
        await self._boot(address, planned)
        return address

    async def _address(self, planned: LaunchPlan) -> tuple[str, int]:
        """Where the started container is reached, after the site's `post_start_cmd`."""
        try:
            if self.post_start_cmd:
                await self.post_start_exec()
            address: tuple[str, int] = await self.get_ip_and_port()
        except (APIError, RuntimeError) as error:
            status = await self.engine.status(self.object_id)
            if status is not None and status.state != "exited":
                raise
            # It ended within milliseconds: why is in its last words, not in this error.
            boot = Boot(self.report_line, self.silence_timeout)
            raise await self._ended(boot, planned.memory) from error
        return address

    async def _create(self, image: Image, gpus: Sequence[str]) -> None:
        try:
            with self._explained():
                created = await to_its_end(self.create_object())
        finally:
            # What else DockerSpawner creates (for certificates) is none of ours.
            self._settings = None
        self.object_id = created["Id"]
        self._record(
            image_digest=image.digest,
            container_id=self.object_id,
            gpus=tuple(gpus),
            storage=await self._kept_storage(image),
        )
        owner = await self.engine.owner_of(self.object_id)
        await self.engine.put_files(self.object_id, self._files(owner))

    async def _kept_storage(self, image: Image) -> dict[str, str] | None:
        """What really is mounted there: `storage_volume`, or whatever the site put in its place."""
        source = storage_source(await self.docker("inspect_container", self.object_id))
        return asdict(Storage(image.id, source)) if source else None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except APIError as error:
            raise start_error(error, self.object_name) from error

    def _apply(self, planned: LaunchPlan) -> None:
        """The plan in DockerSpawner's own traits, where these say nothing stricter."""
        # For name templates and JUPYTER_IMAGE_SPEC; the container itself is made from the image id.
        self.image = planned.image.familiar
        self.mem_limit = stricter(self.mem_limit, planned.memory)
        self.cpu_limit = stricter(self.cpu_limit, planned.cpus)
        if self.storage_volume:
            self.volumes = {**self.volumes, self._volume(): STORAGE_DIR}
        self.volumes = {**self.volumes, **self._mounted(planned)}

    def _mounted(self, planned: LaunchPlan) -> dict[str, dict[str, str]]:
        """The volumes that the user asked for and the policy lets them have."""
        before, _, after = self.storage_volume.partition("{username}")
        for mount in planned.mounts:
            name = mount.source
            if self.storage_volume and name.startswith(before) and name.endswith(after):
                raise NotAllowed(f"The volume {name} is a user's own storage.")
        return {
            mount.source: {"bind": mount.target, "mode": "ro" if mount.read_only else "rw"}
            for mount in planned.mounts
        }

    def _container_settings(
        self, planned: LaunchPlan, image: Image, gpus: Sequence[str]
    ) -> ContainerSettings:
        return ContainerSettings(
            image_id=image.id,
            entrypoint=(image.python or "python3", "-m", "runtiles_server.launch"),
            user=planned.container_user,
            labels=self._labels(planned, gpus),
            environment=self.launcher_env(self._workspace(), STORAGE_DIR, TOKEN_FILE),
            shm=planned.shm or 0,
            pids_limit=self.pids_limit,
            gpus=gpus,
            cap_drop=self.cap_drop,
        )

    async def get_command(self) -> list[str]:
        # The entrypoint is the whole command; the tile's own one travels in the LaunchSpec.
        return []

    def _volume(self) -> str:
        return self.storage_volume.replace("{username}", names.escaped_user(self.user.name))

    def _workspace(self) -> str:
        """A site's own notebook_dir wins; else a folder of the user's storage."""
        folder = names.workspace_folder(self.runtime_name)
        return self.notebook_dir or f"{STORAGE_DIR}/{WORKSPACES_DIR}/{folder}"

    def _files(self, owner: Owner) -> list[ContainerFile]:
        """The token, and folders that a container user other than root may write."""
        token_dir = str(PurePosixPath(TOKEN_FILE).parent)
        files = [
            ContainerFile(token_dir, mode=0o700, owner=owner, directory=True),
            ContainerFile(TOKEN_FILE, self.api_token.encode(), 0o600, owner),
        ]
        if self.storage_volume:
            # One person's volume, perhaps several uids: everyone may add, nobody may take away.
            shared = (STORAGE_DIR, f"{STORAGE_DIR}/{WORKSPACES_DIR}")
            files += [ContainerFile(path, mode=0o1777, directory=True) for path in shared]
        if self.storage_volume and not self.notebook_dir:
            files.append(ContainerFile(self._workspace(), mode=0o755, owner=owner, directory=True))
        return files

    async def get_url(self) -> str:
        """Where the server is now: after a Hub restart in the middle of a launch the Hub itself
        does not know it, and the engine does."""
        await self._wake()
        try:
            found = self._address_url(await self.get_ip_and_port())
        except Exception as error:  # noqa: BLE001 - the Hub asks unguarded while it starts
            self.log.warning("The engine does not say where %s is: %s", self._log_name, error)
            url: str = await super().get_url()
            return url
        address = url_path_join(found, self.server.base_url)
        self._submit(partial(note_address, self.site.store, self.launch_id, address))
        return found
