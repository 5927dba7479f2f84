"""The end of containers, on the in-memory engine and a real store."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from runtiles.catalogue import LiveCatalogue
from runtiles.contract.events import LaunchEvent, encode_line
from runtiles.contract.protocol import LABEL_HUB, LABEL_LAUNCH, LABEL_SERVER, LABEL_USER
from runtiles.engines.base import Image, ignore
from runtiles.engines.memory import MemoryEngine
from runtiles.gpus import Gpu, GpuPool
from runtiles.policy import SitePolicy
from runtiles.spawners.burial import bury, end_interrupted, orphans, reap
from runtiles.spawners.failures import cancelled, failed_event
from runtiles.spawners.site import Site
from runtiles.store import Store
from runtiles.store.logs import CUT
from runtiles.values.loglines import LogLine

HOSTILE = '##runtiles## {"phase":"hook","kind":"progress","done":1e999}'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    yield Site(
        hub_id="hub",
        catalogue=LiveCatalogue(),
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


async def test_what_ended_while_nobody_looked_is_charged_until_then(site: Site) -> None:
    launches, now = site.store.launches, time.time()
    launches.record("ada", "lab", "l1", options={}, spec={})
    launches.update("l1", state="running", started_at=now - 7200)
    container, engine = make(site, "ada", "l1"), cast(MemoryEngine, site.engine)
    engine.finish(container, 1, at=now - 3600)
    await bury(site, container, user="ada", server="lab", launch_id="l1", state="stopped")
    await site.recorder.flush()
    assert launches.get("l1").ended_at == now - 3600
    (use,) = site.store.usage.within(0.0, now + 60)
    assert use.seconds_within(0.0, now + 60) == 3600


async def test_the_last_words_are_kept_and_the_container_is_gone(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    container = make(site, "ada", "l1")
    await bury(site, container, user="ada", server="lab", launch_id="l1", state="stopped")
    await site.recorder.flush()
    assert await site.engine.status(container) is None
    (kept,) = site.store.logs.of_launch("l1").values()
    assert [line.text for line in kept] == ["last words"]
    assert site.store.launches.get("l1").state == "stopped"


async def test_each_line_is_kept_under_its_phase(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    site.store.logs.save("ada", "lab", "l1", [LogLine(1.0, "cloning", "workspace")])
    engine: Any = site.engine
    container = make(site, "ada", "l1")
    for line in (
        encode_line(LaunchEvent("workspace", "log", "cloning, seen from the container")),
        encode_line(LaunchEvent("server", "phase", "Starting the server")),
        encode_line(LaunchEvent("server", "failed", "told by the spawner")),
        "the server speaks",
    ):
        engine.write(container, line)
    await bury(site, container, user="ada", server="lab", launch_id="l1", state="stopped")
    await site.recorder.flush()
    kept = site.store.logs.of_launch("l1")
    assert [line.text for line in kept["workspace"]] == ["cloning"]
    assert [line.text for line in kept["server"]] == ["Starting the server", "the server speaks"]


async def test_the_log_of_a_launch_that_failed_is_the_containers(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    site.store.logs.save("ada", "lab", "l1", [LogLine(1.0, "heard so far", "workspace")])
    engine: Any = site.engine
    container = make(site, "ada", "l1")
    engine.write(container, encode_line(LaunchEvent("hook", "phase", "Running the hook")))
    engine.write(container, "the end of it")
    await bury(site, container, user="ada", server="lab", launch_id="l1", state="failed")
    await site.recorder.flush()
    texts = [line.text for line in site.store.logs.of_launch("l1")["workspace"]]
    assert texts == ["last words", "Running the hook", "the end of it"]


async def test_a_flood_keeps_its_end_under_the_phase_that_it_was_printed_in(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    event = LaunchEvent("workspace", "phase", "Cloning")
    site.store.events.append("ada", "lab", "l1", event)
    engine: Any = site.engine
    container = make(site, "ada", "l1")
    for number in range(20_000):
        engine.write(container, f"{number} {'x' * 100}")
    await bury(site, container, user="ada", server="lab", launch_id="l1", state="failed")
    await site.recorder.flush()
    kept = site.store.logs.of_launch("l1")
    assert list(kept) == ["workspace"]
    assert kept["workspace"][0].text == CUT
    assert kept["workspace"][-1].text.startswith("19999 ")
    assert sum(len(line.text) for line in kept["workspace"]) < 256 * 1024


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


def told(store: Store) -> tuple[str, str]:
    """The state of the launch and the code of its error, as recorded and as told."""
    launch, last = store.launches.get("l1"), store.events.last("l1")
    code = str((launch.error or {}).get("code", ""))
    assert last is None or last.event.details.get("code", "") == code
    return launch.state, code


async def test_a_launch_that_nobody_ended_was_interrupted(site: Site) -> None:
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    site.store.events.append("ada", "lab", "l1", LaunchEvent("pulling", "progress", percent=50.0))
    # A container that was never started is buried before anybody asks how the launch ended.
    site.store.launches.finish("l1", "stopped")
    end_interrupted(site.store, "ada", "lab")
    assert told(site.store) == ("failed", "interrupted")
    last = site.store.events.last("l1")
    assert last is not None
    assert last.event.phase == "pulling"


async def test_a_launch_of_which_nothing_was_heard_was_interrupted_too(site: Site) -> None:
    end_interrupted(site.store, "ada", "lab")
    site.store.launches.record("ada", "lab", "l1", options={}, spec={})
    end_interrupted(site.store, "ada", "lab")
    assert told(site.store) == ("failed", "interrupted")


async def test_what_has_an_end_keeps_it(site: Site) -> None:
    store = site.store
    store.launches.record("ada", "lab", "l1", options={}, spec={})
    store.launches.update("l1", state="running", started_at=1.0)
    store.launches.finish("l1", "stopped")
    end_interrupted(store, "ada", "lab")
    assert told(store) == ("stopped", "")
    store.launches.record("ada", "lab", "l2", options={}, spec={})
    store.events.append("ada", "lab", "l2", failed_event("pulling", cancelled()))
    end_interrupted(store, "ada", "lab")
    assert store.launches.get("l2").error is None


async def test_what_waits_for_its_write_waits_for_those_before(site: Site) -> None:
    written: list[int] = []

    def fails() -> None:
        raise OSError("the disk is full")

    for number in range(3):
        site.recorder.submit(partial(written.append, number))
    await site.recorder.done(fails)
    assert written == [0, 1, 2]
