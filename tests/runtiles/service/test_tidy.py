"""What a resume did not bring back is kept, however often the runtime is paused after it."""

from pathlib import Path
from typing import Any, cast

import pytest

from runtiles.contract.events import LaunchEvent
from runtiles.policy import SitePolicy
from runtiles.service.snapshots.tidy import Tidy
from runtiles.store import KeyFile, SnapshotRecord, Store


class Files:
    """Where nothing lies."""

    async def remove(self, record: SnapshotRecord) -> None:
        """Gone."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/store.sqlite", KeyFile(tmp_path / "key"))


def resumed(store: Store, number: int, *codes: str) -> None:
    """A launch from the snapshot before, of which so much is told, and its pause."""
    before, launch = f"s{number - 1}", f"l{number}"
    store.launches.record("ann", "lab", launch, options={"resume": before}, spec={})
    for code in codes:
        notice = LaunchEvent("restoring", "notice", "a.ipynb: …", details={"code": code})
        store.events.append("ann", "lab", launch, notice)
    store.launches.finish(launch, "stopped")
    saved(store, number)


def saved(store: Store, number: int) -> None:
    store.snapshots.add(SnapshotRecord(f"s{number}", "ann", "lab", float(number), 10), {})


async def kept(store: Store) -> dict[str, str]:
    tidy = Tidy(store, cast(Any, Files()), SitePolicy(keep_snapshots=1))
    await tidy.after_pause("ann", "lab")
    return {one.id: one.name for one in store.snapshots.of_user("ann")}


@pytest.mark.parametrize("code", ["kernel_failed", "kernel_running", "restored_in_part"])
async def test_what_did_not_come_back_stays(store: Store, code: str) -> None:
    saved(store, 1)
    resumed(store, 2, code)
    assert await kept(store) == {"s1": "Not all of it came back", "s2": ""}
    for number in range(3, 12):
        resumed(store, number)
        await kept(store)
    assert set(await kept(store)) == {"s1", "s11"}


async def test_what_came_back_makes_room(store: Store) -> None:
    saved(store, 1)
    # A kernel whose variables were never in the snapshot is no reason to keep it.
    resumed(store, 2, "kernel_not_carried")
    assert set(await kept(store)) == {"s2"}


async def test_a_name_of_its_owners_stays(store: Store) -> None:
    saved(store, 1)
    store.snapshots.update("ann", "s1", name="mine")
    resumed(store, 2, "kernel_failed")
    assert (await kept(store))["s1"] == "mine"
