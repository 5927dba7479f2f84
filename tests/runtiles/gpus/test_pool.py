"""Waiting for GPUs, and giving them back whatever happens."""

import asyncio
import json

import pytest

from runtiles.contract.errors import NoGpu
from runtiles.contract.events import LaunchEvent
from runtiles.gpus import Gpu, GpuPool

HOST = [Gpu("GPU-1", "A100"), Gpu("GPU-2", "A100")]


def pool(**options: object) -> GpuPool:
    return GpuPool(inventory=lambda: HOST, **options)  # type: ignore[arg-type]


def ignore(event: LaunchEvent) -> None:
    pass


async def test_a_second_one_waits_and_hears_its_place() -> None:
    gpus = pool()
    assert await gpus.acquire("ada/", 2, report=ignore) == ("GPU-1", "GPU-2")
    heard: list[LaunchEvent] = []
    second = asyncio.create_task(gpus.acquire("bob/", 1, report=heard.append))
    third = asyncio.create_task(gpus.acquire("eve/", 2, report=heard.append))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [event.details["position"] for event in heard][-2:] == [1, 2]
    gpus.release("ada/")
    assert await second == ("GPU-1",)
    assert not third.done()
    gpus.release("bob/")
    assert await third == ("GPU-1", "GPU-2")


async def test_a_cancelled_wait_leaves_the_queue_and_keeps_nothing() -> None:
    gpus = pool()
    await gpus.acquire("ada/", 2, report=ignore)
    waiting = asyncio.create_task(gpus.acquire("bob/", 2, report=ignore))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    gpus.release("ada/")
    assert await gpus.count() == (2, 2)


async def test_a_wait_cancelled_in_the_moment_of_its_turn_passes_it_on() -> None:
    gpus = pool()
    await gpus.acquire("ada/", 2, report=ignore)
    bob = asyncio.create_task(gpus.acquire("bob/", 2, report=ignore))
    eve = asyncio.create_task(gpus.acquire("eve/", 2, report=ignore))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gpus.release("ada/")
    bob.cancel()
    assert await asyncio.wait_for(eve, 60) == ("GPU-1", "GPU-2")


async def test_containers_that_are_there_already_hold_theirs() -> None:
    async def held() -> dict[str, list[str]]:
        return {"ada/": ["GPU-1"]}

    gpus = pool(held=held)
    assert await gpus.acquire("bob/", 1, report=ignore) == ("GPU-2",)
    assert await gpus.leases() == {"ada/": ("GPU-1",), "bob/": ("GPU-2",)}


async def test_a_site_may_name_the_gpus_it_hands_out() -> None:
    gpus = pool(only=["GPU-2", "GPU-unlisted"])
    assert await gpus.acquire("ada/", 2, report=ignore) == ("GPU-2", "GPU-unlisted")
    with pytest.raises(NoGpu):
        await gpus.acquire("bob/", 3, report=ignore)


async def test_releasing_before_anything_was_asked_is_fine() -> None:
    pool().release("nobody/")


async def test_a_snapshot_tells_who_holds_what_and_who_waits_for_what() -> None:
    gpus = pool()
    await gpus.acquire("ada//1", 1, report=ignore)
    waiting = asyncio.create_task(gpus.acquire("bob/lab/2", 2, models=("A100",), report=ignore))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    found = json.loads(json.dumps(await gpus.snapshot()))
    assert [gpu["uuid"] for gpu in found["gpus"]] == ["GPU-1", "GPU-2"]
    assert found["gpus"][0] == {"uuid": "GPU-1", "model": "A100", "memory": 0}
    assert found["leases"] == {"ada//1": ["GPU-1"]}
    assert found["queue"] == [{"holder": "bob/lab/2", "count": 2, "models": ["A100"]}]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (await gpus.snapshot())["queue"] == []
