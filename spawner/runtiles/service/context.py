"""Everything the handlers need, built once at the start."""

from dataclasses import dataclass

from runtiles.catalogue import LiveCatalogue, builtin_paths
from runtiles.engines.base import Engine
from runtiles.store import KeyFile, Store

from .admin.catalogue.manager import CatalogueAdmin
from .admin.panel import Panel, open_panel
from .catalogue.manager import CatalogueManager
from .contexts.archives import Archives
from .contexts.manager import ContextManager
from .hub import Hub
from .idle.keeping import Idle, open_idle
from .idle.reservations import Reservations
from .launch_spec.manager import SpecManager
from .runtimes.access_tokens import AccessTokens
from .runtimes.actions import Actions
from .runtimes.directory import Directory
from .runtimes.feed import Feed
from .runtimes.follow import Follower
from .runtimes.freezing import Freezer
from .runtimes.gateway import Gateway
from .runtimes.kernels import Kernels
from .runtimes.launcher import Launcher
from .runtimes.logs import RuntimeLogs
from .runtimes.manager import RuntimeManager
from .runtimes.pausing.pauser import Pauser
from .runtimes.pausing.worker import PauseWorker
from .runtimes.progress import EventTail
from .runtimes.records import Records
from .runtimes.transfers import Transfers, public_url
from .secrets.manager import SecretManager
from .settings import Settings
from .snapshots.files import SnapshotFiles
from .snapshots.manager import SnapshotManager
from .snapshots.tidy import Tidy


@dataclass(frozen=True)
class Context:
    settings: Settings
    store: Store
    hub: Hub
    gateway: Gateway
    snapshot_files: SnapshotFiles
    snapshots: SnapshotManager
    kernels: Kernels
    catalogue: CatalogueManager
    catalogue_admin: CatalogueAdmin
    runtimes: RuntimeManager
    launcher: Launcher
    actions: Actions
    idle: Idle
    transfers: Transfers
    follower: Follower
    feed: Feed
    logs: RuntimeLogs
    specs: SpecManager
    secrets: SecretManager
    access_tokens: AccessTokens
    contexts: ContextManager
    admin: Panel

    def close(self) -> None:
        self.gateway.close()
        self.hub.close()
        self.store.close()


def open_context(settings: Settings, engine: Engine | None, hub: Hub) -> Context:
    """Loads catalogue, key and database. Raises a contract error that names what is wrong."""
    store = Store(settings.store_url, KeyFile(settings.key_file))
    catalogue = _catalogue(settings, store)
    directory = Directory(hub, store.changes)
    idle = open_idle(settings, store, catalogue)
    runtimes = RuntimeManager(
        hub, store, catalogue, directory, Records(store), idle=idle.desk.shown
    )
    contexts = ContextManager(store, Archives(settings.contexts), settings.policy)
    contexts.sweep(halves=True)
    gateway = Gateway(store, ssl_context=hub.ssl_context)
    launcher = Launcher(hub, store, catalogue, settings.policy, runtimes, contexts)
    freezer = Freezer(store, runtimes, engine)
    tidy = Tidy(store, SnapshotFiles.of(engine, gateway, store), settings.policy)
    worker = PauseWorker(store, gateway, hub, freezer, tidy, settings.hub_token)
    pauser = Pauser(store, runtimes, gateway, freezer, worker, settings.policy)
    reservations = Reservations(
        store, runtimes, catalogue, settings.policy, idle.population.changed
    )
    kernels = Kernels(runtimes, gateway)
    actions = Actions(runtimes, launcher, freezer, pauser, kernels, reservations)
    idle.serve(hub, gateway, actions)
    return Context(
        settings=settings,
        store=store,
        hub=hub,
        gateway=gateway,
        snapshot_files=tidy.files,
        snapshots=SnapshotManager(store, tidy),
        kernels=actions.kernels,
        catalogue=CatalogueManager(catalogue, store.facts),
        catalogue_admin=CatalogueAdmin(catalogue, store, settings.policy),
        runtimes=runtimes,
        launcher=launcher,
        actions=actions,
        idle=idle,
        transfers=Transfers(runtimes, gateway, public_url()),
        follower=Follower(runtimes, store, EventTail(store.events)),
        feed=Feed(runtimes, store.changes),
        logs=RuntimeLogs(store, engine),
        specs=SpecManager(store, contexts),
        secrets=SecretManager(hub, store),
        access_tokens=AccessTokens(hub, store, runtimes),
        contexts=contexts,
        admin=open_panel(
            store,
            hub,
            engine,
            actions,
            catalogue=lambda: catalogue.current,
            currency=settings.policy.currency,
        ),
    )


def _catalogue(settings: Settings, store: Store) -> LiveCatalogue:
    builtin = builtin_paths() if settings.builtin_tiles else []
    return LiveCatalogue([*builtin, *settings.catalogue_paths], store.overrides)
