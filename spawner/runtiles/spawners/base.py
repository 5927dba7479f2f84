"""RuntimeSpawner: the gate, the launch from plan to ready or failed, and the events that tell of it.

What happens on an engine is in `contained`, what is special to one engine in that engine's class.
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

from jupyterhub.spawner import Spawner
from jupyterhub.utils import url_path_join
from sqlalchemy.orm import Session, object_session
from tornado.web import HTTPError
from traitlets import Bool, Dict, Float, Integer, List, Unicode, default

from runtiles.contract.errors import RuntilesError
from runtiles.contract.events import MAX_MESSAGE, PHASES, LaunchEvent, decode_line
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
    SERVICE_NAME,
)
from runtiles.engines.base import Engine
from runtiles.gpus import GpuPool
from runtiles.options import LaunchRequest, to_user_options
from runtiles.pages import GpuCount, gallery_data, gallery_html, titles
from runtiles.plan import LaunchPlan, plan
from runtiles.store import load_key, site_of

from . import gate
from .failures import (
    cancelled,
    failed_event,
    failure_card,
    spawn_exception,
    unexpected,
)
from .launch_log import LaunchLog
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
        self.launch_log = LaunchLog()
        #: For the pages: why the last launch failed, or None.
        self.failure: dict[str, Any] | None = None
        #: Seconds since the epoch at which the runtime is stopped, None for no limit.
        self.expires_at: float | None = None
        self._request: LaunchRequest | None = None
        self._tile = ""
        self._work: asyncio.Future[Any] | None = None
        self._cancelled = False

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

    # -- options ----------------------------------------------------------------------------------

    @default("options_form")
    def _default_options_form(self) -> Any:
        return RuntimeSpawner._gallery

    async def _gallery(self) -> str:
        """The inside of the spawn page's form."""
        site = self.site
        previous = await gate.previous_options(site, self.user.name, self.name)
        try:
            gpus = await self._free_gpus()
        except RuntilesError:
            # An engine that is down is told where it matters: at the start.
            gpus = {}
        data = gallery_data(
            await site.catalogue.fresh(within=0),
            site.policy,
            server=self.runtime_name,
            named=self.user.allow_named_servers,
            previous=previous,
            recent=await gate.recent_tiles(site, self.user.name),
            gpus=gpus,
            currency=site.policy.currency,
            closed=await gate.closed(site),
            service_url=url_path_join(self.hub.base_url[: -len("hub/")], "services", SERVICE_NAME),
        )
        return gallery_html(data)

    def titles(self) -> dict[str, Any] | None:
        """For the Hub's pages: how tiles and machines are called. None where nobody knows."""
        try:
            catalogue = self.site.catalogue
        except RuntilesError:
            return None
        # Nobody waits for it: what an admin renamed has its new name on the next page.
        self._keep(asyncio.ensure_future(catalogue.fresh()))
        return titles(catalogue.current)

    def _keep(self, work: "asyncio.Future[Any]") -> None:
        """The event loop itself keeps only weak references."""
        self.site.tasks.add(work)
        work.add_done_callback(self.site.tasks.discard)

    async def _free_gpus(self) -> dict[str, GpuCount]:
        """By machine: how many of the GPUs that it accepts are free, and how many there are."""
        machines = (await self.site.catalogue.fresh()).machines.values()
        counted = {m.slug: await self.site.gpus.count(m.gpu_models) for m in machines if m.gpus}
        return {slug: GpuCount(free=free, total=total) for slug, (free, total) in counted.items()}

    @default("options_from_form")
    def _default_options_from_form(self) -> Any:
        return lambda form: gate.from_form(self.site, self.user.name, self.runtime_name, form)

    async def options_from_query(self, query: Mapping[str, list[Any]]) -> dict[str, Any]:
        return await gate.from_query(self.site, query)

    @default("apply_user_options")
    def _default_apply_user_options(self) -> Any:
        return RuntimeSpawner._admit

    async def _admit(self, options: Mapping[str, Any]) -> None:
        """The gate. What it refuses leaves the previous options as they were, in the Hub too."""
        others = sum(s.active for s in self.user.spawners.values() if s is not self)
        try:
            request = await gate.admit(
                self.site, self.user.name, self.name, options, active=others, teams=self.teams
            )
        except RuntilesError as error:
            previous = await gate.previous_options(self.site, self.user.name, self.name)
            self._keep_options(previous)
            raise spawn_exception(error) from None
        self._request = request
        self._keep_options(to_user_options(request))

    def _keep_options(self, options: dict[str, Any]) -> None:
        """Overwrite what the Hub stored unseen: it may hold a password, and it is shown to admins."""
        self.user_options = options
        self.orm_spawner.user_options = options
        self.hub_session.commit()

    @property
    def hub_session(self) -> Session:
        """The Hub's own database session: used for the two things that the Hub offers no call for."""
        return cast(Session, object_session(self.orm_spawner))

    # -- a launch ---------------------------------------------------------------------------------

    async def start(self) -> Any:
        """The Hub's entry. Whatever happens, nothing of a failed launch stays behind."""
        self._cancelled = False
        self._work = asyncio.ensure_future(self._whole_launch())
        self._keep(self._work)
        try:
            return await asyncio.shield(self._work)
        except asyncio.CancelledError:
            # Given back at once: the Hub waits a second for it and then gives up on the server.
            # The launch cleans up behind its back, and `settled` waits for that.
            self._cancelled = True
            self._work.cancel()
            raise

    async def settled(self) -> None:
        """Returns when a cancelled launch has taken away what it made."""
        if self._cancelled and self._work is not None and not self._work.done():
            await asyncio.wait({self._work})

    async def _whole_launch(self) -> Any:
        try:
            self._begin()
            planned = await self._plan()
            address = await self._launch(planned)
        except BaseException as error:
            # Also a cancellation: the Hub does not call stop() for a start that it cancelled.
            await self._fail(error)
            if isinstance(error, RuntilesError):
                raise spawn_exception(error) from error
            raise
        self.report(LaunchEvent(phase="ready", kind="ready", message="The runtime is ready."))
        self.limit_from(planned.time_limit)
        self._record(state="running", started_at=time.time())
        await self._started()
        return address

    def _begin(self) -> None:
        self.launch_id = secrets.token_hex(8)
        self.failure = None
        if self.launch_log.events:
            self.launch_log = LaunchLog()

    async def _plan(self) -> LaunchPlan:
        if self._request is None:
            # A site replaced apply_user_options: the gate is not optional.
            await self._admit(self.user_options)
        # Taken, so that a later start of the same object goes through the gate again.
        request, self._request = cast(LaunchRequest, self._request), None
        self._tile = request.tile
        catalogue = self.site.catalogue.current
        machine = catalogue.machine(request.machine)
        planned = plan(request, catalogue.tile(request.tile), machine, self.site.policy)
        # Awaited, unlike every other write: the launcher asks for this record.
        await asyncio.to_thread(
            self.site.store.launches.record,
            self.user.name,
            self.name,
            self.launch_id,
            options=to_user_options(request),
            spec=planned.spec().to_dict(),
            token=self.api_token,
            tile=planned.tile,
            machine=planned.machine,
            image=str(planned.image),
            price_per_hour=machine.price_per_hour,
        )
        return planned

    async def _launch(self, planned: LaunchPlan) -> tuple[str, int]:
        """Bring the plan to life; returns address and port once the server answers there."""
        raise NotImplementedError

    def limit_from(self, time_limit: int | None) -> None:
        """Seconds from now; None for no limit."""
        self.expires_at = time.time() + time_limit if time_limit else None

    async def _started(self) -> None:
        """After the launch: what has to be looked after while the runtime lives."""

    async def _clean_up(self) -> None:
        """Take away whatever this launch made, in any state, also when there is nothing."""
        raise NotImplementedError

    async def stop(self, now: bool = False) -> None:
        raise NotImplementedError

    async def poll(self) -> int | str | None:
        raise NotImplementedError

    async def _fail(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            reason: RuntilesError = cancelled()
        elif isinstance(error, RuntilesError):
            reason = error
        else:
            reason = unexpected(error)
            self.log.error("Launch of %s failed", self._log_name, exc_info=error)
        last = self.launch_log.last
        event = failed_event(
            last.phase if last else PHASES[0], reason, self.launch_log.log_tail(self.log_lines)
        )
        self.failure = failure_card(event)
        self.report(event)
        finish = self.site.store.launches.finish
        self._submit(partial(finish, self.launch_id, "failed", error=reason.to_dict()))
        try:
            await asyncio.shield(self._clean_up())
        except RuntilesError as problem:
            # The reaper comes back for it when the engine answers again.
            self.log.warning("Could not clean up after %s: %s", self._log_name, problem)

    def report(self, event: LaunchEvent) -> None:
        """Tell everybody who follows this launch, and the store."""
        if not self.launch_log.add(event):
            return
        if self.launch_log.finished:
            self._keep_lines()
        append = self.site.store.events.append
        self._submit(partial(append, self.user.name, self.name, self.launch_id, event))

    def _keep_lines(self) -> None:
        """The ends of what was said before the server spoke: of a flood the events have the beginning."""
        if lines := self.launch_log.take_lines():
            save = self.site.store.logs.save
            self._submit(partial(save, self.user.name, self.name, self.launch_id, lines))

    def report_line(self, phase: str, line: str) -> LaunchEvent:
        """A line of the container's output: the launcher's own event, or a log line of `phase`."""
        event = decode_line(line) or LaunchEvent(phase, "log", line[:MAX_MESSAGE])
        if PHASES.index(event.phase) < PHASES.index("starting"):
            # No container was there to speak of it.
            event = replace(event, phase=phase)
        # Only the spawner says how a launch ends: the container's word comes from other people's code.
        if event.kind == "ready":
            event = LaunchEvent(phase=event.phase, kind="log", message=event.message)
        if event.kind != "failed":
            self.report(event)
        return event

    def enter(self, phase: str, message: str) -> None:
        self.report(LaunchEvent(phase=phase, kind="phase", message=message))

    def _record(self, **changes: Any) -> None:
        self._submit(partial(self.site.store.launches.update, self.launch_id, **changes))

    def _submit(self, write: Any) -> None:
        self.site.recorder.submit(write)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """For the Hub's pending page; each open tab replays it from the first event."""
        log = self.launch_log
        async for event in log.follow():
            yield {
                "progress": log.percent,
                "message": event.message,
                "event": event.to_dict(),
            }

    # -- what the launcher is told --------------------------------------------------------------------

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

    def delete_forever(self) -> None:
        """The Hub deletes this server for good; the user's files are not the server's."""
        super().delete_forever()
        gate.forget(self.site, self.user.name, self.name, self.runtime_name)

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
