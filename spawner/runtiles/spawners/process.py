"""Runtimes as plain processes: the same tiles, workspaces and hooks, no isolation.

For one trusted person's demo on a machine without an engine. Images, container users, limits and GPUs
mean nothing here: every runtime uses this environment's Python.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, cast

from jupyterhub.utils import random_port
from traitlets import Unicode

from runtiles import names
from runtiles.contract.protocol import ENV_CPU_THRESHOLD, TOKEN_FILE, WORKSPACES_DIR
from runtiles.engines.base import ContainerFile, Engine, Storage
from runtiles.engines.process import ProcessEngine
from runtiles.gpus import GpuPool
from runtiles.plan import LaunchPlan

from .launch_steps import LaunchSteps
from .site import SiteSettings


class ProcessRuntimeSpawner(LaunchSteps):
    """A runtime as a process of the Hub's own user."""

    engine_name: ClassVar[str] = "process"

    process_dir = Unicode(
        "runtiles-processes",
        config=True,
        help="Folder for the runtimes' files: storage/USER and one folder per running process.",
    )

    def _make_engine(self, settings: SiteSettings) -> Engine:  # noqa: ARG002
        return ProcessEngine(Path(self.process_dir) / "running")

    def _make_gpus(self, settings: SiteSettings, engine: Engine) -> GpuPool:  # noqa: ARG002
        return GpuPool([])

    @property
    def _process_engine(self) -> ProcessEngine:
        return cast(ProcessEngine, self.engine)

    async def _launch(self, planned: LaunchPlan) -> tuple[str, int]:
        engine = self._process_engine
        image = await self._image(planned)
        await self._bury_leftovers()
        self.enter("creating", "Preparing the process.")
        self.object_id = self.launch_id
        await engine.create(self.object_id)
        await engine.put_files(
            self.object_id, [ContainerFile(TOKEN_FILE, self.api_token.encode(), 0o600)]
        )
        self.port = random_port()
        storage = self._storage()
        kept = asdict(Storage(image.id, str(storage)))
        self._record(container_id=self.object_id, storage=kept)
        storage.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.enter("starting", "Starting the process.")
        await engine.launch(
            self.object_id,
            [image.python or "python3", "-m", "runtiles_server.launch"],
            env=self._environment(storage),
            cwd=storage,
            labels=self._labels(planned, ()),
        )
        address = ("127.0.0.1", self.port)
        await self._boot(address, planned)
        return address

    def _storage(self) -> Path:
        folder = names.volume_name(self.user.name)
        return (Path(self.process_dir) / "storage" / folder).absolute()

    def _environment(self, storage: Path) -> dict[str, str]:
        workspace = self.notebook_dir or str(
            storage / WORKSPACES_DIR / names.workspace_folder(self.runtime_name)
        )
        token = self._process_engine.folder(self.object_id) / TOKEN_FILE.lstrip("/")
        own = self.launcher_env(workspace, str(storage), str(token.absolute()))
        # Without a control group of its own everybody's work on this machine would count as its.
        defaults = {ENV_CPU_THRESHOLD: "inf"}
        # Its own home: a demo must not scatter Jupyter's files over the home of whoever started it.
        return {**defaults, **self.get_env(), "HOME": str(storage), **own}

    def get_state(self) -> dict[str, Any]:
        state = super().get_state()
        if self.object_id:
            state.update(object_id=self.object_id, port=self.port)
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.object_id = state.get("object_id", "")
        self.port = state.get("port", 0)
