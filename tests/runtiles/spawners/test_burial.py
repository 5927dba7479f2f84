"""The end of containers, on the in-memory engine and a real store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtiles.catalogue import Catalogue
from runtiles.contract.protocol import LABEL_HUB, LABEL_LAUNCH, LABEL_SERVER, LABEL_USER
from runtiles.engines.base import Image, ignore
from runtiles.engines.memory import MemoryEngine
from runtiles.gpus import Gpu, GpuPool
from runtiles.policy import SitePolicy
from runtiles.spawners.burial import bury, orphans, reap
from runtiles.spawners.site import Site
from runtiles.store import Store

HOSTILE = '##runtiles## {"phase":"hook","kind":"progress","done":1e999}'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    yield Site(
        hub_id="hub",
        catalogue=Catalogue([], []),
        policy=SitePolicy(),
        store=store,
        engine=MemoryEngine(),
        gpus=GpuPool(inventory=lambda: [Gpu("GPU-1")]),
    )
    store.close()


def make(site: Site, user: str, launch: str) -> str:
    engine: Any = site.engine
    labels = {LABEL_HUB: "hub", LABEL_USER: user, LABEL_SERVER: "lab", LABEL_LAUNCH: launch}
    container: str = engine.create(f"lab-of-{user}", Image("sha256:1", "image"), labels)
    engine.start(container)
    engine.write(container, HOSTILE)
    engine.write(container, "last words")
    return container


async def test_the_last_words_are_kept_and_the_container_is_gone(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    container = make(site, "ada", "l1")
    await bury(site, container, user="ada", server="lab", launch_id="l1", state="stopped")
    await site.recorder.flush()
    assert await site.engine.status(container) is None
    assert "last words" in site.store.logs.get("ada", "lab")
    assert site.store.launches.get("l1").state == "stopped"


async def test_a_failure_that_is_recorded_stays_recorded(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    site.store.launches.finish("l1", "failed", error={"code": "x"})
    await bury(
        site, make(site, "ada", "l1"), user="ada", server="lab", launch_id="l1", state="failed"
    )
    await site.recorder.flush()
    assert site.store.launches.get("l1").state == "failed"


async def test_only_what_the_hub_does_not_run_is_reaped(site: Site) -> None:
    kept, orphan = make(site, "ada", "l1"), make(site, "bob", "l2")
    await site.gpus.acquire("bob/lab/l2", 1, report=ignore)
    found = await reap(site, lambda: {("ada", "lab")})
    assert [container.id for container in found] == [orphan]
    assert await site.engine.status(kept) is not None
    assert await site.engine.status(orphan) is None
    assert await site.gpus.count() == (1, 1)
    assert orphans(await site.engine.find("hub"), {("ada", "lab")}) == []


async def test_a_lease_without_container_or_server_is_given_back(site: Site) -> None:
    await site.gpus.acquire("gone/lab/l9", 1, report=ignore)
    await reap(site, lambda: {("gone", "lab")})
    assert await site.gpus.count() == (0, 1)
    await reap(site, set)
    assert await site.gpus.count() == (1, 1)
