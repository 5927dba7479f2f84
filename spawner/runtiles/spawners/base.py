"""RuntimeSpawner: what every runtime has: its settings, its site, what its launcher is told, its state.

On it stand, each in its file and in this order: `telling` (the events of a launch), `admission` (the gate
to one), `launching` (from plan to ready or failed), `reserved` (until when it may run),
`contained` (life and end on an engine) and `launch_steps` (what a launch consists of); then a class for
each engine.
"""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any, ClassVar, cast

from jupyterhub.spawner import Spawner
from jupyterhub.utils import maybe_future
from sqlalchemy.orm import Session, object_session
from tornado.web import HTTPError
from traitlets import Bool, Dict, Float, Integer, List, Unicode, default

from runtiles.contract.protocol import (
    DEFAULT_RUNTIME,
    ENV_LAUNCH_ID,
    ENV_LAUNCH_URL,
    ENV_PROTOCOL,
    ENV_STORAGE_DIR,
    ENV_TILE,
    ENV_TOKEN_FILE,
    ENV_WORKSPACE_DIR,
    PROTOCOL_VERSION,
)
from runtiles.engines.base import Engine
from runtiles.gpus import GpuPool
from runtiles.store import load_key, site_of

from . import gate
from .site import Site, Sites, SiteSettings, open_catalogue, open_policy, open_store


class RuntimeSpawner(Spawner):
    """A Hub server that is a runtime: one tile on one machine for one user."""

    engine_name: ClassVar[str] = ""
    _sites: ClassVar[Sites] = Sites()

    catalogue_paths = List(
        Unicode(),
        config=True,
        help="YAML files with tiles and machines, after the built-in ones; a later file wins by slug.",
    )
    builtin_tiles = Bool(True, config=True, help="Offer the built-in tiles and machines.")
    policy = Dict(
        config=True,
        help="What users may ask for beyond the tiles: the fields of runtiles.policy.SitePolicy.",
    )
    store_url = Unicode(
        "sqlite:///runtiles.sqlite",
        config=True,
        help="SQLAlchemy URL of the store that the Hub and the Runtiles service share.",
    )
    secret_key_file = Unicode(
        "runtiles.key",
        config=True,
        help="The key that encrypts users' secrets; created, readable by its owner only, if missing.",
    )
    service_url = Unicode(
        config=True,
        help="""Base URL of the Runtiles service as a runtime reaches it, for example
        http://172.17.0.1:8181/services/runtiles. The launcher fetches its LaunchSpec there.""",
    )
    hub_id = Unicode(
        config=True,
        help="Tells the containers of several Hubs on one engine apart. Must never change.",
    )
    silence_timeout = Float(
        120.0,
        config=True,
        help="Seconds without a sign of life from a starting container before the launch fails.",
    )
    log_lines = Integer(50, config=True, help="Lines of output that a failure card shows.")

    @default("start_timeout")
    def _no_overall_timeout(self) -> int:
        # Each phase has a deadline of its own that knows whether it moves; a limit on the sum would
        # cut a large pull that is doing well.
        return 24 * 3600

    @default("hub_id")
    def _default_hub_id(self) -> str:
        hub = self.config.get("JupyterHub", {})
        place = [str(Path.cwd()), str(hub.get("db_url", "")), self.hub.base_url]
        # The key is random and made once: two Hubs in containers may agree in everything else.
        key = site_of(load_key(self.secret_key_file)) if self.secret_key_file else b""
        return hashlib.sha256(json.dumps(place).encode() + key).hexdigest()[:12]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.launch_id = ""
        #: Seconds since the epoch at which the runtime is stopped, None for no limit.
        self.expires_at: float | None = None
        self._tile = ""

    # -- the site ---------------------------------------------------------------------------------

    @property
    def site(self) -> Site:
        settings = SiteSettings(
            hub_id=self.hub_id,
            store_url=self.store_url,
            secret_key_file=self.secret_key_file,
            catalogue_paths=tuple(self.catalogue_paths),
            builtin_tiles=self.builtin_tiles,
            policy=json.dumps(self.policy, sort_keys=True),
            engine=self.engine_name,
        )
        return self._sites.get(settings, self._build_site)

    def _build_site(self, settings: SiteSettings) -> Site:
        engine = self._make_engine(settings)
        policy, store = open_policy(self.policy), open_store(settings)
        return Site(
            hub_id=settings.hub_id,
            catalogue=open_catalogue(settings, policy, store),
            policy=policy,
            store=store,
            engine=engine,
            gpus=self._make_gpus(settings, engine),
        )

    def _make_engine(self, settings: SiteSettings) -> Engine:
        raise NotImplementedError

    def _make_gpus(self, settings: SiteSettings, engine: Engine) -> GpuPool:
        raise NotImplementedError

    @property
    def runtime_name(self) -> str:
        """The name in our API: the Hub's unnamed server is called `default`."""
        return self.name or DEFAULT_RUNTIME

    @property
    def teams(self) -> tuple[str, ...]:
        """The user's groups in the Hub at this moment: whose secrets they may use."""
        return tuple(group.name for group in self.user.orm_user.groups)

    @property
    def hub_session(self) -> Session:
        """The Hub's own database session: used for the two things that the Hub offers no call for."""
        return cast(Session, object_session(self.orm_spawner))

    def _keep(self, work: "asyncio.Future[Any]") -> None:
        """The event loop itself keeps only weak references."""
        self.site.tasks.add(work)
        work.add_done_callback(self.site.tasks.discard)

    # -- what the Hub asks for ---------------------------------------------------------------------

    async def start(self) -> Any:
        raise NotImplementedError

    async def stop(self, now: bool = False) -> None:
        raise NotImplementedError

    async def poll(self) -> int | str | None:
        raise NotImplementedError

    # -- what the launcher is told ----------------------------------------------------------------

    def launcher_env(self, workspace: str, storage: str, token_file: str) -> dict[str, str]:
        """The non-secret environment of contract/protocol.py."""
        return {
            ENV_PROTOCOL: str(PROTOCOL_VERSION),
            ENV_LAUNCH_ID: self.launch_id,
            ENV_TILE: self._tile,
            ENV_LAUNCH_URL: self.launch_url(),
            ENV_WORKSPACE_DIR: workspace,
            ENV_STORAGE_DIR: storage,
            ENV_TOKEN_FILE: token_file,
        }

    def launch_url(self) -> str:
        base = self.service_url.rstrip("/")
        return f"{base}/api/launch-spec/{self.runtime_name}?launch={self.launch_id}"

    def get_env(self) -> dict[str, str]:
        """Without the server's token: an environment can be read by anybody who may inspect."""
        env: dict[str, str] = super().get_env()
        for name in ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"):
            env.pop(name, None)
        return env

    async def rename(self, old_name: str, new_name: str) -> None:  # noqa: ARG002
        raise HTTPError(
            400, "A runtime keeps its name: its files are found by it. Change its display name."
        )

    async def delete_forever(self) -> None:
        """The Hub deletes this server for good; the user's files are not the server's."""
        await maybe_future(super().delete_forever())
        await gate.forget(self.site, self.user.name, self.name, self.runtime_name)

    # -- state ------------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        if self.launch_id:
            state["launch_id"] = self.launch_id
        if self.expires_at:
            state["expires_at"] = self.expires_at
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.launch_id = state.get("launch_id", "")
        self.expires_at = state.get("expires_at")
