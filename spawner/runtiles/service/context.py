"""Everything the handlers need, built once at the start."""

from dataclasses import dataclass

from runtiles.catalogue import Catalogue, builtin_paths, load_catalogue
from runtiles.engines.base import Engine
from runtiles.store import Store, load_key

from .catalogue.manager import CatalogueManager
from .hub import Hub
from .launch_spec.manager import SpecManager
from .runtimes.follow import Follower
from .runtimes.launcher import Launcher
from .runtimes.logs import RuntimeLogs
from .runtimes.manager import RuntimeManager
from .runtimes.progress import EventTail
from .settings import Settings


@dataclass(frozen=True)
class Context:
    settings: Settings
    store: Store
    hub: Hub
    catalogue: CatalogueManager
    runtimes: RuntimeManager
    launcher: Launcher
    follower: Follower
    logs: RuntimeLogs
    specs: SpecManager

    def close(self) -> None:
        self.hub.close()
        self.store.close()


def open_context(settings: Settings, engine: Engine | None, hub: Hub) -> Context:
    """Loads catalogue, key and database. Raises a contract error that names what is wrong."""
    catalogue = _catalogue(settings)
    store = Store(settings.store_url, load_key(settings.key_file))
    runtimes = RuntimeManager(hub, store, catalogue)
    return Context(
        settings=settings,
        store=store,
        hub=hub,
        catalogue=CatalogueManager(catalogue, store.facts),
        runtimes=runtimes,
        launcher=Launcher(hub, store, catalogue, settings.policy, runtimes),
        follower=Follower(runtimes, store, EventTail(store.events)),
        logs=RuntimeLogs(store, engine),
        specs=SpecManager(store),
    )


def _catalogue(settings: Settings) -> Catalogue:
    builtin = builtin_paths() if settings.builtin_tiles else []
    return load_catalogue([*builtin, *settings.catalogue_paths])
