"""Pulls through the whole site: bytes on the page, one pull for all who wait, and nobody else waits."""

import asyncio

import docker
import pytest

from tests.fixtures.hub import wait_until
from tests.fixtures.images import random_image
from tests.fixtures.registry import Registry, SlowRoad
from tests.integration.site import Person, Site

pytestmark = [pytest.mark.engine, pytest.mark.registry]


@pytest.fixture
def big_image(docker_client: docker.APIClient, open_registry: Registry) -> str:
    """REPOSITORY:TAG of a new image in the open registry and no longer on the host."""
    source = random_image(docker_client, "big", layers=2, size=3_000_000)
    open_registry.push(source, "team/big:1")
    docker_client.remove_image(source, force=True)
    return "team/big:1"


async def test_bytes_are_counted_and_waiters_share_one_pull(
    site: Site, big_image: str, slow_road: SlowRoad
) -> None:
    name = f"{await slow_road.start()}/{big_image}"
    first, second = site.person(), site.person()
    # The image has no Python: the launch ends after the pull, which is all this is about.
    results = await asyncio.gather(
        asyncio.to_thread(first.fails, "plain", image=name),
        asyncio.to_thread(second.fails, "plain", image=name),
    )
    assert {last["details"]["code"] for last in results} == {"no_python"}
    for person in (first, second):
        moved = [
            event
            for event in await asyncio.to_thread(person.events)
            if event["phase"] == "pulling" and event.get("total")
        ]
        percents = [event["percent"] for event in moved if "percent" in event]
        assert percents == sorted(percents)
        assert moved[-1]["done"] <= moved[-1]["total"]
    assert slow_road.carried < 2 * 6_000_000


async def test_twenty_starts_do_not_wait_for_a_pull_that_hangs(
    site: Site, big_image: str, slow_road: SlowRoad
) -> None:
    name = f"{await slow_road.start()}/{big_image}"
    waiting = site.person()
    await asyncio.to_thread(waiting.launch, "plain", image=name)
    # In the middle of a layer: a registry that does not even answer the first question is given up by
    # the engine itself, after half a minute.
    await asyncio.to_thread(wait_until, lambda: slow_road.carried > 500_000, 60, "bytes to flow")
    slow_road.open.clear()

    people: list[Person] = [site.person() for _ in range(20)]
    await asyncio.gather(*(asyncio.to_thread(person.ready, "plain") for person in people))

    runtime = await asyncio.to_thread(waiting.runtime)
    assert (runtime["state"], runtime["phase"]) == ("starting", "pulling")
    await asyncio.gather(*(asyncio.to_thread(person.stop) for person in people))


async def test_a_cancelled_pull_is_dropped(
    site: Site, big_image: str, slow_road: SlowRoad, docker_client: docker.APIClient
) -> None:
    name = f"{await slow_road.start()}/{big_image}"
    person = site.person()
    await asyncio.to_thread(person.launch, "plain", image=name)
    await asyncio.to_thread(person.until_phase, "pulling")
    await asyncio.to_thread(wait_until, lambda: slow_road.connections > 0, 30, "the pull to begin")
    with person.api as api:
        assert (await asyncio.to_thread(api.post, "/runtimes/lab/stop")).status_code < 300
    await asyncio.to_thread(wait_until, lambda: slow_road.connections == 0, 30, "the pull to end")
    names = [tag for image in docker_client.images() for tag in image["RepoTags"] or []]
    assert name not in names


async def test_a_hub_killed_during_a_pull_leaves_nothing(
    site: Site, big_image: str, slow_road: SlowRoad
) -> None:
    name = f"{await slow_road.start()}/{big_image}"
    person = site.person()
    await asyncio.to_thread(person.launch, "plain", image=name)
    await asyncio.to_thread(person.until_phase, "pulling")
    site.hub.kill()
    await asyncio.to_thread(site.hub.start)
    await asyncio.to_thread(site.hub.wait_for, "/services/runtiles/api")
    runtime = await asyncio.to_thread(person.runtime)
    assert runtime["state"] in ("stopped", "failed")
    await asyncio.to_thread(person.nothing_left)
    await asyncio.to_thread(person.ready, "plain", "another")
