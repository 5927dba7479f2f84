"""AdmittingSpawner: the page where people choose, and the one gate that every launch passes."""

import asyncio
from collections.abc import Mapping
from typing import Any

from jupyterhub.utils import url_path_join
from traitlets import default

from runtiles.contract.errors import RuntilesError
from runtiles.contract.protocol import SERVICE_NAME
from runtiles.options import LaunchRequest, to_user_options
from runtiles.pages import GpuCount, gallery_data, gallery_html, titles

from . import gate
from .failures import spawn_exception
from .telling import TellingSpawner


class AdmittingSpawner(TellingSpawner):
    """What it admits is in `_request` until it is launched; what it refuses the Hub forgets again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request: LaunchRequest | None = None

    @default("options_form")
    def _default_options_form(self) -> Any:
        return AdmittingSpawner._gallery

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
            teams=self.teams,
            server=self.runtime_name,
            named=self.user.allow_named_servers,
            previous=previous,
            recent=await gate.recent_tiles(site, self.user.name),
            gpus=gpus,
            currency=site.policy.currency,
            closed=await gate.closed(site),
            again=bool(self.orm_spawner.user_options or self.orm_spawner.last_activity),
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
        return AdmittingSpawner._admit

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
