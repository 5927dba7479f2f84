"""The Hub's ledger and the driver's numbers in one answer."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from runtiles.gpus import GpuUse
from runtiles.service.admin.gpus.manager import GPUS, GpuManager
from runtiles.service.admin.gpus.meter import GpuMeter
from runtiles.store import Store

PUBLISHED = {
    "gpus": [
        {"uuid": "GPU-1", "model": "H200", "memory": 100},
        {"uuid": "GPU-2", "model": "", "memory": 0},
    ],
    "leases": {"ada//l1": ["GPU-1"]},
    "queue": [
        {"holder": "bob/lab/l2", "count": 2, "models": ["H200"]},
        {"holder": "eve/x/l3", "count": 1, "models": []},
    ],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    yield store
    store.close()


class Driver:
    def __init__(self) -> None:
        self.asked = 0

    def read(self) -> Mapping[str, GpuUse]:
        self.asked += 1
        return {"GPU-1": GpuUse("GPU-1", 40, 97)}


async def test_each_gpu_with_its_holder_and_what_it_does(store: Store) -> None:
    driver = Driver()
    manager = GpuManager(store.facts, GpuMeter(driver.read))
    store.facts.publish(GPUS, PUBLISHED)
    found = await manager.overview()
    assert found["gpus"] == [
        {
            "uuid": "GPU-1",
            "model": "H200",
            "memory": 100,
            "memory_used": 40,
            "utilization": 97,
            "holder": {"user": "ada", "name": "default"},
        },
        {
            "uuid": "GPU-2",
            "model": "",
            "memory": None,
            "memory_used": None,
            "utilization": None,
            "holder": None,
        },
    ]
    assert found["queue"] == [
        {"user": "bob", "name": "lab", "position": 1, "gpus": 2, "models": ["H200"]},
        {"user": "eve", "name": "x", "position": 2, "gpus": 1, "models": []},
    ]
    assert await manager.count() == {"total": 2, "free": 1}
    await manager.overview()
    assert driver.asked == 1


async def test_before_the_hub_has_spoken_the_list_is_the_drivers(store: Store) -> None:
    manager = GpuManager(store.facts, GpuMeter(dict))
    found = await manager.overview()
    assert found["queue"] == []
    assert all(gpu["holder"] is None for gpu in found["gpus"])
