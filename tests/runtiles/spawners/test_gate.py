"""The gate of the Hub's side, with a real store: whose groups' limits hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtiles.catalogue import LiveCatalogue, builtin_paths
from runtiles.contract.errors import InvalidRequest
from runtiles.engines.memory import MemoryEngine
from runtiles.gpus import GpuPool
from runtiles.options import to_user_options
from runtiles.policy import SitePolicy
from runtiles.spawners.gate import admit
from runtiles.spawners.site import Site
from runtiles.store import Store

HOUR = 3600
POLICY = {
    "max_time_limit": "8h",
    "groups": {"students": {"max_time_limit": "4h"}, "staff": {"max_time_limit": "24h"}},
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    yield Site(
        hub_id="hub",
        catalogue=LiveCatalogue(builtin_paths()),
        policy=SitePolicy.model_validate(POLICY),
        store=store,
        engine=MemoryEngine(),
        gpus=GpuPool(inventory=list),
    )
    store.close()


@pytest.mark.parametrize(
    ("teams", "hours"),
    [((), 8), (("crew",), 8), (("students",), 4), (("students", "staff"), 24)],
)
async def test_a_request_is_within_the_limits_of_its_users_groups(
    site: Site, teams: tuple[str, ...], hours: int
) -> None:
    options = {"tile": "python", "time_limit": f"{hours}h"}
    request = await admit(site, "ada", "lab", options, teams=teams)
    assert request.time_limit == hours * HOUR
    options["time_limit"] = f"{hours}h1s"
    with pytest.raises(InvalidRequest) as caught:
        await admit(site, "ada", "lab", options, teams=teams)
    assert caught.value.fields.keys() == {"time_limit"}


async def test_the_start_button_of_who_left_a_group(site: Site) -> None:
    """The same tile again, no longer than is allowed now: not another tile, and no refusal."""
    first = await admit(
        site, "ada", "lab", {"tile": "pytorch-1-10", "time_limit": "20h"}, teams=("staff",)
    )
    site.store.launches.record("ada", "lab", "l1", options=to_user_options(first), spec={})
    again = await admit(site, "ada", "lab", {}, teams=("students",))
    assert (again.tile, again.time_limit) == ("pytorch-1-10", 4 * HOUR)
