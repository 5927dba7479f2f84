"""What all spawners of one Hub share: the catalogue, the policy, the store, the engine, the GPUs."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtiles.catalogue import LiveCatalogue, builtin_paths
from runtiles.engines.base import Engine
from runtiles.gpus import GpuPool
from runtiles.policy import SitePolicy
from runtiles.store import KeyFile, Store

from .recorder import Recorder


@dataclass(frozen=True)
class SiteSettings:
    """The configuration that makes a site; equal settings share one."""

    hub_id: str
    store_url: str
    secret_key_file: str
    catalogue_paths: tuple[str, ...]
    builtin_tiles: bool
    policy: str
    engine: str


@dataclass
class Site:
    """Built once per Hub and configuration."""

    hub_id: str
    catalogue: LiveCatalogue
    policy: SitePolicy
    store: Store
    engine: Engine
    gpus: GpuPool
    recorder: Recorder = field(default_factory=Recorder)
    reaper: asyncio.Task[None] | None = None
    #: Launches under way or cleaning up: the event loop itself keeps only weak references.
    tasks: set[asyncio.Future[Any]] = field(default_factory=set)


class Sites:
    """Remembers the site of each configuration: the Hub makes a spawner object per server and start,
    and they must share one engine connection, one GPU ledger and one database."""

    def __init__(self) -> None:
        self._sites: dict[SiteSettings, Site] = {}

    def get(self, settings: SiteSettings, build: Callable[[SiteSettings], Site]) -> Site:
        if settings not in self._sites:
            self._sites[settings] = build(settings)
        return self._sites[settings]


def open_catalogue(settings: SiteSettings, policy: SitePolicy, store: Store) -> LiveCatalogue:
    """The built-in tiles and machines, then the site's own files, later ones winning by slug, then
    what the admin panel changed. Raises CatalogueError, also for a policy that names what no file has."""
    own = [Path(path) for path in settings.catalogue_paths]
    builtin = builtin_paths() if settings.builtin_tiles else []
    catalogue = LiveCatalogue([*builtin, *own], store.overrides)
    # Of the files alone: what an admin switches off in the panel must not keep the site from starting.
    catalogue.files.check_defaults(tile=policy.default_tile, machine=policy.default_machine)
    return catalogue


def open_store(settings: SiteSettings) -> Store:
    key = KeyFile(settings.secret_key_file) if settings.secret_key_file else None
    return Store(settings.store_url, key)


def open_policy(values: Mapping[str, Any]) -> SitePolicy:
    return SitePolicy.model_validate(dict(values))
